import { asCount, asObject, asText, type JsonObject } from './json.ts'

/** What the management API tells of one queue. Null = not told (left out by this version, or under this mode). */
export interface QueueRow {
  readonly vhost: string
  readonly name: string
  /** `classic`, `quorum`, `stream`, or the word of a plug-in. */
  readonly type: string
  readonly state: string | null
  readonly ready: number | null
  readonly unacked: number | null
  readonly messages: number | null
  readonly consumers: number | null
  /** Quorum from 4.0: ready messages that came back from a consumer. */
  readonly returned: number | null
  /** Quorum from 4.3: waiting for a delayed retry; in no other count. */
  readonly heldBack: number | null
  /** Time that the publisher gave the first message, Unix ms. */
  readonly headTimestampMs: number | null
  readonly idleSinceMs: number | null
  readonly deadLetterExchange: string | null
  readonly deadLetterKey: string | null
  /** How long a message may wait: the smaller of argument and policy. */
  readonly ttlMs: number | null
  /** Single active consumer: whether one is active; null when the queue is not of that kind. */
  readonly hasActiveConsumer: boolean | null
  readonly counters: RowCounters | null
}

/** Counters since the node started. Null = no such event yet, or not told. */
export interface RowCounters {
  readonly published: number | null
  /** Taken by delivery or get, redeliveries included. */
  readonly taken: number | null
  readonly acked: number | null
  /** Taken by those who never acknowledge: done when delivered. */
  readonly takenNoAck: number | null
  readonly redelivered: number | null
  /** LavinMQ only. */
  readonly rejected: number | null
}

/** The columns of a row in full. LavinMQ before 2.5 says `ready` and `unacked`; RabbitMQ ignores names that it lacks. */
export const FULL_COLUMNS = [
  'vhost',
  'name',
  'type',
  'state',
  'messages',
  'messages_ready',
  'messages_unacknowledged',
  'ready',
  'unacked',
  'consumers',
  'messages_ready_returned',
  'messages_delayed',
  'idle_since',
  'head_message_timestamp',
  'arguments',
  'effective_policy_definition',
  'single_active_consumer_tag',
  'single_active_consumer_ctag',
  'message_stats.publish',
  'message_stats.deliver_get',
  'message_stats.deliver_no_ack',
  'message_stats.get_no_ack',
  'message_stats.ack',
  'message_stats.redeliver',
  'message_stats.reject',
] as const

/** The columns of a row in totals mode. */
export const TOTALS_COLUMNS = FULL_COLUMNS.slice(0, 9)

/** Reads one element of a list, or a single queue; null when it is not one. */
export function readQueueRow(row: JsonObject): QueueRow | null {
  const vhost = asText(row.vhost)
  const name = asText(row.name)
  if (vhost === null || name === null) return null
  const args = asObject(row.arguments) ?? {}
  const policy = asObject(row.effective_policy_definition) ?? {}
  return {
    vhost,
    name,
    type: asText(row.type) ?? asText(args['x-queue-type']) ?? 'classic',
    state: asText(row.state),
    ready: asCount(row.messages_ready) ?? asCount(row.ready),
    unacked: asCount(row.messages_unacknowledged) ?? asCount(row.unacked),
    messages: asCount(row.messages),
    consumers: asCount(row.consumers),
    returned: asCount(row.messages_ready_returned),
    heldBack: asCount(row.messages_delayed),
    headTimestampMs: inMs(asCount(row.head_message_timestamp)),
    idleSinceMs: instantOf(row.idle_since),
    deadLetterExchange: asText(args['x-dead-letter-exchange']) ?? asText(policy['dead-letter-exchange']),
    deadLetterKey: asText(args['x-dead-letter-routing-key']) ?? asText(policy['dead-letter-routing-key']),
    ttlMs: smaller(asCount(args['x-message-ttl']), asCount(policy['message-ttl'])),
    hasActiveConsumer: activeConsumerOf(row, args),
    counters: countersOf(row),
  }
}

function activeConsumerOf(row: JsonObject, args: JsonObject): boolean | null {
  if (args['x-single-active-consumer'] !== true) return null
  // A quorum queue of 3.10 says `…_ctag`; 4.0 names a tag on quorum queues also without single active consumer.
  return isTag(row.single_active_consumer_tag) || isTag(row.single_active_consumer_ctag)
}

function isTag(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value !== 'none'
}

function countersOf(row: JsonObject): RowCounters | null {
  const stats = asObject(row.message_stats)
  if (!stats) return null
  const deliveredNoAck = asCount(stats.deliver_no_ack)
  const gotNoAck = asCount(stats.get_no_ack)
  return {
    published: asCount(stats.publish),
    taken: asCount(stats.deliver_get),
    acked: asCount(stats.ack),
    takenNoAck: deliveredNoAck === null && gotNoAck === null ? null : (deliveredNoAck ?? 0) + (gotNoAck ?? 0),
    redelivered: asCount(stats.redeliver),
    rejected: asCount(stats.reject),
  }
}

function inMs(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1000
}

function smaller(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}

/** `2026-11-20T15:32:05.791+00:00` (3.10 and later) or `2026-11-20 15:32:05` in UTC (before). */
function instantOf(value: unknown): number | null {
  const text = asText(value)
  if (text === null) return null
  const iso = text.includes('T') ? text : `${text.replace(' ', 'T')}Z`
  const instant = Date.parse(iso)
  return Number.isFinite(instant) ? instant : null
}
