import type { History } from '../../server/api/freshness.ts'
import type { CellContext, Column } from '../columns/column.ts'
import { inert } from '../format/inert.ts'
import { cutLine, type Line, pad, type Segment, wrapLine } from '../format/line.ts'
import { sparkline } from '../format/sparkline.ts'
import { cellOf, type TableLayout, tableLines, tableText } from '../format/table.ts'
import { textWidth } from '../format/width.ts'

/** One thing in full, as `describe` prints it and the pane of `top` shows it. Computes nothing: every figure is the API's. */
export interface Description {
  readonly ref: string
  /** What it is and how it stands: one line each. */
  readonly head: readonly Line[]
  /** Figures in blocks that stand side by side where there is room. */
  readonly blocks: readonly FactBlock[]
  readonly charts: readonly Chart[]
  /** Things to know: what cannot be told and why, where dead letters go. */
  readonly notes: readonly Line[]
  readonly tables: readonly SubTable[]
  /** For pipes: every figure as field and value. */
  readonly facts: readonly (readonly [field: string, value: string])[]
}

export interface FactBlock {
  readonly title: string
  readonly facts: readonly Fact[]
}

export interface Fact {
  readonly label: string
  /** Null = cannot be told. */
  readonly value: Segment | null
}

export interface Chart {
  readonly label: string
  readonly points: readonly (number | null)[]
  readonly format: (value: number | null) => string | null
}

export interface SubTable {
  readonly title: string
  readonly lines: (layout: TableLayout) => Line[]
  readonly text: (context: CellContext) => string
}

export function subTable<Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[]): SubTable {
  const shown = columns.filter(({ show }) => show === 'always')
  return {
    title,
    lines: (layout) => tableLines(shown, rows, layout),
    text: (context) => tableText(shown, rows, context),
  }
}

/** Every column of a row as field and value, all digits. */
export function factsOf<Row>(columns: readonly Column<Row>[], row: Row, context: CellContext): [string, string][] {
  return columns.map((column) => [column.field, cellOf(column, row, { ...context, exact: true }).text])
}

const LABEL_CELLS = 13
/** `— redelivered` and a gap. */
const NOTE_LABEL_CELLS = 15
const BLOCK_CELLS = 26
const SPARK_CELLS = 60

/** For a terminal: head, figures side by side, the last hour, notes, tables. */
export function descriptionLines(description: Description, layout: TableLayout): Line[] {
  const width = layout.width ?? 100
  const lines: Line[] = [...description.head, []]
  lines.push(...blockLines(description.blocks, { ...layout, width }))
  const charts = description.charts.map((chart) => chartLine(chart, { ...layout, width }))
  if (charts.length > 0) lines.push([], [{ text: 'LAST HOUR', tone: 'heading' }], ...charts)
  if (description.notes.length > 0) lines.push([], ...description.notes.flatMap((one) => wrapLine(one, width)))
  for (const { title, lines: table } of description.tables) {
    lines.push([], [{ text: title, tone: 'strong' }], ...table(layout))
  }
  return lines.map((line) => cutLine(line, width, layout.glyphs.ellipsis))
}

/** For a pipe: facts with tabs, then each table after an empty line. */
export function descriptionText(description: Description, context: CellContext): string {
  const facts = description.facts.map(([field, value]) => `${field}\t${value}\n`).join('')
  return [facts, ...description.tables.map(({ text }) => text(context))].join('\n')
}

function blockLines(
  blocks: readonly FactBlock[],
  { width, glyphs }: { width: number; glyphs: CellContext['glyphs'] },
): Line[] {
  const across = Math.max(1, Math.min(blocks.length, Math.floor((width + 2) / (BLOCK_CELLS + 2))))
  const lines: Line[] = []
  for (let first = 0; first < blocks.length; first += across) {
    const row = blocks.slice(first, first + across)
    if (first > 0) lines.push([])
    lines.push(row.map(({ title }) => ({ text: pad(title, BLOCK_CELLS + 2, 'left'), tone: 'heading' })))
    const height = Math.max(...row.map(({ facts }) => facts.length))
    for (let at = 0; at < height; at++) {
      lines.push(row.flatMap(({ facts }) => factSegments(facts[at], glyphs)))
    }
  }
  return lines
}

function factSegments(fact: Fact | undefined, glyphs: CellContext['glyphs']): Segment[] {
  if (!fact) return [{ text: ' '.repeat(BLOCK_CELLS + 2) }]
  const value = fact.value ?? { text: glyphs.unknown, tone: 'dim' }
  const used = LABEL_CELLS + textWidth(value.text)
  return [
    { text: pad(fact.label, LABEL_CELLS, 'left'), tone: 'dim' },
    value,
    { text: ' '.repeat(Math.max(2, BLOCK_CELLS + 2 - used)) },
  ]
}

function chartLine(
  { label, points, format }: Chart,
  { width, glyphs }: { width: number; glyphs: CellContext['glyphs'] },
): Line {
  const cells = Math.max(8, Math.min(SPARK_CELLS, width - LABEL_CELLS - 24))
  const known = points.filter((point) => point !== null)
  const max = known.length === 0 ? null : Math.max(...known)
  const range = max === null ? 'not observed' : `max ${format(max) ?? glyphs.unknown}`
  return [
    { text: pad(label, LABEL_CELLS, 'left'), tone: 'dim' },
    { text: sparkline(points, cells, glyphs), tone: max === null ? 'unknown' : 'notice' },
    { text: `  ${range}`, tone: 'dim' },
  ]
}

export function charts(
  history: History,
  series: readonly (readonly [name: string, label: string, format: Chart['format']])[],
): Chart[] {
  return series.flatMap(([name, label, format]) => {
    const points = history.series[name]
    return points ? [{ label, points, format }] : []
  })
}

/** `label  text` where there is something to say. */
export function note(label: string, text: string): Line {
  return [{ text: pad(label, NOTE_LABEL_CELLS, 'left'), tone: 'dim' }, { text: inert(text) }]
}
