import { useNavigate, useSearch } from '@tanstack/react-router'
import type { QueueRow } from '../../server/api/queue.ts'
import { parseReference } from '../../server/domain/reference.ts'
import { useOverview } from '../data/use-live.ts'
import { Drain } from '../parts/drain.tsx'
import { Figure } from '../parts/figure.tsx'
import type { Column } from '../parts/grid.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { CardLines, StateCell } from '../parts/state-cell.tsx'
import { signOf, type Tone } from '../parts/tone.ts'
import { useReasons, type WhyUnknown } from '../parts/use-reasons.ts'
import { useTitle } from '../parts/use-title.ts'

const SORTS = [
  ...['pain', 'name', 'depth', 'active', 'delayed', 'retrying', 'dead', 'oldestAgeMs', 'consumers'],
  ...['inPerSecond', 'outPerSecond', 'depthChange5m', 'drainMs', 'system'],
]

export function QueuesPage() {
  useTitle('Queues')
  const search = useSearch({ from: '/queues' })
  const navigate = useNavigate()
  const why = useReasons()
  const { body } = useOverview()
  return (
    <ListPage<QueueRow>
      list="queues"
      title="Queues"
      search={search}
      columns={queueColumns(why)}
      refOf={({ ref }) => ref}
      shadeOf={shadeOfSeverity}
      card={QueueCard}
      onOpen={({ ref }) => {
        const to = parseReference(ref)
        if (to) void navigate({ to: '/queues/$source/$', params: { source: to.source, _splat: to.tail } })
      }}
      sorts={SORTS}
      kinds={['redis', 'rabbitmq']}
      hasFaults
      hasTrend
      canMark
      total={body?.counts.queues}
      empty="No queue was found. Redis queues appear when a job was added to them once, RabbitMQ queues when they are declared."
    />
  )
}

export function shadeOfSeverity({ severity }: { severity: string }): 'critical' | 'unknown' | null {
  return severity === 'critical' || severity === 'unknown' ? severity : null
}

/** The colour of the figure that a row is judged by. */
export function painTone({ severity }: { severity: QueueRow['severity'] }): Tone | undefined {
  return severity === 'critical' || severity === 'warning' ? severity : undefined
}

function queueColumns(why: WhyUnknown): readonly Column<QueueRow>[] {
  const count = (key: 'active' | 'delayed' | 'retrying' | 'dead' | 'consumers', label: string, width: string) => ({
    ...{ key, label, width, sort: key },
    cell: (row: QueueRow) => (
      <Figure value={row[key]} as="count" estimated={row.estimated.includes(key)} why={why(row, key)} />
    ),
  })
  const rate = (key: 'inPerSecond' | 'outPerSecond', label: string, counter: string): Column<QueueRow> => ({
    ...{ key, label, width: '54px', sort: key, hint: 'Per second, over the last minute' },
    cell: (row) => <Figure value={row[key]} as="rate" why={why(row, counter) ?? 'it needs two readings'} />,
  })
  return [
    {
      ...{ key: 'state', label: 'State', width: '90px', start: true, sort: 'pain', hint: 'Order: most pain first' },
      cell: (row) => <StateCell sign={row} reasons={row.reasons} />,
    },
    {
      ...{ key: 'name', label: 'Name', width: 'minmax(150px, 1fr)', start: true, sort: 'name', first: 'up' },
      cell: (row) => <RefLink to={row.ref} tabIndex={-1} />,
    },
    {
      ...{ key: 'system', label: 'System', width: '128px', start: true, from: 1180, sort: 'system', first: 'up' },
      cell: ({ system }) => <span className="soft">{system}</span>,
    },
    {
      ...{ key: 'wait', label: 'Wait', width: '84px', sort: 'oldestAgeMs', hint: 'Age of the oldest that waits' },
      cell: (row) => (
        <Figure
          {...{ value: row.oldestAgeMs, as: 'duration', tone: painTone(row), why: why(row, 'oldestAgeMs') }}
          estimated={row.estimated.includes('oldestAgeMs')}
        />
      ),
    },
    {
      ...{ key: 'depth', label: 'Waiting', width: '66px', sort: 'depth', hint: 'Could be taken now' },
      cell: (row) => (
        <Figure
          {...{ value: row.depth, as: 'count', why: why(row, 'depth') }}
          estimated={row.estimated.includes('depth')}
        />
      ),
    },
    { ...count('active', 'Active', '56px'), hint: 'Taken, not finished' },
    { ...count('delayed', 'Delayed', '64px'), from: 1080 },
    { ...count('retrying', 'Retrying', '68px'), from: 900 },
    { ...count('dead', 'Dead', '50px'), from: 780 },
    {
      ...{ key: 'change', label: 'Δ 5 m', width: '64px', from: 960, sort: 'depthChange5m' },
      cell: (row) => <Figure value={row.depthChange5m} as="change" why="it needs five minutes of readings" />,
    },
    rate('inPerSecond', 'In/s', 'added'),
    rate('outPerSecond', 'Out/s', 'finished'),
    {
      ...{ key: 'drain', label: 'Drain', width: '78px', sort: 'drainMs', from: 860, hint: "At today's rates" },
      cell: (row) => <Drain drain={row.drain} drainMs={row.drainMs} tone={painTone(row)} />,
    },
    { ...count('consumers', 'Cons.', '52px'), hint: 'Consumers', from: 700 },
    {
      ...{ key: 'trend', label: 'Last hour', width: '104px', start: true, from: 920 },
      cell: (row) => (
        <Sparkline points={row.trend} tone={signOf(row.severity, row.pausedBy).tone} what={`${row.name} waiting`} />
      ),
    },
  ]
}

function QueueCard(row: QueueRow) {
  return (
    <CardLines
      sign={row}
      name={<RefLink to={row.ref} tabIndex={-1} />}
      figure={
        row.oldestAgeMs === null ? (
          <Figure value={row.depth} as="count" unit="waiting" tone={painTone(row)} />
        ) : (
          <Figure value={row.oldestAgeMs} as="duration" tone={painTone(row)} />
        )
      }
      details={
        row.severity === 'fine'
          ? [
              <Figure key="depth" value={row.depth} as="count" unit="waiting" />,
              <span key="flow">
                in <Figure value={row.inPerSecond} as="rate" /> out <Figure value={row.outPerSecond} as="rate" />
              </span>,
              row.system,
            ]
          : [<Figure key="depth" value={row.depth} as="count" unit="waiting" />, row.reasons.join(' · ')]
      }
    />
  )
}
