import { type CellContext, type Column, isUnknownRow } from '../columns/column.ts'
import { inert } from '../format/inert.ts'
import { cutText, type Line, pad, type Segment } from '../format/line.ts'
import { cellOf } from '../format/table.ts'
import { textWidth } from '../format/width.ts'
import { askedOf, shownData, shownRows, sortOf, type TopModel, viewOf } from './model.ts'
import type { Referenced } from './order.ts'
import type { ScreenColumn } from './view.ts'

export interface ListLayout {
  readonly columns: number
  readonly context: CellContext
  /** Lines, the heads included. */
  readonly room: number
}

const GAP = '  '
/** The cursor's place and a space; between them the marks', once there are any. */
function leadCells({ marks }: TopModel): number {
  return marks.length > 0 ? 3 : 2
}
/** A name wider than what is shown only pushes its figures away; steps, so that the columns seldom move. */
const NAME_STEP = 12
/** Up to here a name is worth more than the columns that can be left out. */
const NAME_CELLS_KEPT = 34
/** A point a minute. */
const TREND_CELLS_MAX = 60

/** The heads and the rows that fit, or why there are none. */
export function listLines(model: TopModel, { columns, context, room }: ListLayout): Line[] {
  const rows = shownRows(model)
  const nameOf = (ref: string) => inert(model.view === 0 ? ref : withoutKind(ref))
  const name = viewOf(model).columns[1]?.column as Column<Referenced> | undefined
  const longest = Math.max(
    0,
    ...(rows?.items ?? []).map((row) =>
      textWidth(name && name.field !== 'ref' ? cellOf(name, row, context).text : nameOf(row.ref)),
    ),
  )
  const shown = fitted(viewOf(model).columns, { width: columns - leadCells(model), longest })
  const head = headLine(model, shown, context)
  if (!rows) return [head, ...whyEmpty(model, null)]
  if (rows.items.length === 0) return [head, ...whyEmpty(model, rows.total)]
  const from = Math.max(0, model.first - rows.offset)
  const visible = rows.items.slice(from, from + room - 1)
  return [
    head,
    ...visible.map((row, at) => {
      const isCursor = rows.offset + from + at === model.cursor
      return rowLine(row, {
        shown,
        isCursor,
        mark: model.marks.length === 0 ? '' : model.marks.includes(row.ref) ? '*' : ' ',
        context,
        nameOf,
      })
    }),
  ]
}

/** Last columns that gain by width. */
const STRETCHED = ['trend', 'serves', 'reasons', 'reason', 'error']

interface Fitted extends ScreenColumn {
  readonly width: number
}

/** The columns that fit, at their widths; the reference takes what it needs of the rest, the last hour what is left. */
function fitted(
  columns: readonly ScreenColumn[],
  { width, longest }: { width: number; longest: number },
): readonly Fitted[] {
  const fewest = columns[1]?.cells ?? 0
  let kept = columns.map((one, at) =>
    at === 1 ? { ...one, cells: Math.min(Math.max(one.cells, longest), NAME_CELLS_KEPT) } : one,
  )
  const needed = () => kept.reduce((sum, { cells }) => sum + cells + GAP.length, -GAP.length)
  while (needed() > width && kept.some(({ drop }) => drop > 0)) {
    const worst = kept.reduce((a, b) => (b.drop > a.drop ? b : a))
    const left = Math.max(fewest, worst.cells - (needed() - width))
    kept = worst === kept[1] ? kept.with(1, { ...worst, cells: left, drop: 0 }) : kept.filter((one) => one !== worst)
  }
  if (needed() > width) kept = kept.map((one, at) => (at === 1 ? { ...one, cells: fewest } : one))
  const spare = Math.max(0, width - needed())
  const name = kept[1]?.cells ?? 0
  const wanted = Math.max(name, Math.ceil((longest + 2) / NAME_STEP) * NAME_STEP)
  const last = kept.length - 1
  const stretches = last > 1 && STRETCHED.includes(kept[last]?.column.field ?? '')
  const nameWidth = name + Math.min(spare, stretches ? wanted - name : spare)
  const lastWidth = Math.min(
    Math.max(TREND_CELLS_MAX, kept[last]?.cells ?? 0),
    (kept[last]?.cells ?? 0) + spare - (nameWidth - name),
  )
  return kept.map((one, at) => ({
    ...one,
    width: at === 1 ? nameWidth : stretches && at === last ? lastWidth : one.cells,
  }))
}

