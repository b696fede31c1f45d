// Runs the widgets of a page: modules of the anywidget contract, whose state is the server's. Each plugin with widgets
// serves this file; the first one that a page loads does all.
import { Model, refuse } from './model.js'

/** The models of the page, by what they are of: two views of one instance share one. */
const models = new Map()
/** The views, by their elements. */
const views = new Map()

const host = {
  getModel: () => refuse('Other widgets cannot be reached.'),
  getWidget: () => refuse('Other widgets cannot be reached.'),
}
const experimental = { invoke: () => refuse('This app takes no calls of widgets: set the state instead.') }

/** A model with its module, begun once for all its views. */
function begin(spec) {
  const model = new Model(spec)
  const end = new AbortController()
  const started = (async () => {
    const { default: found } = await import(spec.module)
    const definition = typeof found === 'function' ? await found() : found
    if (typeof definition?.render !== 'function') {
      throw new Error('Its module has no default export with “render”.')
    }
    const cleanup = await definition.initialize?.({ model: model.face, signal: end.signal, experimental })
    return { definition, cleanup }
  })()
  // The page may be older than the state by now.
  started.then(
    () => model.pull(),
    () => undefined,
  )
  return { model, started, end }
}

async function finish(cleanup) {
  try {
    await cleanup?.()
  } catch (error) {
    reportError(error)
  }
}

function styles(address) {
  const links = [...document.querySelectorAll('link[data-widget-css]')]
  if (!address || links.some((link) => link.getAttribute('href') === address)) return undefined
  const link = document.createElement('link')
  Object.assign(link, { rel: 'stylesheet', href: address })
  link.dataset.widgetCss = ''
  return new Promise((resolve) => {
    link.onload = resolve
    link.onerror = resolve
    document.head.append(link)
  })
}

/** One place of the page that shows an instance. */
class View {
  #element
  #place
  #note
  #spec
  #key
  #shared
  #gone = new AbortController()
  #cleanup

  constructor(element) {
    this.#element = element
    this.#spec = JSON.parse(element.dataset.widget)
    const { action, instance, module } = this.#spec
    this.#key = JSON.stringify([action, instance, module])
    this.#place = document.createElement('div')
    // Nothing of it lies above what the app shows over its pages.
    Object.assign(this.#place.style, { marginBlock: '1rem', maxWidth: '100%', isolation: 'isolate' })
    this.#note = document.createElement('p')
    Object.assign(this.#note, { className: 'error', role: 'alert', hidden: true })
    element.replaceChildren(this.#place, this.#note, this.#changes())
    const { signal } = this.#gone
    element.addEventListener('pointerdown', () => this.#shared.model.hold(true), { signal })
    for (const name of ['pointerup', 'pointercancel'])
      window.addEventListener(name, () => this.#shared.model.hold(false), { signal })
    this.#open()
  }

  /** The page refreshes what names the topic; here that is to ask for the state. */
  #changes() {
    const changes = document.createElement('div')
    changes.hidden = true
    changes.dataset.topics = this.#spec.topic
    changes.addEventListener('htmx:before:request', (event) => {
      event.preventDefault()
      event.stopPropagation()
      this.#shared.model.pull()
    })
    return changes
  }

  async #open() {
    if (!models.has(this.#key)) models.set(this.#key, begin(this.#spec))
    this.#shared = models.get(this.#key)
    const { model, started } = this.#shared
    model.sayers.add(this.#say)
    try {
      const [{ definition }] = await Promise.all([started, styles(this.#spec.css)])
      if (this.#gone.signal.aborted) return
      const given = { model: model.face, el: this.#place, signal: this.#gone.signal, host, experimental }
      const cleanup = await definition.render(given)
      if (this.#gone.signal.aborted) await finish(cleanup)
      else this.#cleanup = cleanup
    } catch (error) {
      reportError(error)
      this.#say(`This widget does not work: ${error?.message ?? error}`)
    }
  }

  #say = (text) => {
    this.#note.textContent = text
    this.#note.hidden = text === ''
  }

  /** The page was rendered again, with the same widget or another one. */
  async render() {
    const spec = JSON.parse(this.#element.dataset.widget)
    const { action, instance, module } = spec
    if (this.#key === JSON.stringify([action, instance, module])) {
      this.#spec = spec
      await this.#shared.model.render(spec)
      return
    }
    await this.close()
    views.set(this.#element, new View(this.#element))
  }

  async close() {
    views.delete(this.#element)
    const { model, started, end } = this.#shared
    model.sayers.delete(this.#say)
    const isLast = model.sayers.size === 0
    if (isLast) models.delete(this.#key)
    const saved = model.flush()
    this.#gone.abort()
    await finish(this.#cleanup)
    await saved
    if (!isLast) return
    end.abort()
    const { cleanup } = await started.catch(() => ({}))
    // It may also be an object that other widgets would use.
    if (typeof cleanup === 'function') await finish(cleanup)
  }
}

/** Follows what htmx does to the page: ends the widgets that have gone, and shows those that have come. */
function sweep() {
  for (const [element, view] of views) if (!element.isConnected) view.close()
  for (const element of document.querySelectorAll('[data-widget]'))
    if (!views.has(element)) views.set(element, new View(element))
}

function start() {
  let timer
  new MutationObserver((changes) => {
    for (const { type, target } of changes) if (type === 'attributes') views.get(target)?.render()
    clearTimeout(timer)
    timer = setTimeout(sweep)
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-widget'] })
  const flush = () => {
    for (const { model } of models.values()) model.flush()
  }
  document.addEventListener('visibilitychange', () => document.hidden && flush())
  window.addEventListener('pagehide', flush)
  sweep()
}

const mark = Symbol.for('localapp.widgets')
if (!window[mark]) {
  window[mark] = true
  start()
}
