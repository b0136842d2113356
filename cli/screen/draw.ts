import type { OverviewBody } from '../../server/api/overview.ts'
import { OVERVIEW_PATH } from '../../server/api/paths.ts'
import type { CellContext } from '../columns/column.ts'
import { formatAge } from '../format/figures.ts'
import { ASCII, type Glyphs } from '../format/glyphs.ts'
import { inert } from '../format/inert.ts'
import { asciiLine, cutLine, type Line, lineWidth, type Segment } from '../format/line.ts'
import { sourceLine, verdictLine } from './header.ts'
import { BINDINGS, type Mode } from './keys.ts'
import { listLines } from './list-lines.ts'
import { rowUnderCursor, shownData, shownRows, sortOf, type TopModel, viewOf } from './model.ts'
import { helpLines, paneLines } from './pane-lines.ts'
import { modeOf } from './step.ts'

export interface Screen {
  readonly columns: number
  readonly rows: number
  readonly glyphs: Glyphs
  /** Our monotonic clock: with the server's offset it gives the server's time. */
  readonly monotonicMs: number
  /** `127.0.0.1:7380` */
  readonly server: string
}

const COLUMNS_MIN = 40
const ROWS_MIN = 10
/** Lines around the list: verdict, sources, rule, heads; rule and keys below. */
const AROUND = 6

/** Rows that a list gets on a screen of this many. */
export function roomOf(rows: number): number {
  return Math.max(1, rows - AROUND)
}

/** The whole screen as exactly `rows` lines. Pure: the same model, size and time give the same lines. */
export function drawTop(model: TopModel, screen: Screen): Line[] {
  const { columns, rows, glyphs } = screen
  if (columns < COLUMNS_MIN || rows < ROWS_MIN) return tooSmall(screen)
  const data = shownData(model)
  const overview = data.bodies.get(OVERVIEW_PATH) as OverviewBody | undefined
  const context: CellContext = { exact: false, glyphs, nowMs: screen.monotonicMs + (data.clockOffsetMs ?? 0) }
  const layout = { width: columns, glyphs, nowMs: context.nowMs }
  const top: Line[] = overview
    ? [
        verdictLine(overview, { link: linkSegment(model, screen), server: screen.server, layout }),
        sourceLine(overview, layout),
      ]
    : [[{ text: 'reading…', tone: 'dim' }], []]
  const room = roomOf(rows)
  const body = fill(bodyLines(model, { ...screen, context, room: room + 1 }), room + 1)
  const lines = [
    ...top,
    ruleLine(topChips(model, context), screen),
    ...body,
    ruleLine(bottomChips(model), screen),
    footer(model, screen),
  ]
  const cut = lines.map((line) => cutLine(line, columns, glyphs.ellipsis))
  return glyphs === ASCII ? cut.map(asciiLine) : cut
}

interface BodyLayout extends Screen {
  readonly context: CellContext
  /** Lines, the head of the table included. */
  readonly room: number
}

function bodyLines(model: TopModel, layout: BodyLayout): Line[] {
  const mode = modeOf(model)
  if (mode === 'help') return helpLines(model.help?.scroll ?? 0, layout)
  if (mode === 'pane') return paneLines(model, layout)
  return listLines(model, layout)
}

function fill(lines: readonly Line[], count: number): Line[] {
  return Array.from({ length: count }, (_, at) => lines[at] ?? [])
}

/** Where the figures come from and whether they still come. */
function linkSegment(model: TopModel, { monotonicMs }: Screen): Segment {
  if (model.frozen)
    return { text: `frozen ${formatAge(monotonicMs - model.frozen.sinceMs)}, z goes on`, tone: 'warning' }
  if (model.link.state === 'lost') {
    return { text: `live updates lost ${formatAge(monotonicMs - model.linkSinceMs)} ago, polling`, tone: 'warning' }
  }
  return { text: model.link.state === 'live' ? 'live' : 'connecting', tone: 'dim' }
}

