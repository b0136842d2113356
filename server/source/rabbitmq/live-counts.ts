import type { QueueCounts } from './prometheus.ts'
import type { QueueRow } from './queue-row.ts'

/** Counts of one queue in this cycle. Null = this way of reading does not tell. */
export interface LiveCounts {
  readonly ready: number | null
  readonly unacked: number | null
  readonly messages: number | null
  readonly consumers: number | null
  /** First deliveries since the node started. */
  readonly taken: number | null
  readonly finished: number | null
  readonly redelivered: number | null
}

/** Deliveries are told by 4.0 and later. There a queue without any has no such line: that is a zero. */
export function liveOfMetrics(counts: QueueCounts, tellsDeliveries: boolean): LiveCounts {
  const takenNoAck = orZero(counts.takenNoAck)
  const redelivered = orZero(counts.redelivered)
  return {
    ready: orNull(counts.ready),
    unacked: orNull(counts.unacked),
    messages: orNull(counts.messages),
    consumers: orNull(counts.consumers),
    taken: tellsDeliveries ? orZero(counts.takenForAck) + takenNoAck - redelivered : null,
    finished: tellsDeliveries ? orZero(counts.acked) + takenNoAck : null,
    redelivered: tellsDeliveries ? redelivered : null,
  }
}

/** A row in totals mode: no consumers, no deliveries; nothing at all of a stream. */
export function liveOfRow({ ready, unacked, messages, consumers }: QueueRow): LiveCounts {
  return { ready, unacked, messages, consumers, taken: null, finished: null, redelivered: null }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value
}
