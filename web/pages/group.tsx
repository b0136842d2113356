import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { GroupBody, PositionRow } from '../../server/api/group.ts'
import { onePath } from '../../server/api/paths.ts'
import { formatReference, formatTail } from '../../server/domain/reference.ts'
import { useLive } from '../data/use-live.ts'
import { useStale } from '../data/use-stale.ts'
import { formatFigure, formatNumbered, formatWhole } from '../format.ts'
import { Drain } from '../parts/drain.tsx'
import { Figure, Unknown } from '../parts/figure.tsx'
import { type Head, Headline, Heads } from '../parts/headline.tsx'
import { Empty, Panel, Skeleton } from '../parts/panel.tsx'
import { PartitionStrip } from '../parts/partition-strip.tsx'
import { ProblemView } from '../parts/problem-view.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { Table, type TableColumn } from '../parts/table.tsx'
import { TimeChart } from '../parts/time-chart.tsx'
import { useTitle } from '../parts/use-title.ts'
import { Vanished } from '../parts/vanished.tsx'
import styles from './detail.module.css'
import { painTone } from './queues.tsx'

export function GroupPage() {
  const { source, _splat: tail = '' } = useParams({ from: '/groups/$source/$' })
  useTitle(tail)
  const { body, problem, failure } = useLive<GroupBody>(onePath('groups', source, tail))
  const stale = useStale(body?.sources ?? [])
  if (!body && (problem || failure))
    return <ProblemView problem={problem} failure={failure} back={{ to: '/groups', label: 'All groups' }} />
  if (!body)
    return (
      <Panel title={tail}>
        <Skeleton rows={8} what={tail} />
      </Panel>
    )
  const { group } = body
  const isStale = group.severity === 'unknown' || stale.has(group.source)
  return (
    <>
      <Headline
        reference={group.ref}
        severity={group.severity}
        reasons={group.reasons}
        chips={[group.protocol, group.state]}
        age={body.sources.find((one) => one.source === group.source)}
      />
      {problem && <Vanished problem={problem} />}
      <Heads heads={headsOf(body)} stale={isStale} />
      <PartitionStrip positions={body.positions} total={body.positionsTotal} />
      <TimeChart
        title="Lag"
        history={body.history}
        sync={group.ref}
        stale={isStale}
        height={170}
        series={[
          { key: 'inPerSecond', label: 'arriving', as: 'rate', unit: '/s', colour: '--in', drawn: 'line' },
          {
            key: 'outPerSecond',
            label: 'consumed',
            as: 'rate',
            unit: '/s',
            colour: '--out',
            drawn: 'line',
            dashed: true,
          },
          { key: 'lag', label: 'records behind', as: 'count', unit: '', colour: '--text', drawn: 'area' },
        ]}
      />
      <Positions body={body} />
      <div className={styles.two}>
        <Members body={body} />
        <TimeChart
          title="Time lag"
          note="age of the oldest record not yet read"
          history={body.history}
          sync={group.ref}
          stale={isStale}
          height={120}
          series={[{ key: 'lagMs', label: 'time lag', as: 'duration', unit: '', colour: '--warning', drawn: 'line' }]}
        />
      </div>
    </>
  )
}

function headsOf({ group }: GroupBody): readonly Head[] {
  const tone = painTone(group)
  const heads: Head[] = [
    {
      label: 'time lag',
      main: <Figure value={group.lagMs} as="duration" estimated={group.lagMsEstimated} tone={tone} />,
      why: group.lagMs === null ? 'it needs a commit and some minutes of readings' : undefined,
    },
    {
      label: 'records behind',
      main: <Figure value={group.lag} as="count" />,
      beside: group.lagChange5m === null ? null : `${formatFigure(group.lagChange5m, 'change')} in 5 m`,
    },
    {
      label: 'members',
      main: <Figure value={group.members} as="count" tone={group.members === 0 ? tone : undefined} />,
      beside: `${formatNumbered(group.partitions, 'partition')}`,
    },
    {
      label: 'in / out per s',
      main: <Figure value={group.inPerSecond} as="rate" />,
      beside: (
        <>
          / <Figure value={group.outPerSecond} as="rate" />
        </>
      ),
    },
    { label: 'drain at this rate', main: <Drain drain={group.drain} drainMs={group.drainMs} tone={tone} /> },
  ]
  if (group.lostPartitions > 0) {
    heads.push({
      label: 'lost to retention',
      main: <Figure value={group.lostRecords} as="count" tone="critical" />,
      beside: `records in ${formatNumbered(group.lostPartitions, 'partition')}`,
    })
  }
  return heads
}

const BASIS: Readonly<Record<PositionRow['lagMsBasis'], string>> = {
  exact: 'read from the records',
  estimate: 'estimated from how the end moved',
  'no-commit': 'it has no commit here',
  'no-history': 'it needs some minutes of readings',
}

