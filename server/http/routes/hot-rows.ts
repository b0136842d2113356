import type { Severity } from '../../api/freshness.ts'
import type { GroupRow } from '../../api/group.ts'
import type { HotRow } from '../../api/overview.ts'
import type { QueueRow } from '../../api/queue.ts'
import type { Board } from '../../board/board.ts'
import type { SourceKind } from '../../domain/snapshot.ts'
import { unknownReason } from './lookup.ts'

/** What the amounts of each kind count. */
export const UNIT = { redis: 'jobs', rabbitmq: 'messages', kafka: 'records' } as const

/** A queue or group that may be shown as hot: its row is made only if it is. */
export interface Candidate {
  readonly ref: string
  readonly severity: Severity
  readonly pain: number
  /** Why its source cannot be judged; null when it can. */
  readonly reason: string | null
  readonly make: () => HotRow
}

/** All queues and groups, most pain first. */
export function candidatesOf(board: Board): Candidate[] {
  const candidates: Candidate[] = []
  for (const held of board.held) {
    const reason = unknownReason(board, held)
    for (const { row, pain } of held.derived.queues.values()) {
      candidates.push({
        ref: row.ref,
        severity: reason ? 'unknown' : row.severity,
        pain,
        reason,
        make: () => fromQueue(row, held.kind),
      })
    }
    for (const { row, pain } of held.derived.groups.values()) {
      candidates.push({
        ref: row.ref,
        severity: reason ? 'unknown' : row.severity,
        pain,
        reason,
        make: () => fromGroup(row),
      })
    }
  }
  return candidates.sort((a, b) => b.pain - a.pain || (a.ref < b.ref ? -1 : 1))
}

function fromQueue(row: QueueRow, kind: SourceKind): HotRow {
  const { outPerSecond, failedPerSecond, pausedBy, consumers } = row
  const failRatio = failedPerSecond === null || !outPerSecond ? null : Math.min(1, failedPerSecond / outPerSecond)
  return {
    kind: 'queue',
    ...inCommon(row),
    ...{ pausedBy, consumers, failRatio },
    ...{ waitMs: row.oldestAgeMs, waitEstimated: row.estimated.includes('oldestAgeMs') },
    ...{ amount: row.depth, unit: UNIT[kind], change5m: row.depthChange5m },
  }
}

function fromGroup(row: GroupRow): HotRow {
  return {
    kind: 'group',
    ...inCommon(row),
    ...{ pausedBy: 'nobody', consumers: row.members, failRatio: null },
    ...{ waitMs: row.lagMs, waitEstimated: row.lagMsEstimated },
    ...{ amount: row.lag, unit: UNIT.kafka, change5m: row.lagChange5m },
  }
}

/** What a queue and a group call by the same name. */
function inCommon(row: QueueRow | GroupRow) {
  const { ref, source, name, severity, reasons, inPerSecond, outPerSecond, drain, drainMs, observedAtMs } = row
  return { ref, source, name, severity, reasons, inPerSecond, outPerSecond, drain, drainMs, observedAtMs, trend: null }
}
