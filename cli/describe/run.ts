import type { RunBody, RunRow } from '../../server/api/run.ts'
import { ageCell, type CellContext, figureCell } from '../columns/column.ts'
import { CONTROL_COLUMNS } from '../columns/control-columns.ts'
import { etaCell, RUN_COLUMNS, statusCell } from '../columns/run-columns.ts'
import { formatAge, formatCount, formatDuration, formatRate } from '../format/figures.ts'
import type { Glyphs } from '../format/glyphs.ts'
import { inert } from '../format/inert.ts'
import type { Line, Segment } from '../format/line.ts'
import { charts, type Description, factsOf, note, subTable } from './description.ts'

const BAR_CELLS = 30

/** One run: how far it is, how fast, when it will have ended, and what holds it. */
export function describeRun({ run, moves, controls, history }: RunBody, context: CellContext): Description {
  const { glyphs, nowMs } = context
  const about = `${run.system} ${run.job} in ${run.queueRef}`
  const age = formatAge(Math.max(0, nowMs - run.observedAtMs))
  const trouble: Line[] = [
    ...(run.stalledMs === null
      ? []
      : [critical(`no item for ${formatDuration(run.stalledMs)}, far longer than usual`)]),
    ...(run.error === null ? [] : [critical(run.error)]),
  ]
  return {
    ref: run.ref,
    head: [
      [
        statusCell(run, { exact: true }),
        { text: `  ${inert(run.ref)}`, tone: 'strong' },
        { text: `   ${inert(about)}   as of ${age}`, tone: 'dim' },
      ],
      [{ text: '  ' }, ...progressSegments(run, context)],
      ...trouble,
    ],
    blocks: [
      {
        title: 'ITEMS',
        facts: [
          { label: 'done', value: figureCell(formatCount(run.tickCount)) },
          { label: 'of', value: figureCell(formatCount(run.tickTotal)) },
          { label: 'rate', value: perSecond(run) },
          { label: 'last', value: ageCell(run.tickedAtMs, context) },
        ],
      },
      {
        title: 'TIME',
        facts: [
          { label: 'running', value: figureCell(formatDuration(run.runningMs)) },
          { label: 'ends', value: etaCell(run, context) },
        ],
      },
      {
        title: 'TRIES',
        facts: [
          { label: 'attempt', value: { text: String(run.attempt) } },
          { label: 'interruptions', value: { text: ` ${run.interruptions}` } },
          { label: 'crashes', value: figureCell(formatCount(run.crashes)) },
        ],
      },
    ],
    charts: charts(history, [
      ['perSecond', 'items/s', formatRate],
      ['tickCount', 'done', formatCount],
    ]),
    notes: [
      note('cursor', run.cursor ?? `${glyphs.unknown} none yet`),
      note('worker', run.worker ?? `${glyphs.none} none has it now`),
      note('can be', moves.length === 0 ? 'nothing: it is over' : moves.join(', ')),
    ],
    tables: controls.length === 0 ? [] : [subTable(`Controls (${controls.length})`, CONTROL_COLUMNS, controls)],
    facts: factsOf(RUN_COLUMNS, run, context),
  }
}

/** `438 200 of 1 200 000 (36 %) ████░░░░ 212/s, ends 15:10–15:25`; no bar where the total is not known. */
export function progressSegments(run: RunRow, { glyphs, nowMs }: { glyphs: Glyphs; nowMs: number }): Segment[] {
  const { tickCount: done, tickTotal: total } = run
  const rate = formatRate(run.perSecond)
  const eta = etaCell(run, { nowMs })
  const after = [rate === null ? null : `${rate}/s`, eta === null ? null : `ends ${eta.text}`].filter(
    (one) => one !== null,
  )
  const tail: Segment = { text: after.length === 0 ? '' : `   ${after.join(', ')}` }
  if (done === null) return [{ text: 'it does not tell how far it is', tone: 'dim' }, tail]
  if (total === null) return [{ text: `${grouped(done)} items` }, tail]
  if (done > total) return [{ text: `${grouped(done)} items (expected ${grouped(total)})`, tone: 'warning' }, tail]
  const share = total === 0 ? 1 : done / total
  // Neither all nor nothing before it is so.
  const filled = Math.min(
    done < total ? BAR_CELLS - 1 : BAR_CELLS,
    Math.max(done > 0 ? 1 : 0, Math.round(share * BAR_CELLS)),
  )
  return [
    { text: `${grouped(done)} of ${grouped(total)} (${Math.floor(share * 100)}%) ` },
    { text: glyphs.full.repeat(filled), tone: 'fine' },
    { text: glyphs.empty.repeat(BAR_CELLS - filled), tone: 'dim' },
    tail,
  ]
}

function perSecond(run: RunRow): Segment | null {
  const text = formatRate(run.perSecond)
  return text === null ? null : { text: `${text}/s` }
}

function critical(text: string): Line {
  return [{ text: '  ' }, { text: inert(text), tone: 'critical' }]
}

/** `1 204 311`. */
function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ')
}
