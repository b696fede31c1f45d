// The state of a widget in the browser: what a module of the anywidget contract calls its model.

/** A change is settled when nothing has changed for so long, but is not kept back longer than `longest`. */
const settled = 400
const longest = 5_000

const isPlain = (value) =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
const equal = (a, b) =>
  Object.is(a, b) || (isPlain(a) && isPlain(b) && JSON.stringify(a) === JSON.stringify(b))

/** Rejects what a module asks for and there is not. */
export async function refuse(what) {
  throw new Error(what)
}

/** The state of one instance, as its module sees it, and its way to the server and back. */
export class Model {
  #spec
  #local
  #held = false
  #listeners = []
  /** What was set and is not on the server yet. */
  #changed = new Map()
  #saving = new Map()
  /** What the server said last, and what is being taken over from it. */
  #seen
  #following = new Set()
  #isCutOff = false
  #since
  #timer
  #turn = Promise.resolve()
  /** Show what went wrong, or that nothing is. */
  sayers = new Set()

  constructor(spec) {
    this.#spec = spec
    this.#local = { ...spec.state, ...spec.values }
    this.#seen = { ...this.#local }
  }

  /** What the module is given. */
  face = {
    get: (name) => this.#local[name],
    set: (name, value) => {
      const values = typeof name === 'object' ? name : { [name]: value }
      // What a module makes of a value that it is given, such as a rounded one, is no change of the user's.
      const note = (each) => this.#following.has(each) || this.#changed.set(each, this.#local[each])
      this.#take(Object.entries(values), note)
    },
    save_changes: () => this.#save(),
    on: (names, handle) => {
      for (const name of names.split(' ')) this.#listeners.push({ name, handle })
    },
    off: (names, handle) => {
      const gone = (each) =>
        (!names || names.split(' ').includes(each.name)) && (!handle || handle === each.handle)
      this.#listeners = this.#listeners.filter((each) => !gone(each))
    },
    send: (content, _callbacks, buffers) => {
      if (!this.#spec.answers) this.#say('Its messages go nowhere: the widget is declared without “answer”.')
      else if (buffers?.length > 0) this.#say('It sends bytes, and messages are JSON: they are not sent.')
      else this.#next(() => this.#ask(content))
    },
    widget_manager: { get_model: () => refuse('Other widgets cannot be reached.') },
  }

  /** While the pointer is down, nothing is settled. */
  hold(isHeld) {
    this.#held = isHeld
    if (!isHeld && this.#saving.size > 0) this.#wait()
  }

  /** Asks the server for what it holds. */
  pull() {
    return this.#next(async () => {
      if (this.#isCutOff) await this.#push()
      await this.#look()
    })
  }

  /** The page was rendered again. */
  render(spec) {
    this.#spec = spec
    return this.pull()
  }

  /** Sends at once what was set, as when the page is left. */
  flush() {
    clearTimeout(this.#timer)
    return this.#next(() => this.#push())
  }

  #take(entries, note = () => undefined) {
    const different = entries.filter(([name, value]) => !equal(this.#local[name], value))
    for (const [name, value] of different) {
      this.#local[name] = value
      note(name)
    }
    for (const [name, value] of different) this.#tell(`change:${name}`, this.face, value)
    if (different.length > 0) this.#tell('change', this.face)
  }

  #tell(event, ...told) {
    for (const { name, handle } of [...this.#listeners]) {
      if (name !== event) continue
      try {
        handle(...told)
      } catch (error) {
        reportError(error)
        this.#say(`It failed: ${error?.message ?? error}`)
      }
    }
  }

  #save() {
    for (const [name, value] of this.#changed) {
      if (!(name in this.#spec.state)) continue
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
        this.#say(`“${name}” was set to bytes, and the state is JSON: it is not saved.`)
      else this.#saving.set(name, value)
    }
    this.#changed.clear()
    if (this.#saving.size > 0) this.#wait()
  }

  #wait() {
    clearTimeout(this.#timer)
    this.#since ??= performance.now()
    const left = this.#since + longest - performance.now()
    this.#timer = setTimeout(() => this.flush(), Math.max(0, this.#held ? left : Math.min(settled, left)))
  }

  async #push() {
    for (const [name, value] of this.#saving) if (equal(this.#seen[name], value)) this.#saving.delete(name)
    this.#since = undefined
    if (this.#saving.size === 0) return
    const sent = new Map(this.#saving)
    const answer = await this.#call('set', Object.fromEntries(sent))
    this.#isCutOff = !answer
    if (!answer) return this.#say('This is not saved yet: the app cannot be reached.')
    for (const [name, value] of sent) {
      if (this.#saving.get(name) === value) this.#saving.delete(name)
    }
    this.#refuse(answer)
    // In the place of what was refused stands again what is stored.
    if (answer.messages || answer.error) await this.#look([...sent.keys()])
    else Object.assign(this.#seen, Object.fromEntries(sent))
  }

  /** Takes over what is new on the server, and what is stored of `names` in any case. */
  async #look(names = []) {
    const answer = await this.#call('get', {})
    if (!answer?.output) return
    const known = Object.entries({ ...answer.output, ...this.#spec.values })
    const next = known.filter(
      ([name, value]) =>
        !this.#changed.has(name) &&
        !this.#saving.has(name) &&
        (names.includes(name) || !equal(this.#seen[name], value)),
    )
    Object.assign(this.#seen, Object.fromEntries(next))
    this.#following = new Set(next.map(([name]) => name))
    this.#take(next)
    this.#following.clear()
  }

  async #ask(content) {
    const answer = await this.#call('ask', { content })
    if (!answer) return this.#say('The app cannot be reached.')
    this.#refuse(answer)
    if ('output' in answer) this.#tell('msg:custom', answer.output, [])
  }

  #refuse({ messages, error }) {
    this.#say(messages ? Object.values(messages).join(' ') : error ? `${error.message} ${error.fix}` : '')
  }

  /** Calls an action of this instance. Undefined where nobody answers. */
  async #call(verb, input) {
    const { action, instance } = this.#spec
    const body = JSON.stringify({ instance, ...input })
    const headers = { 'content-type': 'application/json' }
    // A browser sends no more than this when its page is gone already.
    const keepalive = body.length < 60_000
    try {
      const address = `/api/${action.replace('.set-', `/${verb}-`)}`
      return await (await fetch(address, { method: 'POST', headers, body, keepalive })).json()
    } catch {
      return undefined
    }
  }

  #say(text) {
    for (const say of this.sayers) say(text)
  }

  /** One after the other, so that an answer is never older than the one before. */
  #next(work) {
    this.#turn = this.#turn.then(work)
    return this.#turn
  }
}
