/** A row of a file, and the line that it begins on. */
export interface CsvRow {
  readonly line: number
  readonly cells: readonly string[]
  /** Why its text cannot be told apart into cells. */
  readonly problem?: string | undefined
}

/** The most characters of one cell: a quote that is not closed must not take the whole file into memory. */
const longest = 1_000_000

/** What a spreadsheet would run, and what looks as if it were escaped already. */
const formula = /^'*[=+\-@\t\r]/

/** Text that a spreadsheet takes for text. {@link unescapeFormula} is its way back, for every text. */
export function escapeFormula(text: string): string {
  return formula.test(text) ? `'${text}` : text
}

export function unescapeFormula(text: string): string {
  return text.startsWith("'") && formula.test(text) ? text.slice(1) : text
}

/** One line of CSV, without its end. */
export function csvLine(cells: readonly string[]): string {
  return cells
    .map((cell) => (/[",;\t\n\r]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join()
}

/** Which of the usual marks stands most often between the cells of the first line. */
export function delimiterOf(text: string): string {
  const [first = ''] = text.replace(/"[^"]*"/g, '').split(/[\r\n]/, 1)
  const counts = [',', ';', '\t', '|'].map((mark) => [first.split(mark).length, mark] as const)
  return counts.reduce((best, each) => (each[0] > best[0] ? each : best))[1]
}

/** Takes CSV apart as it comes; blank lines are left out. */
export async function* csvRows(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<CsvRow> {
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start'
  let [line, begun, cell] = [1, 1, '']
  let cells: string[] = []
  let problem: string | undefined
  let afterReturn = false
  const end = (): CsvRow | undefined => {
    const row = { line: begun, cells: [...cells, cell], problem }
    const isBlank = cells.length === 0 && cell === '' && state === 'start'
    cells = []
    cell = ''
    state = 'start'
    problem = undefined
    return isBlank ? undefined : row
  }
  for await (const chunk of text) {
    for (let i = 0; i < chunk.length; i++) {
      const mark = chunk[i] as string
      const endsPair = afterReturn && mark === '\n'
      afterReturn = mark === '\r'
      if (mark === '\n' ? !endsPair : mark === '\r') line++
      if (state === 'quoted') {
        if (mark === '"') state = 'closed'
        else cell += mark
        if (cell.length > longest) {
          problem = `This has more than ${longest.toLocaleString('en')} characters. A quote may not be closed.`
          cell = ''
          state = 'plain'
        }
      } else if (mark === '"' && state !== 'plain') {
        // A quote twice is one that is meant.
        if (state === 'closed') cell += mark
        state = 'quoted'
      } else if (mark === delimiter) {
        cells.push(cell)
        cell = ''
        state = 'start'
      } else if (mark === '\r' || mark === '\n') {
        const row = endsPair ? undefined : end()
        if (row) yield row
        begun = line
      } else {
        if (state === 'closed') problem = 'Text stands after a quote that ends its cell.'
        if (state === 'start') state = 'plain'
        if (cell.length < longest) cell += mark
      }
    }
  }
  if (state === 'quoted') problem = 'A quote is not closed.'
  const row = end()
  if (row) yield row
}