const isLost = ({ committed, start }: PositionRow) => committed !== null && start !== null && committed < start
const offset = (value: number | null, why: string) => (value === null ? <Unknown why={why} /> : formatWhole(value))

function positionColumns(source: string): readonly TableColumn<PositionRow>[] {
  return [
    {
      ...{ key: 'topic', label: 'Topic', start: true },
      cell: ({ topic }) => (
        <RefLink to={formatReference({ kind: 'topic', source, tail: formatTail([topic]) })}>{topic}</RefLink>
      ),
    },
    { key: 'partition', label: 'Part.', cell: ({ partition }) => partition },
    { key: 'committed', label: 'Committed', wide: true, cell: (row) => offset(row.committed, 'it has no commit here') },
    { key: 'end', label: 'End', wide: true, cell: (row) => offset(row.end, 'the broker did not say') },
    {
      ...{ key: 'lag', label: 'Behind' },
      cell: (row) => (
        <>
          <Figure value={row.lag} as="count" why={BASIS[row.lagMsBasis]} />
          {isLost(row) && (
            <span data-tone="critical"> lost {formatWhole((row.start ?? 0) - (row.committed ?? 0))}</span>
          )}
        </>
      ),
    },
    {
      ...{ key: 'lagMs', label: 'Time lag' },
      cell: (row) => (
        <Figure
          {...{
            value: row.lagMs,
            as: 'duration',
            estimated: row.lagMsBasis === 'estimate',
            why: BASIS[row.lagMsBasis],
          }}
        />
      ),
    },
    {
      ...{ key: 'owner', label: 'Owner', start: true, wide: true },
      cell: ({ owner }) => owner ?? <span data-tone="warning">∅ nobody</span>,
    },
  ]
}

const SHOWN_FIRST = 30

function Positions({ body: { positions, positionsTotal, group } }: { readonly body: GroupBody }) {
  const [onlyLagging, setOnlyLagging] = useState(false)
  const [isAll, setAll] = useState(false)
  const matching = onlyLagging ? positions.filter((row) => row.lag === null || row.lag > 0 || isLost(row)) : positions
  const shown = isAll ? matching : matching.slice(0, SHOWN_FIRST)
  const toggle = (
    <button type="button" aria-pressed={onlyLagging} onClick={() => setOnlyLagging(!onlyLagging)}>
      Only lagging
    </button>
  )
  return (
    <Panel
      title="Positions"
      note={`${formatNumbered(positionsTotal, 'partition')}, worst first`}
      aside={toggle}
      stale={group.severity === 'unknown'}
    >
      {matching.length === 0 ? (
        <Empty>
          {positions.length === 0
            ? 'It has neither a commit nor an assignment.'
            : `0 of ${positions.length} partitions lag.`}
        </Empty>
      ) : (
        <Table
          label="Positions"
          columns={positionColumns(group.source)}
          rows={shown}
          keyOf={({ topic, partition }) => `${topic} ${partition}`}
          shadeOf={(row) => (isLost(row) ? 'critical' : null)}
        />
      )}
      {matching.length > shown.length && (
        <p className={styles.more}>
          <button type="button" onClick={() => setAll(true)}>
            Show all {formatWhole(matching.length)}
          </button>
        </p>
      )}
      {isAll && positionsTotal > positions.length && (
        <Empty>{formatWhole(positionsTotal - positions.length)} more lag less and are left out.</Empty>
      )}
    </Panel>
  )
}

type Member = NonNullable<GroupBody['members']>[number]

const MEMBER_COLUMNS: readonly TableColumn<Member>[] = [
  { key: 'client', label: 'Client', start: true, cell: ({ clientId, id }) => <b title={id}>{clientId}</b> },
  {
    key: 'host',
    label: 'Host',
    start: true,
    wide: true,
    cell: ({ host }) => <span className="soft">{host.replace(/^\//, '')}</span>,
  },
  { key: 'partitions', label: 'Partitions', cell: ({ partitions }) => <Figure value={partitions} as="count" /> },
  {
    ...{ key: 'moving', label: 'Moving' },
    cell: ({ moving }) => <Figure value={moving} as="count" why="the classic protocol does not tell" />,
  },
]

function Members({ body: { members, group } }: { readonly body: GroupBody }) {
  return (
    <Panel title="Members" stale={group.severity === 'unknown'}>
      {members === null ? (
        <Skeleton rows={3} what="members" />
      ) : members.length === 0 ? (
        <Empty>It has no member now.</Empty>
      ) : (
        <Table label="Members" columns={MEMBER_COLUMNS} rows={members} keyOf={({ id }) => id} />
      )}
    </Panel>
  )
}
