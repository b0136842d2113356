import { useSearch } from '@tanstack/react-router'
import type { WorkerRow } from '../../server/api/worker.ts'
import { useOverview } from '../data/use-live.ts'
import { Age } from '../parts/age.tsx'
import { Figure, Unknown } from '../parts/figure.tsx'
import type { Column } from '../parts/grid.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { CardLines, StateCell } from '../parts/state-cell.tsx'
import type { Sign } from '../parts/tone.ts'
import { useTitle } from '../parts/use-title.ts'

export function WorkersPage() {
  useTitle('Workers')
  const search = useSearch({ from: '/workers' })
  const { body } = useOverview()
  return (
    <ListPage<WorkerRow>
      list="workers"
      title="Workers"
      search={search}
      columns={COLUMNS}
      refOf={({ ref }) => ref}
      shadeOf={({ phase }) => (phase === 'gone' ? 'unknown' : null)}
      card={WorkerCard}
      onOpen={null}
      sorts={['id', 'system', 'busy', 'capacity', 'beatAtMs', 'startedAtMs']}
      defaultSort="id"
      kinds={['redis']}
      hasFaults={false}
      hasTrend={false}
      total={body?.counts.workers}
      empty="No worker was found. BullMQ and Sidekiq processes appear while they are connected."
    />
  )
}

const PHASES: Readonly<Record<WorkerRow['phase'], Sign>> = {
  running: { glyph: 'fine', word: 'running', tone: 'fine' },
  quiet: { glyph: 'notice', word: 'quiet', tone: 'notice' },
  stopping: { glyph: 'notice', word: 'stopping', tone: 'notice' },
  gone: { glyph: 'unknown', word: 'gone', tone: 'unknown' },
}

export function signOfPhase(phase: WorkerRow['phase']): Sign {
  return PHASES[phase]
}

/** `3 of 10`, or what of it is known. */
export function Load({ row }: { readonly row: WorkerRow }) {
  return (
    <>
      <Figure value={row.busy} as="count" why="its system does not tell what a worker holds" />
      {row.capacity !== null && <span className="soft"> of {row.capacity}</span>}
    </>
  )
}

export function Instant({ atMs, why }: { readonly atMs: number | null; readonly why: string }) {
  return atMs === null ? <Unknown why={why} /> : <Age atMs={atMs} />
}

const COLUMNS: readonly Column<WorkerRow>[] = [
  {
    ...{ key: 'phase', label: 'Phase', width: '96px', start: true },
    cell: (row) => <StateCell sign={signOfPhase(row.phase)} />,
  },
  {
    ...{ key: 'id', label: 'Worker', width: 'minmax(170px, 2.2fr)', start: true, sort: 'id', first: 'up' },
    cell: (row) => (
      <span title={row.id}>
        <span className="soft">{row.source}/</span>
        <b>{row.id}</b>
      </span>
    ),
  },
  {
    ...{ key: 'serves', label: 'Takes from', width: 'minmax(120px, 1fr)', start: true },
    cell: ({ serves }) => <span title={serves.join(', ')}>{serves.join(', ')}</span>,
  },
  {
    ...{ key: 'system', label: 'System', width: '120px', start: true, sort: 'system', first: 'up', from: 860 },
    cell: ({ system, version }) => (
      <span className="soft">
        {system} {version}
      </span>
    ),
  },
  {
    ...{ key: 'host', label: 'Host', width: '130px', start: true, from: 980 },
    cell: ({ host, pid }) => (
      <span className="soft">
        {host ?? '—'}
        {pid !== null && `:${pid}`}
      </span>
    ),
  },
  { ...{ key: 'busy', label: 'Busy', width: '84px', sort: 'busy' }, cell: (row) => <Load row={row} /> },
  {
    ...{ key: 'beat', label: 'Beat', width: '70px', sort: 'beatAtMs', hint: 'Last sign of life' },
    cell: (row) => <Instant atMs={row.beatAtMs} why="its system has no beats" />,
  },
  {
    ...{ key: 'started', label: 'Up for', width: '76px', sort: 'startedAtMs', first: 'up', from: 760 },
    cell: (row) => <Instant atMs={row.startedAtMs} why="its system does not tell the start" />,
  },
]

function WorkerCard(row: WorkerRow) {
  return (
    <CardLines
      sign={signOfPhase(row.phase)}
      name={
        <>
          <span className="soft">{row.source}/</span>
          <b>{row.id}</b>
        </>
      }
      figure={
        <>
          <Load row={row} /> <span className="soft">busy</span>
        </>
      }
      details={[row.system, row.serves.join(', ')]}
    />
  )
}
