import { useNavigate, useSearch } from '@tanstack/react-router'
import type { TopicRow } from '../../server/api/topic.ts'
import { parseReference } from '../../server/domain/reference.ts'
import { useOverview } from '../data/use-live.ts'
import { Figure, NotApplicable } from '../parts/figure.tsx'
import type { Column } from '../parts/grid.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { CardLines, StateCell } from '../parts/state-cell.tsx'
import { signOf } from '../parts/tone.ts'
import { useTitle } from '../parts/use-title.ts'
import { painTone, shadeOfSeverity } from './queues.tsx'

export function TopicsPage() {
  useTitle('Topics')
  const search = useSearch({ from: '/topics' })
  const navigate = useNavigate()
  const { body } = useOverview()
  return (
    <ListPage<TopicRow>
      list="topics"
      title="Topics"
      search={search}
      columns={COLUMNS}
      refOf={({ ref }) => ref}
      shadeOf={shadeOfSeverity}
      card={TopicCard}
      onOpen={({ ref }) => {
        const to = parseReference(ref)
        if (to) void navigate({ to: '/topics/$source/$', params: { source: to.source, _splat: to.tail } })
      }}
      sorts={['name', 'records', 'bytes', 'partitions', 'inPerSecond', 'groups', 'underReplicated']}
      defaultSort="name"
      kinds={['kafka', 'rabbitmq']}
      hasFaults
      hasTrend
      total={body?.counts.topics}
      empty="No topic was found. Topics come from Kafka sources, and from RabbitMQ streams."
    />
  )
}

const COLUMNS: readonly Column<TopicRow>[] = [
  {
    ...{ key: 'severity', label: 'State', width: '96px', start: true },
    cell: (row) => <StateCell sign={signOf(row.severity)} reasons={row.reasons} />,
  },
  {
    ...{ key: 'name', label: 'Name', width: 'minmax(170px, 1fr)', start: true, sort: 'name', first: 'up' },
    cell: (row) => (
      <>
        <RefLink to={row.ref} tabIndex={-1} bare />
        {row.internal && <span className="soft"> internal</span>}
      </>
    ),
  },
  {
    ...{ key: 'system', label: 'System', width: '120px', start: true, from: 1120 },
    cell: ({ system }) => <span className="soft">{system}</span>,
  },
  {
    ...{ key: 'partitions', label: 'Partitions', width: '80px', sort: 'partitions' },
    cell: (row) => <Figure value={row.partitions} as="count" />,
  },
  {
    ...{ key: 'replication', label: 'Replicas', width: '74px', from: 860 },
    cell: (row) => <Figure value={row.replicationFactor} as="count" />,
  },
  {
    ...{ key: 'under', label: 'Under-repl.', width: '92px', sort: 'underReplicated', from: 780 },
    cell: (row) => (
      <Figure value={row.underReplicated} as="count" tone={row.underReplicated ? painTone(row) : undefined} />
    ),
  },
  {
    ...{ key: 'records', label: 'Records', width: '84px', sort: 'records', hint: 'Kept now; for Kafka an upper bound' },
    cell: (row) => <Figure value={row.records} as="count" />,
  },
  {
    ...{ key: 'bytes', label: 'Size', width: '80px', sort: 'bytes', from: 700 },
    cell: (row) => <Figure value={row.bytes} as="bytes" />,
  },
  {
    ...{
      key: 'in',
      label: 'In/s',
      width: '70px',
      sort: 'inPerSecond',
      hint: 'Records per second, over the last minute',
    },
    cell: (row) => <Figure value={row.inPerSecond} as="rate" why="it needs two readings" />,
  },
  {
    ...{ key: 'groups', label: 'Read by', width: '88px', sort: 'groups', from: 660 },
    cell: (row) =>
      row.groups !== null ? (
        <Figure value={row.groups} as="count" unit={row.groups === 1 ? 'group' : 'groups'} />
      ) : row.readers !== null ? (
        <Figure value={row.readers} as="count" unit={row.readers === 1 ? 'reader' : 'readers'} />
      ) : (
        <NotApplicable why="its broker does not count readers" />
      ),
  },
  {
    ...{ key: 'trend', label: 'Last hour', width: '108px', start: true, from: 820 },
    cell: (row) => <Sparkline points={row.trend} tone={signOf(row.severity).tone} what={`${row.name} in`} as="rate" />,
  },
]

function TopicCard(row: TopicRow) {
  return (
    <CardLines
      sign={signOf(row.severity)}
      name={<RefLink to={row.ref} tabIndex={-1} bare />}
      figure={<Figure value={row.inPerSecond} as="rate" unit="/s" />}
      details={[
        <Figure key="records" value={row.records} as="count" unit="records" />,
        <Figure
          key="partitions"
          value={row.partitions}
          as="count"
          unit={row.partitions === 1 ? 'partition' : 'partitions'}
        />,
        row.severity === 'fine' ? '' : row.reasons[0],
      ]}
    />
  )
}
