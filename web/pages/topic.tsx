import { useParams } from '@tanstack/react-router'
import { onePath } from '../../server/api/paths.ts'
import type { TopicBody } from '../../server/api/topic.ts'
import { useLive } from '../data/use-live.ts'
import { useStale } from '../data/use-stale.ts'
import { formatNumbered, formatWhole } from '../format.ts'
import { Figure, Unknown } from '../parts/figure.tsx'
import { type Head, Headline, Heads } from '../parts/headline.tsx'
import { Empty, Panel, Skeleton } from '../parts/panel.tsx'
import { ProblemView } from '../parts/problem-view.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { Table, type TableColumn } from '../parts/table.tsx'
import { TimeChart } from '../parts/time-chart.tsx'
import { useTitle } from '../parts/use-title.ts'
import { Vanished } from '../parts/vanished.tsx'
import styles from './detail.module.css'

export function TopicPage() {
  const { source, _splat: tail = '' } = useParams({ from: '/topics/$source/$' })
  useTitle(tail)
  const { body, problem, failure } = useLive<TopicBody>(onePath('topics', source, tail))
  const stale = useStale(body?.sources ?? [])
  if (!body && (problem || failure))
    return <ProblemView problem={problem} failure={failure} back={{ to: '/topics', label: 'All topics' }} />
  if (!body)
    return (
      <Panel title={tail}>
        <Skeleton rows={8} what={tail} />
      </Panel>
    )
  const { topic } = body
  const isStale = topic.severity === 'unknown' || stale.has(topic.source)
  return (
    <>
      <Headline
        reference={topic.ref}
        severity={topic.severity}
        reasons={topic.reasons}
        chips={[topic.system, topic.vhost && `vhost ${topic.vhost}`, topic.internal ? 'internal' : null]}
        age={body.sources.find((one) => one.source === topic.source)}
      />
      {problem && <Vanished problem={problem} />}
      <Heads heads={headsOf(body)} stale={isStale} />
      <TimeChart
        title="Flow"
        history={body.history}
        sync={topic.ref}
        stale={isStale}
        series={[
          { key: 'inPerSecond', label: 'in', as: 'rate', unit: '/s', colour: '--in', drawn: 'line' },
          { key: 'records', label: 'records kept', as: 'count', unit: '', colour: '--text', drawn: 'area' },
        ]}
      />
      <div className={styles.two}>
        <Partitions body={body} />
        <Readers body={body} />
      </div>
    </>
  )
}

function headsOf({ topic }: TopicBody): readonly Head[] {
  return [
    { label: 'in per s', main: <Figure value={topic.inPerSecond} as="rate" /> },
    { label: 'records kept', main: <Figure value={topic.records} as="count" estimated={topic.system === 'kafka'} /> },
    { label: 'size', main: <Figure value={topic.bytes} as="bytes" /> },
    {
      label: 'partitions',
      main: <Figure value={topic.partitions} as="count" />,
      beside: topic.replicationFactor === null ? null : `× ${topic.replicationFactor} replicas`,
    },
    {
      label: 'under-replicated',
      main: <Figure value={topic.underReplicated} as="count" tone={topic.underReplicated ? 'warning' : undefined} />,
    },
    {
      label: 'read by',
      main: <Figure value={topic.groups ?? topic.readers} as="count" />,
      beside: topic.groups === null ? 'readers' : topic.groups === 1 ? 'group' : 'groups',
    },
  ]
}

type Partition = NonNullable<TopicBody['detail']>[number]

const isBehind = ({ inSync, replicas }: Partition) => inSync.length < replicas.length
const offset = (value: number | null) =>
  value === null ? <Unknown why="the broker did not say" /> : formatWhole(value)

const PARTITION_COLUMNS: readonly TableColumn<Partition>[] = [
  { key: 'partition', label: 'Part.', cell: ({ partition }) => partition },
  { key: 'leader', label: 'Leader', cell: ({ leader }) => leader ?? <span data-tone="critical">none</span> },
  {
    ...{ key: 'inSync', label: 'In sync' },
    cell: (row) => (
      <span data-tone={isBehind(row) ? 'warning' : undefined} title={`replicas ${row.replicas}; in sync ${row.inSync}`}>
        {row.inSync.length} of {row.replicas.length}
      </span>
    ),
  },
  { key: 'start', label: 'Start', wide: true, cell: ({ start }) => offset(start) },
  { key: 'end', label: 'End', wide: true, cell: ({ end }) => offset(end) },
  {
    ...{ key: 'records', label: 'Records' },
    cell: ({ start, end }) => <Figure value={start === null || end === null ? null : end - start} as="count" />,
  },
]

function Partitions({ body: { detail, topic } }: { readonly body: TopicBody }) {
  return (
    <Panel title="Partitions" note={formatNumbered(topic.partitions, 'partition')} stale={topic.severity === 'unknown'}>
      {detail === null ? (
        topic.system === 'kafka' ? (
          <Skeleton rows={4} what="partitions" />
        ) : (
          <Empty>A stream is one partition.</Empty>
        )
      ) : (
        <Table
          label="Partitions"
          columns={PARTITION_COLUMNS}
          rows={detail}
          keyOf={({ partition }) => String(partition)}
        />
      )}
    </Panel>
  )
}

type Reader = TopicBody['groups'][number]

const READER_COLUMNS: readonly TableColumn<Reader>[] = [
  { key: 'name', label: 'Group', start: true, cell: ({ ref, name }) => <RefLink to={ref}>{name}</RefLink> },
  { key: 'lag', label: 'Behind', cell: ({ lag }) => <Figure value={lag} as="count" unit="rec" /> },
  { key: 'lagMs', label: 'Time lag', cell: ({ lagMs }) => <Figure value={lagMs} as="duration" /> },
]

function Readers({ body: { groups, topic } }: { readonly body: TopicBody }) {
  return (
    <Panel title="Read by" stale={topic.severity === 'unknown'}>
      {groups.length === 0 ? (
        <Empty>No consumer group has a position in it.</Empty>
      ) : (
        <Table label="Read by" columns={READER_COLUMNS} rows={groups} keyOf={({ ref }) => ref} />
      )}
    </Panel>
  )
}
