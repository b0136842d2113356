import { type CellContext, type Column, isUnknownRow } from '../columns/column.ts'
import { cutLine, cutText, type Line, pad, type Segment } from './line.ts'
import { textWidth } from './width.ts'

export interface TableLayout extends CellContext {
  /** Cells of the terminal; null = as wide as it gets. */
  readonly width: number | null
}

const GAP = '  '
/** A cut explanation shorter than this says nothing; the column goes instead. */
const FLEX_MIN = 28
/** Fewer letters of a name are no name. */
const TEXT_MIN = 10

/** Rows as aligned lines under one header, without borders; columns that do not fit go by their `drop`. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], layout: TableLayout): Line[] {
  const cells = rows.map((row) => columns.map((column) => cellOf(column, row, layout)))
  const widths = columns.map((column, at) =>
    Math.max(textWidth(column.head), ...cells.map((row) => textWidth(row[at]?.text ?? ''))),
  )
  const shown = fitting(columns, widths, layout.width)
  const head = line(shown, (at) => ({ text: columns[at]?.head ?? '', tone: 'heading' }))
  const body = rows.map((row, index) => {
    const isDim = isUnknownRow(row)
    return line(shown, (at) => {
      const cell = cells[index]?.[at] ?? { text: '' }
      return isDim ? { ...cell, tone: 'unknown' } : cell
    })
  })
  return [head, ...body].map((one) =>
    layout.width === null ? one : cutLine(one, layout.width, layout.glyphs.ellipsis),
  )

  function line(kept: readonly Shown[], segmentAt: (at: number) => Segment): Line {
    return kept.flatMap(({ at, width }, index) => {
      const segment = segmentAt(at)
      const isLast = index === kept.length - 1
      const align = columns[at]?.align ?? 'left'
      const cut = isLast ? segment.text : cutText(segment.text, width, layout.glyphs.ellipsis)
      const text = isLast && align === 'left' ? cut : pad(cut, width, align)
      return index === 0 ? [{ ...segment, text }] : [{ text: GAP }, { ...segment, text }]
    })
  }
}

/** Rows as tab-separated text, header first: what a pipe gets. */
export function tableText<Row>(columns: readonly Column<Row>[], rows: readonly Row[], context: CellContext): string {
  const exact: CellContext = { ...context, exact: true }
  const lines = [columns.map((column) => column.head)]
  for (const row of rows) lines.push(columns.map((column) => cellOf(column, row, exact).text))
  return `${lines.map((cells) => cells.join('\t')).join('\n')}\n`
}

/** A cell as a segment; what cannot be told becomes a quiet dash. */
export function cellOf<Row>(column: Column<Row>, row: Row, context: CellContext): Segment {
  const cell = column.cell(row, context)
  if (cell === null) return { text: context.glyphs.unknown, tone: 'dim' }
  return typeof cell === 'string' ? { text: cell } : cell
}

interface Shown {
  readonly at: number
  readonly width: number
}

/** Which columns fit: the highest `drop` goes first, the flexible one shrinks before it goes. */
function fitting<Row>(columns: readonly Column<Row>[], widths: readonly number[], width: number | null): Shown[] {
  let kept = columns.map((_, at) => at)
  const needed = (flexMin: boolean) =>
    kept.reduce((sum, at) => {
      const own = widths[at] ?? 0
      return sum + GAP.length + (flexMin && columns[at]?.flex ? Math.min(own, FLEX_MIN) : own)
    }, -GAP.length)
  while (width !== null && needed(true) > width) {
    const first = kept.reduce<number | null>((best, at) => {
      const drop = columns[at]?.drop
      if (drop === undefined) return best
      return best === null || drop > (columns[best]?.drop ?? 0) ? at : best
    }, null)
    if (first === null) break
    kept = kept.filter((at) => at !== first)
  }
  const shown = kept.map((at) => ({ at, width: widths[at] ?? 0 }))
  return width === null ? shown : squeezed(columns, shown, width - needed(true))
}

/** When all that must stay is still too wide, the longest text gives way: half a figure would be a wrong one. */
function squeezed<Row>(columns: readonly Column<Row>[], shown: readonly Shown[], spare: number): Shown[] {
  if (spare >= 0) return [...shown]
  const texts = shown.filter(({ at }) => columns[at]?.align !== 'right')
  const longest = texts.reduce<Shown | null>((a, b) => (b.width > (a?.width ?? 0) ? b : a), null)
  const narrow = Math.max(TEXT_MIN, (longest?.width ?? 0) + spare)
  const left = spare + (longest ? longest.width - narrow : 0)
  const fitted = shown.map((one) => (one === longest ? { ...one, width: narrow } : one))
  const last = fitted.at(-1)
  return left >= 0 || !last || fitted.length === 1
    ? fitted
    : squeezed(columns, fitted.slice(0, -1), left + last.width + GAP.length)
}
