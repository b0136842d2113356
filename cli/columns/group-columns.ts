import type { GroupRow } from '../../server/api/group.ts'
import { formatChange, formatCount, formatDrain, formatDuration, formatRate } from '../format/figures.ts'
import type { Tone } from '../format/line.ts'
import { ageCell, type Column, figureCell, noneCell, severityCell, textCell, wordsCell } from './column.ts'

const STATE_TONE: Readonly<Record<GroupRow['state'], Tone | undefined>> = {
  stable: undefined,
  rebalancing: 'warning',
  empty: 'dim',
  dead: 'warning',
  unknown: 'unknown',
}

type Counted = 'members' | 'partitions' | 'lag' | 'lostPartitions' | 'lostRecords'

function counted(field: Counted, head: string, place: Pick<Column<GroupRow>, 'show' | 'drop'>): Column<GroupRow> {
  return { field, head, align: 'right', ...place, cell: (row, { exact }) => figureCell(formatCount(row[field], exact)) }
}

export const GROUP_COLUMNS: readonly Column<GroupRow>[] = [
  { field: 'severity', head: 'STATE', show: 'always', cell: severityCell },
  { field: 'ref', head: 'GROUP', show: 'always', cell: (row) => textCell(row.ref, 'strong') },
  {
    field: 'state',
    head: 'PHASE',
    show: 'always',
    drop: 4,
    cell: (row) => (row.state === 'unknown' ? null : { text: row.state, tone: STATE_TONE[row.state] }),
  },
  {
    field: 'lagMs',
    head: 'BEHIND',
    align: 'right',
    show: 'always',
    cell: (row) => figureCell(formatDuration(row.lagMs), row.lagMsEstimated),
  },
  {
    field: 'lag',
    head: 'LAG RECORDS',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.lag, exact)),
  },
  {
    field: 'lagChange5m',
    head: 'Δ5M',
    align: 'right',
    show: 'always',
    drop: 3,
    cell: (row, { exact }) => figureCell(formatChange(row.lagChange5m, exact)),
  },
  {
    field: 'inPerSecond',
    head: 'IN/S',
    align: 'right',
    show: 'always',
    drop: 2,
    cell: (row, { exact }) => figureCell(formatRate(row.inPerSecond, exact)),
  },
  {
    field: 'outPerSecond',
    head: 'OUT/S',
    align: 'right',
    show: 'always',
    drop: 1,
    cell: (row, { exact }) => figureCell(formatRate(row.outPerSecond, exact)),
  },
  {
    field: 'drainMs',
    head: 'DRAIN',
    align: 'right',
    show: 'always',
    drop: 7,
    cell: (row, context) => {
      const text = formatDrain(row.drain, row.drainMs)
      return text === 'none' && !context.exact ? noneCell(context) : figureCell(text)
    },
  },
  counted('members', 'MEMBERS', { show: 'always', drop: 0.5 }),
  counted('partitions', 'PARTITIONS', { show: 'always', drop: 6 }),
  {
    field: 'lostRecords',
    head: 'LOST',
    align: 'right',
    show: 'always',
    drop: 5,
    cell: (row, { exact }) => {
      const text = formatCount(row.lostRecords, exact) ?? '0'
      return row.lostRecords > 0 ? { text, tone: 'critical' } : figureCell(text)
    },
  },
  counted('lostPartitions', 'LOST PARTITIONS', { show: 'wide' }),
  {
    field: 'protocol',
    head: 'PROTOCOL',
    show: 'wide',
    cell: (row) => (row.protocol === 'unknown' ? null : row.protocol),
  },
  { field: 'topics', head: 'TOPICS', show: 'wide', cell: (row, context) => wordsCell(row.topics, context) },
  {
    field: 'observedAtMs',
    head: 'AGE',
    align: 'right',
    show: 'always',
    drop: 8,
    cell: (row, context) => ageCell(row.observedAtMs, context),
  },
  {
    field: 'reasons',
    head: 'WHY',
    show: 'always',
    drop: 2.5,
    flex: true,
    cell: (row, context) => wordsCell(row.reasons, context),
  },
  { field: 'source', head: 'SOURCE', show: 'asked', cell: (row) => textCell(row.source) },
  { field: 'name', head: 'NAME', show: 'asked', cell: (row) => textCell(row.name) },
  { field: 'drain', head: 'DRAINS', show: 'asked', cell: (row) => (row.drain === 'unknown' ? null : row.drain) },
  { field: 'lagMsEstimated', head: 'ESTIMATED', show: 'asked', cell: (row) => (row.lagMsEstimated ? 'yes' : 'no') },
]
