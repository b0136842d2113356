import type { TopicBody } from '../../server/api/topic.ts'
import { type CellContext, type Column, figureCell, textCell } from '../columns/column.ts'
import { TOPIC_COLUMNS } from '../columns/topic-columns.ts'
import { formatBytes, formatCount, formatDuration, formatRate } from '../format/figures.ts'
import { charts, type Description, factsOf, note, subTable } from './description.ts'
import { headLines } from './head.ts'

type Reader = TopicBody['groups'][number]
type Partition = NonNullable<TopicBody['detail']>[number]

const READER_COLUMNS: readonly Column<Reader>[] = [
  { field: 'ref', head: 'GROUP', show: 'always', cell: (row) => textCell(row.ref, 'strong') },
  {
    field: 'lag',
    head: 'LAG RECORDS',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.lag, exact)),
  },
  {
    field: 'lagMs',
    head: 'BEHIND',
    align: 'right',
    show: 'always',
    cell: (row) => figureCell(formatDuration(row.lagMs)),
  },
]

const PARTITION_COLUMNS: readonly Column<Partition>[] = [
  { field: 'partition', head: 'PART', align: 'right', show: 'always', cell: (row) => String(row.partition) },
  {
    field: 'leader',
    head: 'LEADER',
    align: 'right',
    show: 'always',
    cell: (row) => figureCell(formatCount(row.leader, true)),
  },
  { field: 'replicas', head: 'REPLICAS', show: 'always', cell: (row) => row.replicas.join(',') },
  {
    field: 'inSync',
    head: 'IN SYNC',
    show: 'always',
    cell: (row) => ({
      text: row.inSync.join(','),
      tone: row.inSync.length < row.replicas.length ? 'warning' : undefined,
    }),
  },
  {
    field: 'start',
    head: 'START',
    align: 'right',
    show: 'always',
    cell: (row) => figureCell(formatCount(row.start, true)),
  },
  { field: 'end', head: 'END', align: 'right', show: 'always', cell: (row) => figureCell(formatCount(row.end, true)) },
]

export function describeTopic(body: TopicBody, context: CellContext): Description {
  const { topic, detail, groups, history } = body
  const under = formatCount(topic.underReplicated)
  return {
    ref: topic.ref,
    head: headLines(topic, {
      fresh: body,
      about: topic.internal ? `${topic.system}, internal` : topic.system,
      context,
    }),
    blocks: [
      {
        title: 'KEPT',
        facts: [
          { label: 'records', value: figureCell(formatCount(topic.records)) },
          { label: 'bytes', value: figureCell(formatBytes(topic.bytes)) },
          { label: 'arriving/s', value: figureCell(formatRate(topic.inPerSecond)) },
        ],
      },
      {
        title: 'PARTITIONS',
        facts: [
          { label: 'partitions', value: figureCell(formatCount(topic.partitions)) },
          { label: 'replicas', value: figureCell(formatCount(topic.replicationFactor)) },
          {
            label: 'under-repl.',
            value: topic.underReplicated ? { text: under ?? '', tone: 'warning' } : figureCell(under),
          },
        ],
      },
      {
        title: 'READ BY',
        facts: [
          { label: 'groups', value: figureCell(formatCount(topic.groups)) },
          { label: 'readers', value: figureCell(formatCount(topic.readers)) },
        ],
      },
    ],
    charts: charts(history, [
      ['inPerSecond', 'arriving/s', formatRate],
      ['records', 'records', formatCount],
    ]),
    notes: detail === null ? [note('partitions', 'not read yet: they are read while somebody looks')] : [],
    tables: [
      ...(groups.length === 0 ? [] : [subTable(`Groups (${groups.length})`, READER_COLUMNS, groups)]),
      ...(detail && detail.length > 0 ? [subTable(`Partitions (${detail.length})`, PARTITION_COLUMNS, detail)] : []),
    ],
    facts: factsOf(TOPIC_COLUMNS, topic, context),
  }
}
