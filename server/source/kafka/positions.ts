import type { Position } from '../../domain/group.ts'
import type { Commit } from './commits.ts'
import { compareText } from './compare-text.ts'
import type { Description } from './known-group.ts'
import type { PartitionLog, PartitionLogs } from './partition-log.ts'

/** What a group has to do with one partition: a commit, an owner, or both. */
interface Stand {
  readonly topic: string
  readonly partition: number
  readonly committed: number | null
  readonly owner: string | null
}

type Age = Pick<Position, 'lagMs' | 'lagMsBasis'>

/** A record whose time would tell how old a lag is. */
export interface Sought {
  readonly log: PartitionLog
  readonly offset: number
  readonly lag: number
}

/** The partitions that the group has a commit for, and those that a member reads without one. */
export function standsOf(commits: readonly Commit[], description: Description | null): readonly Stand[] {
  const owners = description?.owners
  const stands: Stand[] = commits.map(({ topic, partition, offset }) => ({
    topic,
    partition,
    committed: offset,
    owner: owners?.get(topic)?.get(partition) ?? null,
  }))
  if (!owners) return stands
  const committed = new Set(commits.map(({ topic, partition }) => `${topic}\n${partition}`))
  for (const [topic, partitions] of owners) {
    for (const [partition, owner] of partitions) {
      if (!committed.has(`${topic}\n${partition}`)) stands.push({ topic, partition, committed: null, owner })
    }
  }
  return stands
}

/** Largest lag first, unknown last; then by topic and partition. */
export function positionsOf(stands: readonly Stand[], logs: PartitionLogs, nowMs: number): readonly Position[] {
  const positions = stands.map(({ topic, partition, committed, owner }): Position => {
    const log = logs.get(topic, partition)
    const start = log?.start ?? null
    const end = log?.end ?? null
    return { topic, partition, committed, start, end, owner, ...ageOf(log, committed, nowMs) }
  })
  return positions.sort(
    (a, b) => (lagOf(b) ?? -1) - (lagOf(a) ?? -1) || compareText(a.topic, b.topic) || a.partition - b.partition,
  )
}

/** Records not yet consumed; null when either side is unknown. Never negative. */
export function lagOf({ committed, end }: Pick<Position, 'committed' | 'end'>): number | null {
  return committed === null || end === null ? null : Math.max(0, end - committed)
}

/** The record whose time is wanted because the table of ends does not reach back to it; null = none. */
export function soughtFor({ topic, partition, committed }: Stand, logs: PartitionLogs): Sought | null {
  const log = logs.get(topic, partition)
  if (!log || log.end === null || committed === null || committed >= log.end) return null
  const offset = firstUnread(log, committed)
  if (log.times.has(offset)) return null
  const when = log.table?.whenWritten(offset)
  if (when?.known) return null
  return { log, offset, lag: log.end - committed }
}

function ageOf(log: PartitionLog | undefined, committed: number | null, nowMs: number): Age {
  if (committed === null) return { lagMs: null, lagMsBasis: 'no-commit' }
  if (!log || log.end === null) return { lagMs: null, lagMsBasis: 'no-history' }
  if (committed >= log.end) return { lagMs: 0, lagMsBasis: 'exact' }
  const offset = firstUnread(log, committed)
  const looked = log.times.get(offset)
  // A producer may send no time (−1), or any time at all: before the epoch it is none.
  if (looked && looked.timestamp > 0) {
    return { lagMs: Math.max(0, nowMs - looked.timestamp), lagMsBasis: looked.isExact ? 'exact' : 'estimate' }
  }
  const when = log.table?.whenWritten(offset)
  if (when?.known) return { lagMs: Math.max(0, Math.round(nowMs - when.atMs)), lagMsBasis: 'estimate' }
  return { lagMs: null, lagMsBasis: 'no-history' }
}

/** Where records were lost to retention, the oldest unread one is the first still there. */
function firstUnread(log: PartitionLog, committed: number): number {
  return Math.max(committed, log.start ?? 0)
}