function topChips(model: TopModel, { glyphs }: CellContext): Segment[][] {
  const mode = modeOf(model)
  if (mode === 'help') return [[{ text: 'Keys', tone: 'strong' }]]
  if (model.pane) return [[{ text: inert(model.pane.ref), tone: 'strong' }], [{ text: 'Esc goes back', tone: 'dim' }]]
  const rows = shownRows(model)
  const sort = sortOf(model)
  const arrow =
    sort.field === 'pain'
      ? sort.descending
        ? ` ${glyphs.ascending}`
        : ''
      : ` ${sort.descending ? glyphs.descending : glyphs.ascending}`
  const count = rows
    ? ` ${rows.items.length < rows.total && model.view === 0 ? `${rows.items.length} of ` : ''}${rows.total}`
    : ''
  const chips: Segment[][] = [[{ text: viewOf(model).title, tone: 'strong' }, { text: count }]]
  if (model.source)
    chips.push([
      { text: 'source ', tone: 'dim' },
      { text: inert(model.source), tone: 'accent' },
    ])
  chips.push([{ text: 'sort ', tone: 'dim' }, { text: `${sortLabel(model)}${arrow}` }])
  const isFiltered = model.filter !== ''
  chips.push([
    { text: 'filter ', tone: 'dim' },
    isFiltered ? { text: inert(model.filter), tone: 'accent' } : { text: 'none', tone: 'dim' },
  ])
  chips.push(model.faults ? [{ text: 'faults only', tone: 'accent' }] : [{ text: 'all states', tone: 'dim' }])
  if (rows && !rows.isCurrent) chips.push([{ text: 'asking…', tone: 'notice' }])
  const changes = model.held?.changes ?? 0
  if (changes > 0)
    chips.push([{ text: `${changes} order ${changes === 1 ? 'change' : 'changes'} (s)`, tone: 'notice' }])
  else if (model.held) chips.push([{ text: 'order held', tone: 'dim' }])
  return chips
}

/** The head of the column that is sorted by, in small letters. */
function sortLabel(model: TopModel): string {
  const { field } = sortOf(model)
  if (field === 'pain') return 'worst first'
  const found = viewOf(model).columns.find(({ sort }) => sort === field)
  return (found?.head ?? found?.column.head ?? field).toLowerCase()
}

/** What is said just now, else why the row under the cursor is as it is. */
function bottomChips(model: TopModel): Segment[][] {
  if (model.typing !== null)
    return [[{ text: 'filter: ', tone: 'accent' }, { text: inert(model.typing) }, { text: '_', tone: 'accent' }]]
  if (model.said !== null) return [[{ text: model.said, tone: 'notice' }]]
  if (modeOf(model) !== 'list') return []
  const row = rowUnderCursor(model)
  if (!row) return []
  const reasons =
    'reasons' in row && Array.isArray(row.reasons) ? row.reasons.map((reason) => inert(String(reason))) : []
  if (reasons.length === 0) return []
  return [[{ text: inert(row.ref), tone: 'strong' }, { text: `  ${reasons.join('; ')}` }]]
}

/** `─ chip ── chip ─────`, over the whole width. */
function ruleLine(chips: readonly Segment[][], { columns, glyphs }: Screen): Line {
  const segments: Segment[] = []
  const quiet = (text: string): Segment => ({ text, tone: 'dim' })
  for (const chip of chips) {
    segments.push(quiet(segments.length === 0 ? `${glyphs.rule} ` : ` ${glyphs.rule}${glyphs.rule} `), ...chip)
  }
  const used = lineWidth(segments)
  if (segments.length > 0 && used < columns) segments.push(quiet(' '))
  const left = columns - lineWidth(segments)
  return left > 0 ? [...segments, quiet(glyphs.rule.repeat(left))] : cutLine(segments, columns, glyphs.ellipsis)
}

const TYPING: readonly (readonly [string, string])[] = [
  ['Enter', 'keep'],
  ['Esc', 'no filter'],
  ['Ctrl-U', 'empty'],
]

/** As many keys as fit; help and quit always. */
function footer(model: TopModel, { columns }: Screen): Line {
  if (model.typing !== null) return keySegments(TYPING)
  const mode: Mode = modeOf(model)
  const isKept = (shown: string) => shown === '?' || shown === 'q'
  const keys = BINDINGS.filter(
    ({ modes, footer: word, shown }) => word && modes.includes(mode) && (shown !== 'Esc' || isBackUseful(model)),
  ).map(({ shown, footer: word }) => [shown, word ?? ''] as const)
  let shown = keys
  while (lineWidth(keySegments(shown)) > columns && shown.some(([key]) => !isKept(key))) {
    const last = shown.findLastIndex(([key]) => !isKept(key))
    shown = shown.filter((_, at) => at !== last)
  }
  return keySegments(shown)
}

function isBackUseful(model: TopModel): boolean {
  return model.pane !== null || model.help !== null || model.filter !== '' || model.held !== null
}

function keySegments(keys: readonly (readonly [string, string])[]): Line {
  return keys.flatMap(([key, word], at): Segment[] => [
    { text: `${at === 0 ? '' : '  '}${key}`, tone: 'accent' },
    { text: ` ${word}`, tone: 'dim' },
  ])
}

function tooSmall({ columns, rows }: Screen): Line[] {
  const lines: Line[] = [
    [{ text: `top needs ${COLUMNS_MIN}×${ROWS_MIN}` }],
    [{ text: `this is ${columns}×${rows}` }],
    [{ text: 'q quits' }],
  ]
  return fill(lines, Math.max(1, rows)).map((line) => cutLine(line, columns, ''))
}
