// What a page does by itself: it follows changes, leaves alone what is being typed, shows toasts, and obeys keys.
const { htmx } = window
const on = (event, handle, options) => document.addEventListener(event, handle, options)
const all = (selector, within = document) => [...within.querySelectorAll(selector)]
const byId = (id) => document.getElementById(id)

// Regions

/** Fetches a region from the page's own address. While one is under way, one more waits, for all who ask meanwhile. */
function refresh(region) {
  // The source becomes the header HX-Target, by which the server renders this region alone.
  if (region) htmx.ajax('GET', '', { source: region, target: region, swap: 'outerMorph' })
}
const regionOf = (element) => element?.closest('[data-topics]')

on('htmx:after:swap', ({ target }) => {
  // Morphing changes attributes, which a control that was used no longer follows.
  for (const form of all('form:not([hx-morph-skip])', target)) form.reset()
})

// The event stream

let stream
let { since } = document.body.dataset
const events = {
  changed({ topics }) {
    for (const region of all('[data-topics]')) {
      const shown = region.dataset.topics.split(' ')
      if (topics.some((topic) => topic === '*' || shown.includes(topic))) refresh(region)
    }
  },
  toast({ html }) {
    toasts.insertAdjacentHTML('beforeend', html)
    htmx.process(toasts)
  },
  text({ target, at, text }) {
    const element = byId(target)
    if (!element) {
      // It may be in what is being fetched, which is older than this text.
      for (const region of all('[data-topics].htmx-request')) refresh(region)
      return
    }
    const { length } = element.textContent
    if (at > length) refresh(regionOf(element))
    else element.append(text.slice(length - at))
  },
}

/** A hidden page holds no connection: a browser has six. Shown again, it says what it saw last, and catches up. */
function follow() {
  stream?.close()
  if (document.hidden) return
  const opened = new EventSource(`/-/events?since=${since}`)
  stream = opened
  for (const [name, handle] of Object.entries(events)) {
    opened.addEventListener(name, ({ data, lastEventId }) => {
      since = lastEventId
      handle(JSON.parse(data))
    })
  }
  opened.onerror = () => {
    if (opened === stream && opened.readyState === EventSource.CLOSED) setTimeout(follow, 3_000)
  }
}
on('visibilitychange', follow)
follow()

// Toasts

const toasts = byId('toasts')
// A toast leaves by an animation, which waits while the user is at it.
on('animationend', ({ target, animationName }) => animationName === 'leave' && target.remove())

function complain(text) {
  if ([...toasts.children].some((toast) => toast.textContent === text)) return
  const toast = document.createElement('div')
  toast.className = 'toast bad'
  toast.role = 'alert'
  toast.textContent = text
  toasts.append(toast)
}

// Forms

on('input', ({ target }) => {
  const { form } = target
  if (!form) return
  // Until its answer comes, no refresh touches it.
  form.setAttribute('hx-morph-skip', '')
  form.isNewer = true
  clearTimeout(form.sending)
  if (target.matches('[data-autosubmit]'))
    form.sending = setTimeout(() => form.requestSubmit(), target.type === 'search' ? 250 : 0)
})
on('reset', ({ target }) => {
  if (!target.matches('[hx-morph-skip]')) return
  target.removeAttribute('hx-morph-skip')
  refresh(regionOf(target))
})
on('htmx:before:request', ({ target }) => {
  target.isNewer = false
})
on('htmx:after:request', ({ detail: { ctx } }) => {
  const { form } = ctx.request
  if (!form || !ctx.response.raw.ok) return
  for (const error of all('.error', form)) error.textContent = ''
  if (form.isNewer) return
  form.removeAttribute('hx-morph-skip')
  if (form.matches('[data-reset]')) form.reset()
  form.closest('details.edit')?.removeAttribute('open')
  if (ctx.request.method !== 'GET') refresh(regionOf(form))
})
on('htmx:finally:request', ({ detail: { ctx } }) => {
  const { form } = ctx.request
  if (!form) return
  const controls = all('.field > .error', form).map((error) => {
    const control = byId(error.id.replace(/-error$/, ''))
    control?.setAttribute('aria-invalid', String(error.textContent !== ''))
    return control
  })
  const first = controls.find((control) => control?.matches('[aria-invalid=true]'))
  if (first) (first.querySelector('input, textarea, select') ?? first).focus()
  if (ctx.response?.raw.ok) form.closest('.toast, .approval')?.remove()
  else if (form.querySelector('[type=checkbox][data-autosubmit]')) {
    // What is stored shows again; a refresh would take away the reason why.
    form.removeAttribute('hx-morph-skip')
    form.reset()
  }
})
on('htmx:response:error', ({ detail: { ctx } }) => {
  // Only the parts that name their place are shown: an error page must not take the place of a region.
  ctx.swap = 'none'
  if (!ctx.text.includes('<hx-partial'))
    complain(`That did not work: the app answered ${ctx.response.status}.`)
})
on('htmx:error', ({ detail: { ctx } }) => {
  if (ctx && !ctx.response) complain('The app cannot be reached. Is it still running?')
})

