import { readFileSync } from 'node:fs'
import { approvals } from '../action/approval.ts'
import type { JournalEntry } from '../action/journal.ts'
import { labelOf } from '../field/field.ts'
import type { Content, Html } from '../html/html.ts'
import { approvalCard } from '../page/approval-card.ts'
import { shell } from '../page/shell.ts'
import { toast } from '../page/toast.ts'
import type { PluginHost } from '../plugin/host.ts'
import type { AppHandle, PageRequest } from '../plugin/plugin.ts'
import type { Frame } from './answer.ts'
import { actorNames, titleOf } from './pages.ts'

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL(import.meta.resolve('@localapp/core/package.json')), 'utf8'),
)

/** The toast of a journal entry, with Undo where it can be taken back. */
export function toastFor(entry: JournalEntry): Html {
  const undo = entry.undoable && !entry.undone ? entry.id : undefined
  const isUser = entry.actor === 'user' || entry.actor === 'plugin'
  const text = isUser ? entry.summary : `${actorNames[entry.actor]}: ${entry.summary}`
  return toast({ id: `toast-${entry.id}`, text, undo })
}

/** What stands around every page: the menu, what waits for the user's word, the panel, the toast of a form without script. */
export function frameOf(app: AppHandle, host: () => PluginHost): Frame {
  const cards = (): Content =>
    app
      .reader(approvals)
      .all({ where: [['state', '=', 'pending']], order: [['id', 'asc']], limit: 20 })
      .map(({ id, title, action, actor, actorName, input }) => {
        const fields = app.actions.get(action)?.input ?? {}
        return approvalCard({
          id,
          title,
          actor: actorName ?? actorNames[actor],
          fields: Object.entries(input as object).flatMap(([name, value]) => {
            const field = fields[name]
            return field && value !== null ? [{ label: labelOf(name, field), value: field.cell(value) }] : []
          }),
        })
      })
  return {
    async sides(request) {
      const panels = host().contributions.flatMap(({ panel }) => panel ?? [])
      return {
        approvals: await request.region('approval-cards', ['localapp_approval'], cards),
        panel: panels.length === 0 ? undefined : await Promise.all(panels.map((render) => render(request))),
      }
    },
    around(content, { approvals: waiting, panel }, request, title) {
      const beside = host().contributions.find((each) => each.panel)
      return shell({
        title,
        appTitle: app.title,
        menu: menuOf(host(), request),
        theme: request.theme,
        content,
        panel: beside && { title: titleOf(beside.plugin), content: panel },
        approvals: waiting,
        toasts: doneToast(app, request),
        version,
        since: app.streams.sequence,
      })
    },
  }
}

function menuOf(host: PluginHost, { url }: PageRequest): { title: string; href: string; current: boolean }[] {
  const own = host.contributions.flatMap(({ plugin, pages }) =>
    pages.has('/') ? [{ title: titleOf(plugin), href: `/${plugin.name}` }] : [],
  )
  return [...own, { title: 'Journal', href: '/-/journal' }].map(({ title, href }) => ({
    title,
    href,
    current: url.pathname === href || url.pathname.startsWith(`${href}/`),
  }))
}

function doneToast(app: AppHandle, { query }: PageRequest): Content {
  const entry = Number(query._done)
  try {
    return entry > 0 ? toastFor(app.journal.get(entry)) : undefined
  } catch {
    return undefined // an old address: the entry is gone with its data
  }
}
