import type { CellContext, Column } from './columns/column.ts'
import { CliFailure, EXIT, usage } from './exit.ts'
import { ASCII } from './format/glyphs.ts'
import { inert, inertJson } from './format/inert.ts'
import { asciiLine, type Line, paint } from './format/line.ts'
import { tableLines, tableText } from './format/table.ts'
import { hint } from './hint.ts'
import type { Session } from './session.ts'
import type { Look } from './terminal.ts'

export const OUTPUTS = ['table', 'wide', 'plain', 'json', 'jsonl', 'yaml', 'name'] as const
export type OutputName = (typeof OUTPUTS)[number]

/** A list in whatever form was asked for. `body` is the API's; `items` are the rows in it, each with a reference. */
export interface Listing<Row> {
  readonly body: object & { readonly asOfMs: number }
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  readonly nameOf: (row: Row) => string
}

/** Prints a list on stdout. A table for a terminal is cut to its width; one for a pipe has tabs and all digits. */
export async function printListing<Row extends object>(session: Session, listing: Listing<Row>): Promise<void> {
  const { output, fields, out } = session
  if (isDocument(output)) return printBody(session, withItems(listing, fields))
  if (output === 'jsonl') return session.write(listing.rows.map((row) => `${json(pick(row, fields), 0)}\n`).join(''))
  if (output === 'name') return session.write(listing.rows.map((row) => `${inert(listing.nameOf(row))}\n`).join(''))
  session.write(tableOf(session, listing, out.width))
}

/** The list as a table for this output: lines for a terminal, tab-separated text for a pipe or `-o plain`. */
export function tableOf<Row>(session: Session, listing: Listing<Row>, width: number | null): string {
  const { output, fields, out } = session
  const columns = chosenColumns(listing.columns, { fields, isWide: output === 'wide' })
  const context: CellContext = { exact: false, nowMs: listing.body.asOfMs, glyphs: out.glyphs }
  if (output === 'plain' || !out.isTty) return tableText(columns, listing.rows, context)
  // Wide and chosen columns are never dropped: whoever asks for them gets them.
  const layout = { ...context, width: output === 'wide' || fields ? null : width }
  return paintLines(tableLines(columns, listing.rows, layout), out)
}

/** One body as JSON, JSON lines (one line) or YAML. */
export async function printBody(session: Session, body: unknown): Promise<void> {
  if (session.output === 'yaml') {
    const { toYaml } = await import('./yaml.ts')
    return session.write(toYaml(body))
  }
  session.write(`${json(body, session.output === 'jsonl' ? 0 : 2)}\n`)
}

/** Lines for a terminal in its colours and its alphabet. */
export function paintLines(lines: readonly Line[], { color, glyphs }: Pick<Look, 'color' | 'glyphs'>): string {
  const isAscii = glyphs === ASCII
  return lines.map((line) => `${paint(isAscii ? asciiLine(line) : line, color).replace(/ +$/, '')}\n`).join('')
}

/** One body, as a document or on one line: for what is no list. */
export function isBody(output: OutputName): boolean {
  return isDocument(output) || output === 'jsonl'
}

export function isDocument(output: OutputName): boolean {
  return output === 'json' || output === 'yaml'
}

/** Columns in the order asked for, or those of the table. Throws a usage failure for one that is not known. */
export function chosenColumns<Row>(
  columns: readonly Column<Row>[],
  { fields, isWide }: { fields: readonly string[] | null; isWide: boolean },
): readonly Column<Row>[] {
  if (fields === null) return columns.filter(({ show }) => show === 'always' || (isWide && show === 'wide'))
  return fields.map((field) => {
    const column = columns.find((one) => one.field === field)
    if (!column) throw unknownField(field, columns)
    return column
  })
}

/** Throws a usage failure when a field is none of these columns, whatever the output is. */
export function checkFields<Row>(columns: readonly Column<Row>[], fields: readonly string[] | null): void {
  for (const field of fields ?? []) if (!columns.some((one) => one.field === field)) throw unknownField(field, columns)
}

function unknownField<Row>(field: string, columns: readonly Column<Row>[]): CliFailure {
  const known = columns.map((column) => column.field)
  return usage(`--fields: no field "${inert(field)}" here: ${hint(field, known, 'known are')}`)
}

function withItems<Row extends object>({ body, rows }: Listing<Row>, fields: readonly string[] | null): object {
  return fields === null ? body : { ...body, items: rows.map((row) => pick(row, fields)) }
}

function pick(row: object, fields: readonly string[] | null): object {
  if (fields === null) return row
  const known = new Map(Object.entries(row))
  return Object.fromEntries(fields.map((field) => [field, known.get(field) ?? null]))
}

function json(value: unknown, indent: number): string {
  return inertJson(JSON.stringify(value, null, indent))
}

/** `--output` and `--json` as one answer. */
export function outputOf(output: string | undefined, isJson: boolean): OutputName {
  if (output === undefined) return isJson ? 'json' : 'table'
  const found = OUTPUTS.find((name) => name === output)
  if (!found)
    throw new CliFailure(EXIT.usage, `--output: expected one of ${OUTPUTS.join(', ')}, got "${inert(output)}"`)
  if (isJson && found !== 'json') throw usage(`--json and --output ${found} exclude each other`)
  return found
}