// Order

let moves = Promise.resolve()

function saveOrder(list, item) {
  const { id: before = '' } = item.nextElementSibling?.dataset ?? {}
  const { id: after = '' } = item.previousElementSibling?.dataset ?? {}
  const values = { id: item.dataset.id, before, after }
  moves = moves
    .then(() => htmx.ajax('POST', list.dataset.sortable, { target: toasts, swap: 'none', values }))
    .then(() => refresh(regionOf(list)))
}

on('pointerdown', (event) => {
  const handle = event.target.closest('[data-handle]')
  const list = handle?.closest('[data-sortable]')
  if (!list || event.button !== 0) return
  event.preventDefault()
  const item = handle.closest('[data-id]')
  const next = item.nextElementSibling
  list.setAttribute('hx-morph-skip', '')
  item.classList.add('dragged')
  list.setPointerCapture(event.pointerId)
  list.onpointermove = ({ clientY }) => {
    const others = [...list.children].filter((other) => other.dataset.id && other !== item)
    const below = others.find((other) => {
      const { top, height } = other.getBoundingClientRect()
      return clientY < top + height / 2
    })
    if (below) below.before(item)
    else others.at(-1)?.after(item)
  }
  // Dropped, or taken away by the browser.
  list.onlostpointercapture = () => {
    list.onpointermove = null
    list.removeAttribute('hx-morph-skip')
    item.classList.remove('dragged')
    handle.focus()
    if (item.nextElementSibling !== next) saveOrder(list, item)
    else refresh(regionOf(list))
  }
})

// Keys and buttons

const panel = byId('panel')

function showPanel(change) {
  panel.classList.toggle('toggled', change)
  byId('panel-button').ariaExpanded = panel.checkVisibility()
}
function togglePanel() {
  if (!panel) return
  showPanel(!panel.matches('.toggled'))
  sessionStorage.panel = panel.className
  if (panel.checkVisibility()) panel.querySelector('textarea, input:not([type=hidden])')?.focus()
}
if (panel) showPanel(sessionStorage.panel === 'toggled')

on('click', ({ target }) => {
  target.closest('[data-close]')?.closest('.toast').remove()
  if (target.closest('#panel-button')) togglePanel()
})

on('keydown', (event) => {
  const { target, key, altKey } = event
  const command = (event.ctrlKey || event.metaKey) && key.toLowerCase()
  if (command === 'k' || command === 'j') {
    event.preventDefault()
    if (command === 'k') byId('search')?.focus()
    else togglePanel()
  }
  if (key === 'Enter' && !event.shiftKey && !event.isComposing && target.matches('.chat textarea')) {
    event.preventDefault()
    target.form.requestSubmit()
  }
  const list = target.closest('[data-handle]')?.closest('[data-sortable]')
  if (list && altKey && (key === 'ArrowUp' || key === 'ArrowDown')) {
    event.preventDefault()
    const item = target.closest('[data-id]')
    if (key === 'ArrowUp') item.previousElementSibling?.before(item)
    else item.nextElementSibling?.after(item)
    target.focus()
    saveOrder(list, item)
  }
  const edit = key === 'Escape' && target.closest('details.edit[open]')
  if (edit) {
    for (const form of all('form', edit)) form.reset()
    edit.open = false
    edit.querySelector('summary').focus()
  }
})
