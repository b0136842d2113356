import { useNavigate, useSearch } from '@tanstack/react-router'
import type { SourceRow } from '../../server/api/source.ts'
import { useOverview } from '../data/use-live.ts'
import { SourceFreshness } from '../parts/age.tsx'
import { Figure, NotApplicable } from '../parts/figure.tsx'
import type { Column } from '../parts/grid.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { CardLines, StateCell } from '../parts/state-cell.tsx'
import { signOf } from '../parts/tone.ts'
import { useTitle } from '../parts/use-title.ts'
import { shadeOfSeverity } from './queues.tsx'

export function SourcesPage() {
  useTitle('Sources')
  const search = useSearch({ from: '/sources' })
  const navigate = useNavigate()
  const { body } = useOverview()
  return (
    <ListPage<SourceRow>
      list="sources"
      title="Sources"
      search={search}
      columns={COLUMNS}
      refOf={({ ref }) => ref}
      shadeOf={shadeOfSeverity}
      card={SourceCard}
      onOpen={({ source }) => void navigate({ to: '/sources/$source', params: { source } })}
      sorts={['source', 'tookMs']}
      defaultSort="source"
      kinds={[]}
      hasFaults={false}
      hasTrend={false}
      total={body?.sources.length}
      empty="No source is connected: `sluice init` writes a sluice.yaml for what it finds, `sluice demo` shows a shop at work."
    />
  )
}

type Amount = 'queues' | 'topics' | 'groups' | 'workers'
const HOLDS: Readonly<Record<SourceRow['kind'], readonly Amount[]>> = {
  redis: ['queues', 'workers'],
  rabbitmq: ['queues', 'topics'],
  kafka: ['topics', 'groups'],
}

/** How many of something a source has; a dot where such a source never has any. */
export function SourceAmount({ row, of }: { readonly row: SourceRow; readonly of: Amount }) {
  if (!row[of] && !HOLDS[row.kind].includes(of)) return <NotApplicable why={`a ${row.kind} source has no ${of}`} />
  return <Figure value={row[of]} as="count" why="it has not been read yet" />
}

const amount = (key: Amount, label: string): Column<SourceRow> => ({
  ...{ key, label, width: '74px', from: 720 },
  cell: (row) => <SourceAmount row={row} of={key} />,
})

const COLUMNS: readonly Column<SourceRow>[] = [
  {
    ...{ key: 'severity', label: 'State', width: '96px', start: true },
    cell: (row) => <StateCell sign={signOf(row.severity)} reasons={row.reasons} />,
  },
  {
    ...{ key: 'source', label: 'Source', width: 'minmax(120px, 1fr)', start: true, sort: 'source', first: 'up' },
    cell: (row) => <RefLink to={row.ref} tabIndex={-1} />,
  },
  {
    ...{ key: 'systems', label: 'Systems', width: 'minmax(120px, 1.4fr)', start: true, from: 860 },
    cell: ({ systems, kind }) => <span className="soft">{systemWords(systems) || kind}</span>,
  },
  {
    ...{ key: 'seen', label: 'Seen', width: 'minmax(80px, 1.2fr)', start: true },
    cell: (row) => <SourceFreshness age={row} />,
  },
  amount('queues', 'Queues'),
  amount('topics', 'Topics'),
  amount('groups', 'Groups'),
  amount('workers', 'Workers'),
  {
    ...{ key: 'gaps', label: 'Gaps', width: '60px', hint: 'What the last reading could not read' },
    cell: (row) => <Figure value={row.gaps} as="count" tone={row.gaps > 0 ? 'notice' : undefined} />,
  },
  {
    ...{ key: 'took', label: 'Reading', width: '84px', sort: 'tookMs', hint: 'How long the last reading took' },
    cell: (row) => <Figure value={row.tookMs} as="duration" />,
  },
]

/** `bullmq 6.7.0, sidekiq 7.3.2`. */
export function systemWords(systems: SourceRow['systems']): string {
  return systems.map(({ name, version }) => (version ? `${name} ${version}` : name)).join(', ')
}

function SourceCard(row: SourceRow) {
  return (
    <CardLines
      sign={signOf(row.severity)}
      name={<RefLink to={row.ref} tabIndex={-1} />}
      figure={<SourceFreshness age={row} />}
      details={[systemWords(row.systems) || row.kind, row.error?.message ?? '']}
    />
  )
}
