import type { OverviewBody } from '../../server/api/overview.ts'
import { OVERVIEW_PATH } from '../../server/api/paths.ts'
import type { CellContext } from '../columns/column.ts'
import { formatAge } from '../format/figures.ts'
import { ASCII, type Glyphs } from '../format/glyphs.ts'
import { asciiLine, cutLine, type Line, lineWidth, type Segment } from '../format/line.ts'
import { bottomChips, ruleLine, topChips } from './chips.ts'
import { controlsLine, hasBar } from './controls-line.ts'
import { hasAmount, hasLife } from './form.ts'
import { formLines } from './form-lines.ts'
import { sourceLine, verdictLine } from './header.ts'
import { BINDINGS, type Mode } from './keys.ts'
import { listLines } from './list-lines.ts'
import { shownData, type TopModel } from './model.ts'
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
/** Verdict and sources; the controls have a line where there are any. */
const TOP = 2
/** Lines around the list: rule and heads above; rule and keys below. */
const AROUND = 4

/** Rows that a list gets on a screen of this many. */
export function roomOf(rows: number, model: TopModel): number {
  return Math.max(1, rows - TOP - AROUND - (hasBar(model) ? 1 : 0))
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
        ...(hasBar(model) ? [controlsLine(model, layout)] : []),
      ]
    : [[{ text: 'reading…', tone: 'dim' }], []]
  const room = Math.max(1, rows - top.length - AROUND)
  const body = fill(bodyLines(model, { ...screen, context, room: room + 1 }), room + 1)
  const lines = [
    ...top,
    ruleLine(topChips(model, glyphs), screen),
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
  if (model.form) return formLines(model.form, layout).slice(0, layout.room)
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
    ({ modes, footer: word, shown, action }) =>
      word &&
      modes.includes(mode) &&
      (shown !== 'Esc' || isBackUseful(model)) &&
      (action.do !== 'type' || (model.form !== null && hasLife(model.form))) &&
      (action.do !== 'field' || (model.form !== null && hasAmount(model.form))),
  ).map(({ shown, footer: word }) => [shown, word ?? ''] as const)
  let shown = keys
  while (lineWidth(keySegments(shown)) > columns && shown.some(([key]) => !isKept(key))) {
    const last = shown.findLastIndex(([key]) => !isKept(key))
    shown = shown.filter((_, at) => at !== last)
  }
  return keySegments(shown)
}

function isBackUseful(model: TopModel): boolean {
  return (
    model.form !== null ||
    model.pane !== null ||
    model.help !== null ||
    model.marks.length > 0 ||
    model.filter !== '' ||
    model.held !== null
  )
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
