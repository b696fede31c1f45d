import { raw } from '@localapp/core'
import MarkdownIt from 'markdown-it'

// No images: loading one would tell another server what stands in its address.
const markdown = new MarkdownIt({ html: false }).disable('image')
markdown.validateLink = (address) => /^(https?:\/\/|mailto:)/i.test(address.trim())
markdown.renderer.rules.link_open = (tokens, index, options, _env, renderer) => {
  tokens[index]?.attrSet('rel', 'noopener noreferrer')
  tokens[index]?.attrSet('target', '_blank')
  return renderer.renderToken(tokens, index, options)
}

/** Renders a model's Markdown. HTML in it is shown as text, images too, and links lead to the web or to mail alone. */
export function renderMarkdown(text: string) {
  return raw(markdown.render(text))
}
