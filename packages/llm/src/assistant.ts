import { readFileSync } from 'node:fs'
import { type AppHandle, link, Plugin, type PluginContext, t } from '@localapp/core'
import { Conversation, cutOff, type Turn } from './conversation.ts'
import { runTurn } from './loop.ts'
import type { Model } from './model/model.ts'
import { ollama } from './model/ollama.ts'
import { renderPanel } from './panel.ts'
import { resultOf } from './result.ts'
import { parseSlash, runSlash } from './slash.ts'

/** Options of {@link assistant}. */
export interface AssistantOptions {
  /** Default: `ollama()`, the first model on this machine that can use tools. */
  readonly model?: Model
}

/**
 * The assistant: a panel on every page, where a model calls the app's actions and `/todo.create title="…"` runs one
 * with no model. What the model does is journalled, waits for the user's word where it must, and is undone at once.
 * Other plugins find the model as the service `model`.
 *
 * @example
 * ```ts
 * fastApp({ plugins: ['./plugins', assistant({ model: ollama('qwen3:4b') })] })
 * ```
 */
export function assistant({ model = ollama() }: AssistantOptions = {}): Plugin {
  return new Assistant(model)
}

/** As many are shown, and looked through for what the model reads. */
const maxTurns = 50

class Assistant extends Plugin {
  readonly name = 'assistant'
  readonly #model: Model
  #stop = new AbortController()
  /** One turn after the other: a small machine has one model. */
  #last: Promise<void> = Promise.resolve()
  #asked = { at: Number.NEGATIVE_INFINITY, status: Promise.resolve('') }

  constructor(model: Model) {
    super()
    this.#model = model
  }

  setup(context: PluginContext): void {
    const { action, app, fastify, panel, provide, started } = context
    const conversation = new Conversation(context)
    provide('model', this.#model)
    started(() => conversation.closeCutOff())
    // To the journal these are reads: what is said here is no change of the data, and can be forgotten.
    const own = { effect: 'read', userOnly: true } as const
    action('send', {
      ...own,
      description: 'Says something to the assistant, or runs a command such as /journal.list.',
      input: { text: t.longText({ label: 'Message', min: 1, max: 20_000 }), page: t.text({ default: '/' }) },
      check: ({ text }) => (text.trim() === '' ? { text: 'Say something.' } : undefined),
      run: async ({ text, page }) => {
        const turn = await conversation.begin(text.trim(), page)
        const slash = parseSlash(text.trim())
        if (slash) await runSlash(app, turn, slash).then(() => conversation.save(turn))
        else this.#queue(app, conversation, turn)
      },
    })
    action('stop', { ...own, run: () => this.#abort('Stopped.') })
    action('forget', {
      ...own,
      title: 'Forget the conversation',
      run: async () => {
        this.#abort('Stopped.')
        await this.#last
        await conversation.forget()
      },
    })
    app.onSettled(({ approval, outcome, turn: name }) => {
      const turn = conversation.find(name)
      const at = turn?.messages.findIndex((each) => each.role === 'tool' && each.approval === approval) ?? -1
      const call = turn?.messages[at]
      if (!turn || call?.role !== 'tool') return
      turn.messages[at] = resultOf(call.tool, outcome)
      this.#queue(app, conversation, turn)
    })
    const style = readFileSync(new URL('./style.css', import.meta.url))
    fastify.get('/assistant/style.css', (_request, reply) =>
      reply.type('text/css; charset=utf-8').send(style),
    )
    panel(async ({ region, url }) => [
      link({ rel: 'stylesheet', href: '/assistant/style.css' }),
      await region('assistant', ['assistant_turn', 'localapp_entry'], async () =>
        renderPanel(app, url.pathname, conversation.newest(maxTurns), await this.#status()),
      ),
    ])
  }

  override async close(): Promise<void> {
    this.#abort(cutOff)
    await this.#last
  }

  /** Ends the turn that runs and those that wait behind it. */
  #abort(reason: string): void {
    this.#stop.abort(reason)
    this.#stop = new AbortController()
  }

  /** Has a turn answered after those that run already; nobody waits for it. */
  #queue(app: AppHandle, conversation: Conversation, turn: Turn): void {
    const { signal } = this.#stop
    turn.running = true
    const ready = Promise.all([this.#last, conversation.save(turn)])
    this.#last = ready.then(() => this.#answer(app, conversation, turn, signal)).catch(report)
  }

  async #answer(app: AppHandle, conversation: Conversation, turn: Turn, signal: AbortSignal): Promise<void> {
    const earlier = conversation.newest(maxTurns).filter(({ id, running }) => id !== turn.id && !running)
    const save = (): Promise<void> => conversation.save(turn)
    try {
      await runTurn({ app, model: this.#model, turn, earlier, signal, save })
    } catch (thrown) {
      turn.note = signal.aborted ? String(signal.reason) : wordsOf(thrown)
    }
    turn.running = false
    this.#asked.at = Number.NEGATIVE_INFINITY
    await save()
  }

  /** What answers. Asked at most every two seconds, and for half a second, because every page shows it. */
  #status(): Promise<string> {
    const at = performance.now()
    if (at - this.#asked.at > 2_000) this.#asked = { at, status: statusOf(this.#model) }
    return this.#asked.status
  }
}

async function statusOf(model: Model): Promise<string> {
  try {
    const { model: name, remote, tools } = await model.info(AbortSignal.timeout(500))
    if (remote) return `${name} does not run on this machine: what you say and what it looks up leaves it.`
    return `${name}, on this machine${tools ? '' : ', cannot use tools: it can only talk'}.`
  } catch (thrown) {
    return `${wordsOf(thrown)} Commands such as /journal.list work all the same.`
  }
}

/** What went wrong, for the user; what is not meant for them goes to the terminal. */
function wordsOf(thrown: unknown): string {
  if (thrown instanceof Error && 'fix' in thrown) return `${thrown.message} ${thrown.fix}`
  report(thrown)
  return 'The assistant failed. The terminal that runs the app shows where it happened.'
}

function report(thrown: unknown): void {
  process.stderr.write(`The assistant failed: ${thrown instanceof Error ? thrown.stack : thrown}\n`)
}
