import type { GroupBody, PositionRow } from '../../server/api/group.ts'
import { formatCount, formatDuration } from '../format/figures.ts'
import { type Column, figureCell, noneCell, textCell } from './column.ts'

export const LAG_BY = ['topic', 'partition', 'member'] as const
export type LagBy = (typeof LAG_BY)[number]

/** One line of `sluice lag --by …`: the lag of a group in a part of what it reads. */
export interface LagRow {
  readonly group: string
  readonly topic: string | null
  readonly partition: number | null
  readonly member: string | null
  readonly partitions: number | null
  readonly committed: number | null
  readonly end: number | null
  /** Records; null when no partition of it is known. */
  readonly lag: number | null
  /** The largest of its partitions. */
  readonly lagMs: number | null
  readonly lagMsEstimated: boolean
  /** Partitions whose lag could not be told, left out of the sum. */
  readonly unknown: number
}

type LagColumn = Column<LagRow>

const GROUP: LagColumn = { field: 'group', head: 'GROUP', show: 'always', cell: (row) => textCell(row.group, 'strong') }
const TOPIC: LagColumn = { field: 'topic', head: 'TOPIC', show: 'always', cell: (row) => textCell(row.topic) }
const LAG: LagColumn = {
  field: 'lag',
  head: 'LAG RECORDS',
  align: 'right',
  show: 'always',
  cell: (row, { exact }) => figureCell(formatCount(row.lag, exact)),
}
const BEHIND: LagColumn = {
  field: 'lagMs',
  head: 'BEHIND',
  align: 'right',
  show: 'always',
  cell: (row, { exact }) => figureCell(formatDuration(row.lagMs), !exact && row.lagMsEstimated),
}
const PARTITIONS: LagColumn = {
  field: 'partitions',
  head: 'PARTITIONS',
  align: 'right',
  show: 'always',
  cell: (row, { exact }) => figureCell(formatCount(row.partitions, exact)),
}
const UNKNOWN: LagColumn = {
  field: 'unknown',
  head: 'UNKNOWN',
  align: 'right',
  show: 'always',
  drop: 1,
  cell: (row) => figureCell(String(row.unknown)),
}
const MEMBER: LagColumn = {
  field: 'member',
  head: 'MEMBER',
  show: 'always',
  cell: (row, context) => textCell(row.member) ?? noneCell(context),
}

export function lagColumns(by: LagBy): readonly LagColumn[] {
  if (by === 'topic') return [GROUP, TOPIC, PARTITIONS, LAG, BEHIND, UNKNOWN]
  if (by === 'member') return [GROUP, MEMBER, PARTITIONS, LAG, BEHIND, UNKNOWN]
  return [
    GROUP,
    TOPIC,
    { field: 'partition', head: 'PART', align: 'right', show: 'always', cell: (row) => String(row.partition) },
    LAG,
    BEHIND,
    exactly('committed', 'COMMITTED'),
    exactly('end', 'END'),
    { ...MEMBER, head: 'OWNER' },
  ]
}

function exactly(field: 'committed' | 'end', head: string): LagColumn {
  return {
    field,
    head,
    align: 'right',
    show: 'always',
    drop: 2,
    cell: (row) => figureCell(formatCount(row[field], true)),
  }
}

/** One group cut by topic, partition or member; worst first. */
export function lagRows({ group, positions, members }: GroupBody, by: LagBy): LagRow[] {
  if (by === 'partition') {
    return positions.map((one) => ({
      ...summed(group.ref, [one]),
      topic: one.topic,
      partition: one.partition,
      member: one.owner,
      committed: one.committed,
      end: one.end,
    }))
  }
  const parts = new Map<string, PositionRow[]>()
  for (const one of positions) {
    const key = by === 'topic' ? one.topic : (one.owner ?? '')
    parts.set(key, [...(parts.get(key) ?? []), one])
  }
  const rows = [...parts].map(([key, ones]) => ({
    ...summed(group.ref, ones),
    ...(by === 'topic' ? { topic: key } : { member: key || null }),
  }))
  // A member without a partition is read nowhere above, and the very thing that is looked for.
  const idle =
    by === 'member' ? (members ?? []).filter(({ id, clientId }) => !parts.has(id) && !parts.has(clientId)) : []
  const idleRows = idle.map(({ clientId, id, partitions }) => ({
    ...summed(group.ref, []),
    member: clientId || id,
    partitions,
  }))
  return [...rows.sort((a, b) => (b.lag ?? -1) - (a.lag ?? -1)), ...idleRows]
}

function summed(group: string, positions: readonly PositionRow[]): LagRow {
  const lags = positions.map(({ lag }) => lag).filter((lag) => lag !== null)
  const times = positions.filter(({ lagMs }) => lagMs !== null)
  const worst = times.reduce<PositionRow | null>((a, b) => ((b.lagMs ?? 0) > (a?.lagMs ?? -1) ? b : a), null)
  return {
    group,
    topic: null,
    partition: null,
    member: null,
    partitions: positions.length,
    committed: null,
    end: null,
    lag: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0),
    lagMs: worst?.lagMs ?? null,
    lagMsEstimated: worst?.lagMsBasis === 'estimate',
    unknown: positions.length - lags.length,
  }
}
