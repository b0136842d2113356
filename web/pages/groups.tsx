import { useNavigate, useSearch } from '@tanstack/react-router'
import type { GroupRow } from '../../server/api/group.ts'
import { parseReference } from '../../server/domain/reference.ts'
import { useOverview } from '../data/use-live.ts'
import { Drain } from '../parts/drain.tsx'
import { Figure } from '../parts/figure.tsx'
import type { Column } from '../parts/grid.tsx'
import { ListPage } from '../parts/list-page.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { CardLines, StateCell } from '../parts/state-cell.tsx'
import { signOf } from '../parts/tone.ts'
import { useTitle } from '../parts/use-title.ts'
import { painTone, shadeOfSeverity } from './queues.tsx'

const SORTS = [
  ...['pain', 'name', 'lag', 'lagMs', 'members', 'lagChange5m', 'inPerSecond', 'outPerSecond', 'drainMs', 'state'],
]

export function GroupsPage() {
  useTitle('Groups')
  const search = useSearch({ from: '/groups' })
  const navigate = useNavigate()
  const { body } = useOverview()
  return (
    <ListPage<GroupRow>
      list="groups"
      title="Groups"
      search={search}
      columns={COLUMNS}
      refOf={({ ref }) => ref}
      shadeOf={shadeOfSeverity}
      card={GroupCard}
      onOpen={({ ref }) => {
        const to = parseReference(ref)
        if (to) void navigate({ to: '/groups/$source/$', params: { source: to.source, _splat: to.tail } })
      }}
      sorts={SORTS}
      kinds={['kafka']}
      hasFaults
      hasTrend
      total={body?.counts.groups}
      empty="No consumer group was found. Groups come from Kafka sources; one appears when it committed an offset or has a member."
    />
  )
}

const rate = (key: 'inPerSecond' | 'outPerSecond', label: string): Column<GroupRow> => ({
  ...{ key, label, width: '58px', sort: key, hint: 'Records per second, over the last minute' },
  cell: (row) => <Figure value={row[key]} as="rate" why="it needs two readings" />,
})

const COLUMNS: readonly Column<GroupRow>[] = [
  {
    ...{ key: 'severity', label: 'State', width: '96px', start: true, sort: 'pain', hint: 'Order: most pain first' },
    cell: (row) => <StateCell sign={signOf(row.severity)} reasons={row.reasons} />,
  },
  {
    ...{ key: 'name', label: 'Name', width: 'minmax(170px, 1fr)', start: true, sort: 'name', first: 'up' },
    cell: (row) => <RefLink to={row.ref} tabIndex={-1} bare />,
  },
  {
    ...{ key: 'state', label: 'Protocol, state', width: '124px', start: true, from: 1140, sort: 'state', first: 'up' },
    cell: ({ protocol, state }) => (
      <span className="soft">
        {protocol}, {state}
      </span>
    ),
  },
  {
    ...{ key: 'lagMs', label: 'Time lag', width: '92px', sort: 'lagMs', hint: 'Age of the oldest record not yet read' },
    cell: (row) => (
      <Figure
        {...{ value: row.lagMs, as: 'duration', estimated: row.lagMsEstimated, tone: painTone(row) }}
        why="it needs a commit and some minutes of readings"
      />
    ),
  },
  {
    ...{ key: 'lag', label: 'Behind', width: '84px', sort: 'lag', hint: 'Records not yet read' },
    cell: (row) => <Figure value={row.lag} as="count" why="no partition has a commit" />,
  },
  {
    ...{ key: 'change', label: 'Δ 5 m', width: '68px', sort: 'lagChange5m', from: 820 },
    cell: (row) => <Figure value={row.lagChange5m} as="change" why="it needs five minutes of readings" />,
  },
  rate('inPerSecond', 'In/s'),
  rate('outPerSecond', 'Out/s'),
  {
    ...{ key: 'drain', label: 'Drain', width: '80px', sort: 'drainMs', from: 860, hint: "At today's rates" },
    cell: (row) => <Drain drain={row.drain} drainMs={row.drainMs} tone={painTone(row)} />,
  },
  {
    ...{
      key: 'lost',
      label: 'Lost',
      width: '58px',
      from: 980,
      hint: 'Records that retention took before they were read',
    },
    cell: (row) => <Figure value={row.lostRecords} as="count" tone={row.lostRecords > 0 ? 'critical' : undefined} />,
  },
  {
    ...{ key: 'members', label: 'Members', width: '74px', sort: 'members', from: 700 },
    cell: (row) => <Figure value={row.members} as="count" />,
  },
  {
    ...{ key: 'trend', label: 'Last hour', width: '108px', start: true, from: 760 },
    cell: (row) => (
      <Sparkline points={row.trend} tone={signOf(row.severity).tone} what={`${row.name} records behind`} />
    ),
  },
]

function GroupCard(row: GroupRow) {
  return (
    <CardLines
      sign={signOf(row.severity)}
      name={<RefLink to={row.ref} tabIndex={-1} bare />}
      figure={<Figure value={row.lagMs} as="duration" estimated={row.lagMsEstimated} tone={painTone(row)} />}
      details={[
        <Figure key="lag" value={row.lag} as="count" unit="rec behind" />,
        <Figure key="members" value={row.members} as="count" unit={row.members === 1 ? 'member' : 'members'} />,
        row.severity === 'fine' ? row.state : row.reasons[0],
      ]}
    />
  )
}
