import type { WorkerRow } from '../../server/api/worker.ts'
import { formatCount } from '../format/figures.ts'
import { ageCell, type Column, figureCell, instantCell, textCell, wordsCell } from './column.ts'

export const WORKER_COLUMNS: readonly Column<WorkerRow>[] = [
  {
    field: 'phase',
    head: 'PHASE',
    show: 'always',
    cell: (row) => ({ text: row.phase, tone: row.phase === 'running' ? 'fine' : 'warning' }),
  },
  { field: 'ref', head: 'WORKER', show: 'always', cell: (row) => textCell(row.ref, 'strong') },
  { field: 'system', head: 'SYSTEM', show: 'always', drop: 3, cell: (row) => textCell(row.system) },
  {
    field: 'busy',
    head: 'BUSY',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.busy, exact)),
  },
  {
    field: 'capacity',
    head: 'OF',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.capacity, exact)),
  },
  {
    field: 'beatAtMs',
    head: 'BEAT',
    align: 'right',
    show: 'always',
    cell: (row, context) => ageCell(row.beatAtMs, context),
  },
  {
    field: 'startedAtMs',
    head: 'UP',
    align: 'right',
    show: 'always',
    drop: 4,
    cell: (row, context) => ageCell(row.startedAtMs, context),
  },
  { field: 'host', head: 'HOST', show: 'always', drop: 2, cell: (row) => textCell(row.host) },
  {
    field: 'pid',
    head: 'PID',
    align: 'right',
    show: 'always',
    drop: 5,
    cell: (row) => (row.pid === null ? null : String(row.pid)),
  },
  { field: 'version', head: 'VERSION', show: 'wide', cell: (row) => textCell(row.version) },
  {
    field: 'serves',
    head: 'SERVES',
    show: 'always',
    drop: 1,
    flex: true,
    cell: (row, context) => wordsCell(row.serves, context),
  },
  { field: 'source', head: 'SOURCE', show: 'asked', cell: (row) => textCell(row.source) },
  { field: 'id', head: 'ID', show: 'asked', cell: (row) => textCell(row.id) },
  { field: 'observedAtMs', head: 'OBSERVED', show: 'asked', cell: (row) => instantCell(row.observedAtMs) },
]
