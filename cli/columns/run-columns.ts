import type { RunRow } from '../../server/api/run.ts'
import { formatCount, formatDuration } from '../format/figures.ts'
import { ageCell, type Column, figureCell, instantCell, noneCell, textCell } from './column.ts'

export const RUN_COLUMNS: readonly Column<RunRow>[] = [
  { field: 'status', head: 'STATUS', show: 'always', cell: (row) => textCell(row.status) },
  { field: 'ref', head: 'RUN', show: 'always', cell: (row) => textCell(row.ref, 'strong') },
  { field: 'job', head: 'JOB', show: 'always', cell: (row) => textCell(row.job) },
  { field: 'queue', head: 'QUEUE', show: 'always', drop: 3, cell: (row) => textCell(row.queue) },
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
  { field: 'source', head: 'SOURCE', show: 'asked', cell: (row) => textCell(row.source) },
  { field: 'id', head: 'ID', show: 'asked', cell: (row) => textCell(row.id) },
  { field: 'observedAtMs', head: 'OBSERVED', show: 'asked', cell: (row) => instantCell(row.observedAtMs) },
]
