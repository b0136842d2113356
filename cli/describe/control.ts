import type { ControlBody } from '../../server/api/control.ts'
import { ageCell, type CellContext, type Column, figureCell, textCell } from '../columns/column.ts'
import { CONTROL_COLUMNS } from '../columns/control-columns.ts'
import { orderWords, phaseCell, stepWords } from '../format/control-words.ts'
import { formatCount, formatCountdown, formatInstant, formatTook } from '../format/figures.ts'
import { inert } from '../format/inert.ts'
import type { Line } from '../format/line.ts'
import { type Description, factsOf, note, subTable } from './description.ts'

type ControlWorker = ControlBody['workers'][number]

/** One control: who, why, until when, how far it came, and worker by worker who obeys. */
export function describeControl(body: ControlBody, context: CellContext): Description {
  const { control, steps, workers, queues, missing } = body
  const { glyphs, nowMs } = context
  const words = orderWords(control.order) || 'paused'
  const left =
    control.endedAtMs === null
      ? `${formatCountdown(control.expiresAtMs - nowMs)} left`
      : `ended ${formatInstant(control.endedAtMs)} by ${control.endedBy ?? 'itself'}`
  const head: Line[] = [
    [
      phaseCell(control, glyphs),
      { text: `  ${inert(control.target)}`, tone: 'strong' },
      { text: `  ${words}   ${inert(left)}`, tone: 'dim' },
    ],
    [{ text: '  ' }, { text: inert(control.detail) }],
    [],
    note('id', control.id),
    note('reason', control.reason),
    note('by', `${control.actor}, revision ${control.revision}`),
    note('until', formatInstant(control.expiresAtMs) ?? glyphs.unknown),
    ...steps.map((step, at) => note(at === 0 ? 'steps' : '', stepWords(control, step, glyphs))),
  ]
  return {
    ref: control.id,
    head,
    blocks: [
      {
        title: 'WORKERS',
        facts: [
          { label: 'obey', value: figureCell(formatCount(control.obeying)) },
          { label: 'concerned', value: figureCell(formatCount(control.workers)) },
        ],
      },
      {
        title: 'UNITS',
        facts: [
          { label: 'in hand', value: figureCell(formatCount(control.inHand)) },
          { label: 'held back', value: figureCell(formatCount(control.heldBack)) },
          { label: 'starts since', value: figureCell(formatCount(control.startsSince)) },
        ],
      },
    ],
    charts: [],
    notes: [
      ...(queues.length > 1 ? [note('lies in', queues.join(', '))] : []),
      ...(missing.length > 0 ? [note('missing in', missing.join(', '))] : []),
    ],
    tables: workers.length === 0 ? [] : [subTable(`Workers (${workers.length})`, CONTROL_WORKER_COLUMNS, workers)],
    facts: factsOf(CONTROL_COLUMNS, control, context),
  }
}

const CONTROL_WORKER_COLUMNS: readonly Column<ControlWorker>[] = [
  {
    field: 'obeys',
    head: 'OBEYS',
    show: 'always',
    cell: ({ obeys, disobeys }) =>
      disobeys
        ? { text: 'disobeys', tone: 'critical' }
        : obeys
          ? { text: 'obeys', tone: 'fine' }
          : { text: 'not yet', tone: 'warning' },
  },
  { field: 'ref', head: 'WORKER', show: 'always', cell: (row) => textCell(row.ref, 'strong') },
  {
    field: 'beatAtMs',
    head: 'BEAT',
    align: 'right',
    show: 'always',
    cell: (row, context) => ageCell(row.beatAtMs, context),
  },
  {
    field: 'skewMs',
    head: 'CLOCK OFF BY',
    align: 'right',
    show: 'always',
    cell: (row) =>
      row.skewMs === null ? null : { text: `${row.skewMs < 0 ? '-' : ''}${formatTook(Math.abs(row.skewMs))}` },
  },
  { field: 'version', head: 'VERSION', show: 'always', cell: (row) => textCell(row.version) },
]