function headLine(model: TopModel, shown: readonly Fitted[], { glyphs }: CellContext): Line {
  const sort = sortOf(model)
  const cells = shown.map(({ column, head, width, sort: own }): Segment => {
    const isSorted = own === sort.field && own !== 'pain'
    const arrow = isSorted ? (sort.descending ? glyphs.descending : glyphs.ascending) : ''
    const text = cutText(`${head ?? column.head}${arrow}`, width, '')
    return { text: pad(text, width, column.align ?? 'left'), tone: isSorted ? 'accent' : 'heading' }
  })
  return joined(' '.repeat(leadCells(model)), cells)
}

interface RowLayout {
  readonly shown: readonly Fitted[]
  readonly isCursor: boolean
  readonly mark: string
  readonly context: CellContext
  readonly nameOf: (ref: string) => string
}

/** In a list of one kind the kind is in its title. */
function withoutKind(ref: string): string {
  return ref.replace(/^(group|topic|worker|run)\//, '')
}

function rowLine(row: Referenced, { shown, isCursor, mark, context, nameOf }: RowLayout): Line {
  const isOld = isUnknownRow(row)
  const cells = shown.map(({ column, width }): Segment => {
    const whole = cellOf(column as unknown as Column<Referenced>, row, { ...context, trendCells: width })
    const cell =
      column.field === 'ref' ? { ...whole, text: whole.text.replace(inert(row.ref), () => nameOf(row.ref)) } : whole
    const text = textWidth(cell.text) > width ? cutText(cell.text, width, context.glyphs.ellipsis) : cell.text
    const tone = isOld
      ? 'unknown'
      : isCursor && (cell.tone === undefined || cell.tone === 'strong')
        ? 'accent'
        : toneInList(cell)
    return { text: pad(text, width, column.align ?? 'left'), tone }
  })
  return joined(`${isCursor ? context.glyphs.cursor : ' '}${mark} `, cells)
}

/** In a list of a hundred names none is strong. */
function toneInList({ tone }: Segment): Segment['tone'] {
  return tone === 'strong' ? undefined : tone
}

function joined(mark: string, cells: readonly Segment[]): Line {
  return [{ text: mark, tone: 'accent' }, ...cells.flatMap((cell, at) => (at === 0 ? [cell] : [{ text: GAP }, cell]))]
}

function whyEmpty(model: TopModel, total: number | null): Line[] {
  const { problems } = shownData(model)
  const failed = viewOf(model)
    .paths(askedOf(model))
    .map((path) => problems.get(path))
    .find((message) => message !== undefined)
  if (failed !== undefined) return [[], [{ text: `  ${inert(failed)}`, tone: 'warning' }]]
  if (total === null) return [[], [{ text: '  reading…', tone: 'dim' }]]
  const { filter, faults } = model
  const words: Line[] = [[]]
  if (shownRows(model)?.fresh.sources.length === 0) {
    words.push([{ text: '  Nothing is connected yet. Name a broker in sluice.yaml and start anew:' }], [])
    words.push([{ text: '    sources:', tone: 'dim' }])
    words.push([{ text: '      redis-main: { url: "redis://127.0.0.1:6379" }', tone: 'dim' }])
    return words
  }
  if (filter !== '')
    words.push([
      { text: `  None match "${inert(filter)}"${faults ? ' among the faults' : ''}. Esc clears the filter.` },
    ])
  else if (faults) words.push([{ text: '  Nothing is wrong here. f shows all.', tone: 'fine' }])
  else words.push([{ text: `  No ${viewOf(model).title.toLowerCase()} in the connected sources.`, tone: 'dim' }])
  return words
}
