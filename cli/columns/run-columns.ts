import type { RunRow } from '../../server/api/run.ts'
import { formatCount, formatDuration, formatRate, formatWhen } from '../format/figures.ts'
import { inert } from '../format/inert.ts'
import type { Segment, Tone } from '../format/line.ts'
import { ageCell, type CellContext, type Column, figureCell, instantCell, noneCell, textCell } from './column.ts'

export const RUN_COLUMNS: readonly Column<RunRow>[] = [
  { field: 'status', head: 'STATUS', show: 'always', cell: statusCell },
  { field: 'ref', head: 'RUN', show: 'always', cell: (row) => textCell(row.ref, 'strong') },
  { field: 'job', head: 'JOB', show: 'always', cell: (row) => textCell(row.job) },
  { field: 'queue', head: 'QUEUE', show: 'always', drop: 3, cell: (row) => textCell(row.queue) },
  { field: 'queueRef', head: 'QUEUE REF', show: 'asked', cell: (row) => textCell(row.queueRef) },
  {
    field: 'tickCount',
    head: 'DONE',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.tickCount, exact)),
  },
  {
    field: 'tickTotal',
    head: 'OF',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.tickTotal, exact)),
  },
  {
    field: 'perSecond',
    head: 'RATE/S',
    align: 'right',
    show: 'always',
    drop: 2.5,
    cell: (row, { exact }) => figureCell(formatRate(row.perSecond, exact)),
  },
  {
    field: 'etaFromMs',
    head: 'ETA',
    show: 'always',
    drop: 2.6,
    cell: (row, context) => (context.exact ? instantCell(row.etaFromMs) : etaCell(row, context)),
  },
  { field: 'etaToMs', head: 'ETA TO', show: 'asked', cell: (row) => instantCell(row.etaToMs) },
  {
    field: 'tickedAtMs',
    head: 'LAST TICK',
    align: 'right',
    show: 'always',
    drop: 1,
    cell: (row, context) => ageCell(row.tickedAtMs, context),
  },
  {
    field: 'runningMs',
    head: 'RUNNING',
    align: 'right',
    show: 'always',
    drop: 2,
    cell: (row) => figureCell(formatDuration(row.runningMs)),
  },
  { field: 'attempt', head: 'ATTEMPT', align: 'right', show: 'always', drop: 4, cell: (row) => String(row.attempt) },
  {
    field: 'interruptions',
    head: 'INTERRUPTIONS',
    align: 'right',
    show: 'wide',
    cell: (row) => String(row.interruptions),
  },
  {
    field: 'crashes',
    head: 'CRASHES',
    align: 'right',
    show: 'wide',
    cell: (row, { exact }) => figureCell(formatCount(row.crashes, exact)),
  },
  {
    field: 'stalledMs',
    head: 'STALLED',
    align: 'right',
    show: 'wide',
    cell: (row, context) =>
      row.stalledMs === null ? noneCell(context) : { text: formatDuration(row.stalledMs) ?? '', tone: 'critical' },
  },
  { field: 'worker', head: 'WORKER', show: 'wide', cell: (row, context) => textCell(row.worker) ?? noneCell(context) },
  { field: 'system', head: 'SYSTEM', show: 'wide', cell: (row) => textCell(row.system) },
  { field: 'cursor', head: 'CURSOR', show: 'wide', cell: (row) => textCell(row.cursor) },
  { field: 'startedAtMs', head: 'STARTED', show: 'wide', cell: (row) => instantCell(row.startedAtMs) },
  {
    field: 'error',
    head: 'ERROR',
    show: 'always',
    drop: 5,
    flex: true,
    cell: (row, context) => textCell(row.error, 'critical') ?? noneCell(context),
  },
  { field: 'saga', head: 'SAGA', show: 'wide', cell: (row, context) => textCell(row.saga) ?? noneCell(context) },
  { field: 'source', head: 'SOURCE', show: 'asked', cell: (row) => textCell(row.source) },
  { field: 'id', head: 'ID', show: 'asked', cell: (row) => textCell(row.id) },
  { field: 'observedAtMs', head: 'OBSERVED', show: 'asked', cell: (row) => instantCell(row.observedAtMs) },
]

const STATUS_TONE: Readonly<Record<string, Tone>> = {
  running: 'fine',
  succeeded: 'fine',
  pausing: 'paused',
  paused: 'paused',
  throttled: 'paused',
  cancelling: 'warning',
  interrupted: 'notice',
  failed: 'critical',
}

/** What it does; a run that stands still although it should not says so. */
export function statusCell({ status, stalledMs }: RunRow, { exact }: Pick<CellContext, 'exact'>): Segment {
  if (!exact && stalledMs !== null) return { text: `${inert(status)}, stalled`, tone: 'critical' }
  const tone = STATUS_TONE[status]
  return tone ? { text: inert(status), tone } : { text: inert(status) }
}

/** `15:10–15:25`, with the day in front when it is not today; null when it cannot be told. */
export function etaCell({ etaFromMs, etaToMs }: RunRow, { nowMs }: Pick<CellContext, 'nowMs'>): Segment | null {
  if (etaFromMs === null || etaToMs === null) return null
  const [from, to] = [formatWhen(etaFromMs, nowMs), formatWhen(etaToMs, nowMs)]
  return { text: from === to ? `~${from}` : `${from}–${to}` }
}
