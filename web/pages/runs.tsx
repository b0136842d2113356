import { useSearch } from '@tanstack/react-router'
import type { RunRow } from '../../server/api/run.ts'
import { useOverview } from '../data/use-live.ts'
import { Figure } from '../parts/figure.tsx'
import type { Column } from '../parts/grid.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { CardLines, StateCell } from '../parts/state-cell.tsx'
import type { Sign } from '../parts/tone.ts'
import { useTitle } from '../parts/use-title.ts'
import { Instant } from './workers.tsx'

export function RunsPage() {
  useTitle('Runs')
  const search = useSearch({ from: '/runs' })
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
      onOpen={null}
      sorts={['id', 'status', 'startedAtMs']}
      defaultSort="-startedAtMs"
      kinds={['redis']}
      hasFaults={false}
      hasTrend={false}
      total={body?.counts.runs}
      empty={
        <>
          No run of an iterating job. Runs are executions that go through many items and keep a cursor: they will come
          from jobs written with Sluice's own runtime. BullMQ, Sidekiq, RabbitMQ and Kafka do not tell such progress;
          their jobs are counted under queues.
        </>
      }
    />
  )
}

function signOfStatus(status: string): Sign {
  if (status === 'failed') return { glyph: 'critical', word: status, tone: 'critical' }
  if (status === 'paused' || status === 'pausing') return { glyph: 'paused', word: status, tone: 'control' }
  return { glyph: 'fine', word: status, tone: 'fine' }
}

const COLUMNS: readonly Column<RunRow>[] = [
  {
    ...{ key: 'status', label: 'Status', width: '110px', start: true, sort: 'status', first: 'up' },
    cell: (row) => <StateCell sign={signOfStatus(row.status)} reasons={row.error ? [row.error] : []} />,
  },
  {
    ...{ key: 'job', label: 'Job', width: 'minmax(160px, 1fr)', start: true },
    cell: (row) => (
      <>
        <b>{row.job}</b> <span className="soft">{row.id}</span>
      </>
    ),
  },
  {
    ...{ key: 'queue', label: 'Queue', width: '160px', start: true, from: 800 },
    cell: (row) => <span className="soft">{`${row.source}/${row.queue}`}</span>,
  },
  {
    ...{ key: 'ticks', label: 'Done', width: '140px' },
    cell: (row) => (
      <>
        <Figure value={row.tickCount} as="count" />
        {row.tickTotal !== null && <span className="soft"> of {row.tickTotal}</span>}
      </>
    ),
  },
  { ...{ key: 'attempt', label: 'Attempt', width: '76px' }, cell: (row) => <Figure value={row.attempt} as="count" /> },
  {
    ...{ key: 'started', label: 'Started', width: '80px', sort: 'startedAtMs' },
    cell: (row) => <Instant atMs={row.startedAtMs} why="it has not started" />,
  },
]

function RunCard(row: RunRow) {
  return (
    <CardLines
      sign={signOfStatus(row.status)}
      name={<b>{row.job}</b>}
      figure={<Figure value={row.tickCount} as="count" />}
      details={[row.id, row.queue]}
    />
  )
}
