import { useNavigate, useSearch } from '@tanstack/react-router'
import type { RunRow } from '../../server/api/run.ts'
import { formatTail } from '../../server/domain/reference.ts'
import { useOverview } from '../data/use-live.ts'
import { Figure } from '../parts/figure.tsx'
import type { Column } from '../parts/grid.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { doneWords, ProgressBar, RunEta, shareOf, sharePercent, signOfRun } from '../parts/run-progress.tsx'
import { CardLines, StateCell } from '../parts/state-cell.tsx'
import { useTitle } from '../parts/use-title.ts'
import { Instant } from './workers.tsx'

export function RunsPage() {
  useTitle('Runs')
  const search = useSearch({ from: '/runs' })
  const navigate = useNavigate()
  const { body } = useOverview()
  return (
    <ListPage<RunRow>
      list="runs"
      title="Runs"
      search={search}
      columns={COLUMNS}
      refOf={({ ref }) => ref}
      shadeOf={({ status }) => (status === 'failed' ? 'critical' : null)}
      card={RunCard}
      onOpen={({ source, id }) =>
        void navigate({ to: '/runs/$source/$', params: { source, _splat: formatTail([id]) } })
      }
      canMark
      sorts={['id', 'status', 'startedAtMs']}
      kinds={['redis']}
      hasFaults={false}
      hasTrend={false}
      total={body?.counts.runs}
      empty={
        <>
          No run of an iterating job. Runs are executions that go through many items and keep a cursor: they come from
          jobs written with <code>sluice/runtime</code>. BullMQ, Sidekiq, RabbitMQ and Kafka do not tell such progress;
          their jobs are counted under queues.
        </>
      }
    />
  )
}

const COLUMNS: readonly Column<RunRow>[] = [
  {
    ...{ key: 'status', label: 'Status', width: '110px', start: true, sort: 'status', first: 'up' },
    cell: (row) => <StateCell sign={signOfRun(row)} reasons={row.error ? [row.error] : []} />,
  },
  {
    ...{ key: 'job', label: 'Job', width: 'minmax(150px, 1fr)', start: true },
    cell: (row) => (
      <RefLink to={row.ref} tabIndex={-1}>
        <b>{row.job}</b> <span className="soft">{row.saga === null ? row.id : `${row.id} · saga`}</span>
      </RefLink>
    ),
  },
  {
    ...{ key: 'queue', label: 'Queue', width: '150px', start: true, from: 1120 },
    cell: (row) => <span className="soft">{row.queueRef}</span>,
  },
  { ...{ key: 'bar', label: 'Progress', width: '110px', start: true }, cell: (row) => <ProgressBar run={row} /> },
  {
    ...{ key: 'done', label: 'Done', width: '128px' },
    cell: (row) => (
      <span title={doneWords(row)}>
        <Figure value={row.tickCount} as="count" />
        {row.tickTotal !== null && (
          <span className="soft">
            {' of '}
            <Figure value={row.tickTotal} as="count" />
          </span>
        )}
      </span>
    ),
  },
  {
    ...{ key: 'rate', label: 'Items/s', width: '70px', from: 700 },
    cell: (row) => <Figure value={row.perSecond} as="rate" why="it needs two readings while it runs" />,
  },
  {
    ...{ key: 'eta', label: 'Ends', width: '150px', hint: 'At this rate, as a range', from: 620 },
    cell: (row) => <RunEta run={row} />,
  },
  {
    ...{ key: 'interruptions', label: 'Interr.', width: '64px', from: 900, hint: 'Interruptions: deploys and pauses' },
    cell: (row) => <Figure value={row.interruptions} as="count" />,
  },
  {
    ...{ key: 'attempt', label: 'Attempt', width: '70px', from: 860 },
    cell: (row) => <Figure value={row.attempt} as="count" />,
  },
  {
    ...{ key: 'started', label: 'Started', width: '74px', sort: 'startedAtMs', from: 640 },
    cell: (row) => <Instant atMs={row.startedAtMs} why="it has not started" />,
  },
]

function RunCard(row: RunRow) {
  const share = shareOf(row)
  return (
    <CardLines
      sign={signOfRun(row)}
      name={
        <RefLink to={row.ref} tabIndex={-1}>
          <b>{row.job}</b>
        </RefLink>
      }
      figure={share === null ? <Figure value={row.tickCount} as="count" unit="done" /> : sharePercent(share)}
      details={[
        row.status,
        <span key="rate">
          <Figure value={row.perSecond} as="rate" unit="/s" />
        </span>,
        <RunEta key="eta" run={row} />,
        row.id,
      ]}
    />
  )
}
