import type { TopicRow } from '../../server/api/topic.ts'
import { formatBytes, formatCount, formatRate } from '../format/figures.ts'
import { ageCell, type Column, figureCell, noneCell, severityCell, textCell, wordsCell } from './column.ts'

type Counted = 'partitions' | 'replicationFactor' | 'records' | 'readers' | 'groups'

function counted(field: Counted, head: string, place: Pick<Column<TopicRow>, 'show' | 'drop'>): Column<TopicRow> {
  return { field, head, align: 'right', ...place, cell: (row, { exact }) => figureCell(formatCount(row[field], exact)) }
}

export const TOPIC_COLUMNS: readonly Column<TopicRow>[] = [
  { field: 'severity', head: 'STATE', show: 'always', cell: severityCell },
  { field: 'ref', head: 'TOPIC', show: 'always', cell: (row) => textCell(row.ref, 'strong') },
  { field: 'system', head: 'SYSTEM', show: 'always', drop: 6, cell: (row) => textCell(row.system) },
  counted('partitions', 'PARTITIONS', { show: 'always', drop: 1 }),
  counted('replicationFactor', 'REPLICAS', { show: 'always', drop: 5 }),
  {
    field: 'underReplicated',
    head: 'UNDER-REPLICATED',
    align: 'right',
    show: 'always',
    drop: 4,
    cell: (row, { exact }) => {
      const text = formatCount(row.underReplicated, exact)
      return text !== null && text !== '0' ? { text, tone: 'warning' } : figureCell(text)
    },
  },
  {
    field: 'inPerSecond',
    head: 'IN/S',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatRate(row.inPerSecond, exact)),
  },
  counted('records', 'RECORDS KEPT', { show: 'always' }),
  {
    field: 'bytes',
    head: 'BYTES',
    align: 'right',
    show: 'always',
    drop: 2,
    cell: (row, { exact }) => figureCell(formatBytes(row.bytes, exact)),
  },
  counted('groups', 'GROUPS', { show: 'always', drop: 3 }),
  counted('readers', 'READERS', { show: 'wide' }),
  { field: 'internal', head: 'INTERNAL', show: 'wide', cell: (row) => (row.internal ? 'yes' : 'no') },
  {
    field: 'observedAtMs',
    head: 'AGE',
    align: 'right',
    show: 'always',
    drop: 7,
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
  { field: 'vhost', head: 'VHOST', show: 'asked', cell: (row, context) => textCell(row.vhost) ?? noneCell(context) },
]
