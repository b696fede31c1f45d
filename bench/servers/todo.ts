import type Sqlite from 'better-sqlite3'

/** A record as the table has it. */
export interface TodoRow {
  readonly id: number
  readonly title: string
  readonly notes: string
  readonly done: 0 | 1
  readonly due: string | null
  readonly priority: string
  /** JSON. */
  readonly tags: string
}

/** What is around the rows of the list page, as localapp sends it. */
export interface Frame {
  /** Up to the count of records, from there to the rows, and what follows them. */
  readonly before: string
  readonly middle: string
  readonly after: string
}

const escaped = (text: string): string =>
  /[&<>"']/.test(text)
    ? text
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;')
    : text

/** The row that localapp's list has, by concatenation. */
export function rowHtml({ id, title, notes, done, due, priority, tags }: TodoRow): string {
  const name = escaped(title)
  let html = `<tr id="todo-${id}" data-id="${id}"><td><button type="button" class="quiet" data-handle aria-label="Move: drag, or Alt and an arrow">⠿</button></td>`
  html += cell(id, 'title', name)
  html += cell(id, 'notes', escaped(notes))
  html += `<td><form id="tick-${id}-done" method="post" action="/api/todo/update" hx-post="/api/todo/update" hx-target="#toasts" hx-swap="none"><input type="hidden" name="_fields" value="done"><input type="hidden" name="_form" value="tick-${id}-done"><input type="hidden" name="id" value="${id}"><input type="hidden" name="done" value="${done === 0}"><input type="checkbox"${done ? ' checked' : ''} data-autosubmit aria-label="Done: ${name}"><p class="error" id="tick-${id}-done-error" role="alert"></p><noscript><button>Change</button></noscript></form></td>`
  html += cell(id, 'due', due ? `<time datetime="${due}">${due}</time>` : '')
  html += cell(id, 'priority', `<span>${escaped(priority)}</span>`)
  let words = ''
  for (const tag of JSON.parse(tags) as string[]) words += `<span class="tag">${escaped(tag)}</span>`
  html += cell(id, 'tags', words)
  return `${html}<td><a href="/todo/${id}" aria-label="Open ${name}">Open</a> <button form="todo-delete" name="id" value="${id}" class="quiet" aria-label="Delete ${name}">Delete</button></td></tr>`
}

function cell(id: number, field: string, content: string): string {
  return `<td><details class="edit"><summary hx-get="/todo/${id}?field=${field}">${content}</summary><div hx-morph-skip-children></div></details></td>`
}

/** What a hand-written app does for the list page and for a new record, with the pragmas of localapp. */
export function todoStore(sqlite: Sqlite.Database, { before, middle, after }: Frame) {
  sqlite.pragma('journal_mode = wal')
  sqlite.pragma('synchronous = full')
  const select = sqlite.prepare<[], TodoRow>('select * from todo order by rank, id limit 51')
  const count = sqlite.prepare<[], { n: number }>(
    'select count(*) as n from (select 1 from todo limit 10001)',
  )
  const insert = sqlite.prepare(
    "insert into todo (version, createdAt, updatedAt, title, notes, done, due, priority, tags, rank) values (1, ?, ?, ?, '', 0, null, 'normal', '[]', 'b00') returning *",
  )
  return {
    page(): string {
      const rows = select.all()
      const n = count.get()?.n ?? 0
      let html = `${before}${n > 10_000 ? '10,000+' : n} records${middle}`
      for (let i = 0; i < 50; i++) html += rowHtml(rows[i] as TodoRow)
      return html + after
    },
    /** Takes a JSON body and returns the record as JSON; undefined for a title that is none. */
    create(body: string): string | undefined {
      const { title } = JSON.parse(body) as { title?: unknown }
      if (typeof title !== 'string' || title === '' || title.length > 200) return undefined
      const now = new Date().toISOString()
      sqlite.exec('begin immediate')
      const row = insert.get(now, now, title)
      sqlite.exec('commit')
      return JSON.stringify({ output: row })
    },
  }
}
