import {
  type AppHandle,
  a,
  type Content,
  details,
  div,
  h1,
  h2,
  h3,
  link,
  nav,
  type PageRequest,
  p,
  pre,
  section,
  strong,
  summary,
  type Table,
  table,
  tbody,
  td,
  th,
  thead,
  time,
  tr,
} from '@localapp/core'
import type { Answer, Exchange, fields, Sent } from './exchange.ts'
import { type Piece, partsOf } from './part.ts'

type Rows = Table<typeof fields>

const title = 'Sent to the model'
const style = link({ rel: 'stylesheet', href: '/inspector/style.css' })
const inLines = (value: unknown) => JSON.stringify(value, null, 2)

/** The turns that are kept, newest first. */
export async function listPage(app: AppHandle, rows: Rows, { region }: PageRequest): Promise<Content> {
  return [
    style,
    h1(title),
    p(
      { class: 'help' },
      'What the assistant’s model was sent and what it answered, word for word. “Forget…” in the panel deletes it here too.',
    ),
    await region('inspector-turns', [rows.name], () => {
      const turns = [...Map.groupBy(app.reader(rows).all({ order: ['id', 'desc'] }), ({ turn }) => turn)]
      if (turns.length === 0)
        return p({ class: 'empty' }, 'Nothing was sent yet. Say something to the assistant.')
      const heads = ['You said', 'When', 'Requests', 'Tokens sent', 'Tokens answered', 'Time']
      return div(
        { class: 'table' },
        table(
          thead(tr(heads.map((head) => th(head)))),
          tbody(
            turns.map(([turn, exchanges]) =>
              tr(
                td(a({ href: `/-/assistant/${turn}` }, short(exchanges.at(-1)?.said ?? ''))),
                td(whenOf(exchanges.at(-1))),
                td(String(exchanges.length)),
                td(sum(exchanges.map(({ promptTokens }) => promptTokens))),
                td(sum(exchanges.map(({ outputTokens }) => outputTokens))),
                td(seconds(exchanges.reduce((all, { took }) => all + (took ?? 0), 0))),
              ),
            ),
          ),
        ),
      )
    }),
  ]
}

/** All that was sent and answered in one turn, in its order. */
export async function turnPage(
  app: AppHandle,
  rows: Rows,
  { region, params }: PageRequest,
): Promise<Content> {
  const { turn = '' } = params
  return [
    style,
    nav({ 'aria-label': 'Back' }, a({ href: '/-/assistant' }, `← ${title}`)),
    h1(title),
    await region('inspector-turn', [rows.name], () => {
      const exchanges = app.reader(rows).all({ where: [['turn', '=', turn]] })
      const [first] = exchanges
      if (!first) return p({ class: 'empty' }, 'Nothing of this turn is kept.')
      return [
        p('You said: ', first.said),
        exchanges.map((exchange, at) =>
          exchangeSection(exchange, `Request ${at + 1} of ${exchanges.length}`),
        ),
      ]
    }),
  ]
}

function exchangeSection(exchange: Exchange, heading: string): Content {
  const { id, model, promptTokens, outputTokens, first, took, note } = exchange
  const sent = JSON.parse(exchange.request) as Sent
  const answer: Answer | undefined = exchange.answer === '' ? undefined : JSON.parse(exchange.answer)
  const parts = partsOf(sent, promptTokens)
  const speed =
    outputTokens && took && first !== null && took > first ? outputTokens / ((took - first) / 1000) : 0
  return section(
    { class: 'card', id: `exchange-${id}`, 'aria-label': heading },
    h2(heading),
    p(
      whenOf(exchange),
      ` to ${model}. `,
      promptTokens ? `It read ${count(promptTokens)} tokens` : 'It did not say how many tokens it read',
      outputTokens ? `, and wrote ${count(outputTokens)}.` : '.',
      took !== null && ` It took ${seconds(took)}`,
      first !== null && `, ${seconds(first)} of it to the first piece`,
      took !== null && '.',
      speed > 0 && ` ${speed.toFixed(1)} tokens a second.`,
    ),
    note !== '' && p({ class: 'error' }, note),
    h3('Sent'),
    div(
      { class: 'table' },
      table(
        thead(tr(th('Part'), th('Tokens, about'))),
        tbody(
          parts.map(({ title, tokens, pieces }) => tr(td(`${title} (${pieces.length})`), td(count(tokens)))),
        ),
      ),
    ),
    parts.map(({ title, pieces }, at) =>
      details({ id: `exchange-${id}-part-${at}` }, summary(title), pieces.map(pieceBlock)),
    ),
    details({ id: `exchange-${id}-json` }, summary('All of it as JSON'), pre(inLines(sent))),
    h3('Answered'),
    answer && [
      answer.thinking !== '' && details(summary('Thinking'), pre(answer.thinking)),
      answer.text !== '' && pre(answer.text),
      answer.calls.map(({ tool, args }) => pre(`${tool} ${inLines(args)}`)),
      answer.text === '' && answer.calls.length === 0 && p({ class: 'empty' }, 'Nothing.'),
    ],
  )
}

function pieceBlock({ title, text }: Piece): Content {
  return [p(strong(title)), pre(text)]
}

function whenOf(exchange: Exchange | undefined): Content {
  const at = exchange?.createdAt ?? ''
  return time({ datetime: at }, new Date(at).toLocaleString())
}

const count = (tokens: number) => tokens.toLocaleString('en')
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`
const short = (text: string) => (text.length > 80 ? `${text.slice(0, 79).toWellFormed()}…` : text)

/** What is known of a sum. */
function sum(numbers: readonly (number | null)[]): string {
  const known = numbers.filter((each) => each !== null)
  return known.length === 0 ? '–' : count(known.reduce((all, each) => all + each, 0))
}
