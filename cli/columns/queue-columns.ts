import type { QueueRow } from '../../server/api/queue.ts'
import { formatChange, formatCount, formatDrain, formatDuration, formatRate } from '../format/figures.ts'
import {
  ageCell,
  type Column,
  figureCell,
  instantCell,
  noneCell,
  pausedCell,
  severityCell,
  textCell,
  wordsCell,
} from './column.ts'

type Counted =
  | 'depth'
  | 'active'
  | 'delayed'
  | 'retrying'
  | 'dead'
  | 'consumers'
  | 'added'
  | 'finished'
  | 'failed'
  | 'redelivered'
type Rated = 'inPerSecond' | 'outPerSecond' | 'failedPerSecond' | 'redeliveredPerSecond'
type Place = Pick<Column<QueueRow>, 'show' | 'drop'>

function counted(field: Counted, head: string, place: Place): Column<QueueRow> {
  return {
    field,
    head,
    align: 'right',
    ...place,
    cell: (row, { exact }) => figureCell(formatCount(row[field], exact), !exact && row.estimated.includes(field)),
  }
}

function rated(field: Rated, head: string, place: Place): Column<QueueRow> {
  return {
    field,
    head,
    align: 'right',
    ...place,
    cell: (row, { exact }) => figureCell(formatRate(row[field], exact), !exact && row.estimated.includes(field)),
  }
}

export const QUEUE_COLUMNS: readonly Column<QueueRow>[] = [
  { field: 'severity', head: 'STATE', show: 'always', cell: severityCell },
  { field: 'ref', head: 'QUEUE', show: 'always', cell: (row) => textCell(row.ref, 'strong') },
  { field: 'system', head: 'SYSTEM', show: 'always', drop: 7, cell: (row) => textCell(row.system) },
  {
    field: 'oldestAgeMs',
    head: 'OLDEST',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) =>
      figureCell(formatDuration(row.oldestAgeMs), !exact && row.estimated.includes('oldestAgeMs')),
  },
  counted('depth', 'DEPTH', { show: 'always' }),
  {
    field: 'depthChange5m',
    head: 'Δ5M',
    align: 'right',
    show: 'always',
    drop: 6,
    cell: (row, { exact }) => figureCell(formatChange(row.depthChange5m, exact)),
  },
  counted('active', 'ACTIVE', { show: 'always', drop: 0.5 }),
  counted('delayed', 'DELAYED', { show: 'always', drop: 8 }),
  counted('retrying', 'RETRYING', { show: 'always', drop: 5 }),
  counted('dead', 'DEAD', { show: 'always', drop: 3 }),
  rated('inPerSecond', 'IN/S', { show: 'always', drop: 2 }),
  rated('outPerSecond', 'OUT/S', { show: 'always', drop: 1 }),
  rated('failedPerSecond', 'FAIL/S', { show: 'wide' }),
  rated('redeliveredPerSecond', 'REDELIVERED/S', { show: 'wide' }),
  {
    field: 'drainMs',
    head: 'DRAIN',
    align: 'right',
    show: 'always',
    drop: 9,
    cell: (row, context) => {
      const text = formatDrain(row.drain, row.drainMs)
      return text === 'none' && !context.exact ? noneCell(context) : figureCell(text)
    },
  },
  counted('consumers', 'CONSUMERS', { show: 'always', drop: 4 }),
  {
    field: 'pausedBy',
    head: 'PAUSED',
    show: 'always',
    drop: 10,
    cell: (row, context) => pausedCell(row.pausedBy, context),
  },
  { field: 'role', head: 'ROLE', show: 'wide', cell: (row) => row.role },
  {
    field: 'trouble',
    head: 'TROUBLE',
    show: 'wide',
    cell: (row, context) => textCell(row.trouble, 'warning') ?? noneCell(context),
  },
  counted('added', 'ADDED', { show: 'wide' }),
  counted('finished', 'FINISHED', { show: 'wide' }),
  counted('failed', 'FAILED', { show: 'wide' }),
  counted('redelivered', 'REDELIVERED', { show: 'wide' }),
  {
    field: 'idleSinceMs',
    head: 'IDLE SINCE',
    show: 'wide',
    cell: (row, context) => instantCell(row.idleSinceMs) ?? noneCell(context),
  },
  {
    field: 'observedAtMs',
    head: 'AGE',
    align: 'right',
    show: 'always',
    drop: 11,
    cell: (row, context) => ageCell(row.observedAtMs, context),
  },
  {
    field: 'reasons',
    head: 'WHY',
    show: 'always',
    drop: 3.5,
    flex: true,
    cell: (row, context) => wordsCell(row.reasons, context),
  },
  { field: 'source', head: 'SOURCE', show: 'asked', cell: (row) => textCell(row.source) },
  { field: 'name', head: 'NAME', show: 'asked', cell: (row) => textCell(row.name) },
  { field: 'vhost', head: 'VHOST', show: 'asked', cell: (row, context) => textCell(row.vhost) ?? noneCell(context) },
  { field: 'drain', head: 'DRAINS', show: 'asked', cell: (row) => (row.drain === 'unknown' ? null : row.drain) },
  {
    field: 'estimated',
    head: 'ESTIMATED',
    show: 'asked',
    cell: (row, context) => wordsCell(row.estimated, context),
  },
]
