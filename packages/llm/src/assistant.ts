import { readFileSync } from 'node:fs'
import { type AppHandle, link, Plugin, type PluginContext, t } from '@localapp/core'
import { Conversation, cutOff, type Turn } from './conversation.ts'
import { runTurn } from './loop.ts'
import { isModelError, type Model } from './model/model.ts'
import { ollama } from './model/ollama.ts'
import { renderPanel, type Status } from './panel.ts'
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

const maxShown = 50

class Assistant extends Plugin {
  readonly name = 'assistant'
  readonly #model: Model
  readonly #stops = new Set<AbortController>()
  /** One turn after the other: a small machine has one model. */
  #last: Promise<void> = Promise.resolve()
  #asked = { at: Number.NEGATIVE_INFINITY, status: Promise.resolve<Status>({ text: '', warn: false }) }

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
    const send = action('send', {
      effect: 'read',
      description: 'Says something to the assistant, or runs a command such as /todo.list.',
      userOnly: true,
      input: { text: t.longText({ label: 'Message', min: 1, max: 20_000 }), page: t.text({ default: '/' }) },
      run: async ({ text, page }) => {
        const turn = await conversation.begin(text.trim(), page)
        const slash = parseSlash(text.trim())
        if (slash) await conversation.save(await runSlash(app, turn, slash))
        else this.#queue(app, conversation, turn)
      },
    })
    action('stop', {
      effect: 'read',
      description: 'Stops the answer of the assistant.',
      userOnly: true,
      run: () => this.#stop('Stopped.'),
    })
    action('forget', {
      effect: 'read',
      description: 'Deletes the conversation with the assistant for good. What was done stays.',
      userOnly: true,
      run: async () => {
        this.#stop('Stopped.')
        await this.#last
        await conversation.forget()
      },
    })
    app.onSettled(({ approval, outcome }) => {
      const turn = conversation.waitingFor(approval)
      if (!turn) return
      const at = turn.messages.findIndex((each) => each.role === 'tool' && each.status === 'approval')
      const call = turn.messages[at]
      if (call?.role === 'tool') turn.messages[at] = resultOf(call.tool, outcome)
      turn.approval = null
      this.#queue(app, conversation, turn)
    })
    const style = readFileSync(new URL('./style.css', import.meta.url))
    fastify.get('/assistant/style.css', (_request, reply) =>
      reply.type('text/css; charset=utf-8').send(style),
    )
    panel(async ({ region, url }) => [
      link({ rel: 'stylesheet', href: '/assistant/style.css' }),
      await region('assistant', ['assistant_turn', 'localapp_entry'], async () =>
        renderPanel(app, conversation.newest(maxShown), await this.#status(), send, url.pathname),
      ),
    ])
  }

  override async close(): Promise<void> {
    this.#stop(cutOff)
    await this.#last
  }

  #stop(reason: string): void {
    for (const stop of this.#stops) stop.abort(reason)
  }

  /** Has a turn answered after those that run already; nobody waits for it. */
  #queue(app: AppHandle, conversation: Conversation, turn: Turn): void {
    const stop = new AbortController()
    this.#stops.add(stop)
    turn.running = true
    const ready = Promise.all([this.#last, conversation.save(turn)])
    this.#last = ready
      .then(() => this.#answer(app, conversation, turn, stop.signal))
      .catch(report)
      .finally(() => this.#stops.delete(stop))
  }

  async #answer(app: AppHandle, conversation: Conversation, turn: Turn, signal: AbortSignal): Promise<void> {
    const earlier = conversation.newest(maxShown).filter(({ id, running }) => id !== turn.id && !running)
    const save = (): Promise<void> => conversation.save(turn)
    try {
      turn.note = await runTurn({ app, model: this.#model, turn, earlier, signal, save })
    } catch (thrown) {
      turn.note = signal.aborted ? String(signal.reason) : wordsOf(thrown)
    }
    turn.running = false
    this.#asked.at = Number.NEGATIVE_INFINITY
    await save()
  }

  /** What answers. Asked at most every two seconds, and for half a second, because every page shows it. */
  #status(): Promise<Status> {
    const at = performance.now()
    if (at - this.#asked.at > 2_000) this.#asked = { at, status: statusOf(this.#model) }
    return this.#asked.status
  }
}

async function statusOf(model: Model): Promise<Status> {
  try {
    const { model: name, remote, tools } = await model.info(AbortSignal.timeout(500))
    const leaves = `${name} does not run on this machine: what you say and what it looks up leaves it.`
    const stays = `${name}, on this machine${tools ? '' : ', cannot use tools: it can only talk'}.`
    return { text: remote ? leaves : stays, warn: remote || !tools }
  } catch (thrown) {
    return { text: `${wordsOf(thrown)} Commands such as /journal.list work all the same.`, warn: true }
  }
}

/** What went wrong, for the user; what is no error of a model is for the terminal too. */
function wordsOf(thrown: unknown): string {
  if (isModelError(thrown)) return `${thrown.message} ${thrown.fix}`
  report(thrown)
  return 'The assistant failed. The terminal that runs the app shows where it happened.'
}

function report(thrown: unknown): void {
  process.stderr.write(`The assistant failed: ${thrown instanceof Error ? thrown.stack : thrown}\n`)
}
