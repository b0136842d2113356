import type { ListBody, Severity } from '../../server/api/freshness.ts'
import type { GroupRow } from '../../server/api/group.ts'
import type { HotRow } from '../../server/api/overview.ts'
import type { QueueRow } from '../../server/api/queue.ts'

/** A queue's row as a row of the hot list, for a filter or an order that the overview does not have. */
export function hotQueue(row: QueueRow, kindOfSource: string | undefined): HotRow {
  const { failedPerSecond: failed, outPerSecond: out } = row
  return {
    kind: 'queue',
    ref: row.ref,
    source: row.source,
    name: row.name,
    severity: row.severity,
    reasons: row.reasons,
    pausedBy: row.pausedBy,
    waitMs: row.oldestAgeMs,
    waitEstimated: row.estimated.includes('oldestAgeMs'),
    amount: row.depth,
    unit: kindOfSource === 'rabbitmq' ? 'messages' : 'jobs',
    change5m: row.depthChange5m,
    inPerSecond: row.inPerSecond,
    outPerSecond: out,
    failRatio: failed === null || !out ? null : Math.min(1, failed / out),
    consumers: row.consumers,
    drain: row.drain,
    drainMs: row.drainMs,
    observedAtMs: row.observedAtMs,
    trend: row.trend,
  }
}

export function hotGroup(row: GroupRow): HotRow {
  return {
    kind: 'group',
    ref: row.ref,
    source: row.source,
    name: row.name,
    severity: row.severity,
    reasons: row.reasons,
    pausedBy: 'nobody',
    waitMs: row.lagMs,
    waitEstimated: row.lagMsEstimated,
    amount: row.lag,
    unit: 'records',
    change5m: row.lagChange5m,
    inPerSecond: row.inPerSecond,
    outPerSecond: row.outPerSecond,
    failRatio: null,
    consumers: row.members,
    drain: row.drain,
    drainMs: row.drainMs,
    observedAtMs: row.observedAtMs,
    trend: row.trend,
  }
}

export interface HotSort {
  readonly field: string
  readonly descending: boolean
}

/** Two windows, each sorted by the server, as one list in the same order. */
export function mergeHot(
  queues: ListBody<QueueRow>,
  groups: ListBody<GroupRow>,
  { field, descending }: HotSort,
): ListBody<HotRow> {
  const kinds = new Map(queues.sources.map(({ source, kind }) => [source, kind]))
  const left = queues.items.map((row) => hotQueue(row, kinds.get(row.source)))
  const right = groups.items.map(hotGroup)
  const newest = queues.asOfMs > groups.asOfMs ? queues : groups
  const comesFirst = field === 'pain' ? byPain(descending) : byField(field, descending)
  return { ...newest, total: queues.total + groups.total, offset: 0, items: merge(left, right, comesFirst) }
}

function merge(
  left: readonly HotRow[],
  right: readonly HotRow[],
  comesFirst: (a: HotRow, b: HotRow) => boolean,
): HotRow[] {
  const merged: HotRow[] = []
  let [at, other] = [0, 0]
  for (;;) {
    const [a, b] = [left[at], right[other]]
    if (!a || !b) return [...merged, ...left.slice(at), ...right.slice(other)]
    if (comesFirst(a, b)) {
      merged.push(a)
      at++
    } else {
      merged.push(b)
      other++
    }
  }
}

const RANK: Readonly<Record<Severity, number>> = { critical: 4, warning: 3, unknown: 2, notice: 1, fine: 0 }

/** The server's score does not travel: severity, and then the wait, is what it goes by. */
function byPain(descending: boolean): (a: HotRow, b: HotRow) => boolean {
  return (a, b) => {
    const order = RANK[b.severity] - RANK[a.severity] || (b.waitMs ?? -1) - (a.waitMs ?? -1)
    return descending ? order <= 0 : order >= 0
  }
}

function byField(field: string, descending: boolean): (a: HotRow, b: HotRow) => boolean {
  return (a, b) => {
    const [x, y] = [Reflect.get(a, field === 'name' ? 'ref' : field), Reflect.get(b, field === 'name' ? 'ref' : field)]
    if (x === null || x === undefined) return y === null || y === undefined
    if (y === null || y === undefined) return true
    return descending ? x >= y : x <= y
  }
}
