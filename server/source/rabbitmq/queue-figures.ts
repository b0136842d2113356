import type { Queue, QueueFigure } from '../../domain/queue.ts'
import type { Topic } from '../../domain/topic.ts'
import { type CounterReport, type Counters, NO_COUNTERS } from './counters.ts'
import type { LiveCounts } from './live-counts.ts'
import type { QueueRow } from './queue-row.ts'
import { systemOf } from './system-found.ts'
import type { Place } from './topology.ts'

/** All that is known of one queue at one moment. */
export interface QueueReading {
  readonly row: QueueRow
  /** Whether the row's own numbers are of now, as opposed to a slow pass some time ago. */
  readonly isRowFresh: boolean
  /** Counts of this cycle; null = none (a queue that is down, or a source of counts that fails). */
  readonly live: LiveCounts | null
  readonly place: Place | undefined
  readonly counters: CounterReport | null
  /** Nothing that waits is older than this (wall clock); null = not known. */
  readonly floorAtMs: number | null
  readonly atMs: number
  /** Depth of another queue of this broker. */
  readonly depthOf: (key: string) => number | null
}

/** A classic, quorum or other queue as every screen knows it. */
export function queueOf(reading: QueueReading): Queue {
  const { row, isRowFresh, place } = reading
  const depth = depthOf(reading)
  const oldestAgeMs = oldestAgeOf(reading, depth)
  const counters = reading.counters?.counters ?? NO_COUNTERS
  const retrying = isRowFresh ? row.returned : null
  const estimated: QueueFigure[] = []
  if (oldestAgeMs !== null && oldestAgeMs > 0) estimated.push('oldestAgeMs')
  if (retrying !== null) estimated.push('retrying')
  if (reading.counters?.isEstimated) estimated.push('added', 'finished', 'redelivered')
  return {
    name: row.name,
    vhost: row.vhost === '/' ? null : row.vhost,
    system: systemOf(row.type),
    depth,
    active: reading.live?.unacked ?? (isRowFresh ? row.unacked : null),
    delayed: delayedOf(reading),
    retrying,
    dead: sum((place?.deadKeys ?? []).map(reading.depthOf)),
    oldestAgeMs,
    ...arrivalsOf(counters, place),
    finished: reading.live?.finished ?? counters.finished,
    failed: counters.failed,
    redelivered: reading.live?.redelivered ?? counters.redelivered,
    consumers: consumersOf(reading),
    pausedBy: row.state === 'paused' ? 'elsewhere' : 'nobody',
    estimated,
    limit: null,
    trouble: troubleOf(row),
    idleSinceMs: row.idleSinceMs,
    deadLetter: place?.deadLetter ?? null,
    role: place?.role ?? 'work',
    feeds: place?.feeds ?? [],
  }
}

/** A stream keeps its records when they are read: a topic, with no depth. `readers`: null = as the broker counts. */
export function topicOf(reading: QueueReading, readers: number | null): Topic {
  const { row, isRowFresh, live } = reading
  return {
    name: row.name,
    vhost: row.vhost === '/' ? null : row.vhost,
    system: systemOf(row.type),
    partitions: 1,
    internal: false,
    replicationFactor: null,
    underReplicated: null,
    records: live?.messages ?? (isRowFresh ? row.messages : null),
    added: reading.counters?.counters.added ?? null,
    bytes: null,
    readers: readers ?? consumersOf(reading),
    detail: null,
  }
}

/** The counters of a row. An event that never happened since the node started is left out of it: that is a zero. */
export function countersOf(row: QueueRow, hasStatistics: boolean): Counters {
  if (!hasStatistics) return NO_COUNTERS
  const counters = row.counters
  return {
    added: counters?.published ?? 0,
    // Who takes without acknowledging has finished by taking.
    finished: (counters?.acked ?? 0) + (counters?.takenNoAck ?? 0),
    failed: counters?.rejected ?? null,
    redelivered: counters?.redelivered ?? 0,
  }
}

/** Dead-lettering is counted nowhere: 0 published into a queue that it feeds does not mean that nothing came. */
function arrivalsOf({ added }: Counters, place: Place | undefined): Pick<Queue, 'added'> {
  const isBlind = place !== undefined && place.role !== 'work' && place.isFedByDeadLetters && added === 0
  return { added: isBlind ? null : added }
}

export function depthOf({ live, row, isRowFresh }: Pick<QueueReading, 'live' | 'row' | 'isRowFresh'>): number | null {
  return live?.ready ?? (isRowFresh ? row.ready : null)
}

function consumersOf({ live, row, isRowFresh }: QueueReading): number | null {
  return live?.consumers ?? (isRowFresh ? row.consumers : null)
}

function oldestAgeOf({ row, isRowFresh, floorAtMs, atMs }: QueueReading, depth: number | null): number | null {
  if (depth === null || depth === 0) return depth
  // An older row's head may be gone by now; what waits is then younger, as it is younger than the floor.
  const head = row.headTimestampMs
  const bornAtMs = head !== null && (isRowFresh || floorAtMs === null) ? head : latest(head, floorAtMs)
  return bornAtMs === null ? null : Math.max(0, atMs - bornAtMs)
}

function latest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.max(one, other)
}

/** What waits in retry queues, and what a 4.3 quorum queue holds back itself: in no ready count. */
function delayedOf({ row, place, depthOf: depthOfKey }: QueueReading): number | null {
  const parts = (place?.retryKeys ?? []).map(depthOfKey)
  return sum(row.heldBack === null ? parts : [row.heldBack, ...parts])
}

const WELL = new Set(['running', 'idle', 'paused'])

function troubleOf({ state, hasActiveConsumer, consumers }: QueueRow): string | null {
  if (state !== null && !WELL.has(state)) return state
  return hasActiveConsumer === false && consumers !== null && consumers > 0 ? 'no active consumer' : null
}

/** Null when there is no part, or one is unknown. */
function sum(parts: readonly (number | null)[]): number | null {
  let total: number | null = null
  for (const part of parts) {
    if (part === null) return null
    total = (total ?? 0) + part
  }
  return total
}
