import type { Call } from '../command.ts'
import { NIL_ARRAY, type Reply } from '../reply.ts'
import type { StreamValue } from '../values/stream.ts'
import { Consumer, type Pending, type StreamGroup } from '../values/stream-group.ts'
import { compareIds, idText, isZeroId, MAX_ID, nextId, type StreamId } from '../values/stream-id.ts'
import { entryReply } from './stream-arguments.ts'

/** Where a group's command acts. */
export interface Place {
  readonly key: string
  readonly stream: StreamValue
  readonly group: StreamGroup
}

/** Unix ms of the command; while the journal is replayed the engine's time stands still, and it is the time of the replay, as in Redis. */
export function seenNow(call: Call): number {
  return Number.isFinite(call.nowMs) ? call.nowMs : call.clock.nowMs()
}

/** The consumer, made when there is none, which the journal keeps; it was seen now. */
export function consumerOf(call: Call, { key, group }: Place, name: string): Consumer {
  const known = group.consumers.get(name)
  if (known !== undefined) {
    known.seenAtMs = seenNow(call)
    return known
  }
  const consumer = new Consumer(name, seenNow(call))
  call.db.changing(key)
  group.consumers.set(name, consumer)
  call.effect('XGROUP', 'CREATECONSUMER', key, group.name, name)
  call.db.changedBookkeeping(key)
  return consumer
}

/** What the group has not seen yet goes to the consumer, and is pending for it unless `noAck`. */
export function deliverNew(
  call: Call,
  place: Place,
  how: { consumer: Consumer; count: number; noAck: boolean },
): Reply {
  const { key, stream, group } = place
  const entries = stream.range(nextId(group.lastId) ?? MAX_ID, MAX_ID, how.count)
  if (entries.length === 0) return []
  call.db.changing(key)
  const delivered: Pending[] = []
  for (const entry of entries) {
    moveOn(stream, group, entry)
    if (!how.noAck) delivered.push(group.deliver(entry, how.consumer, call.nowMs))
  }
  claimEffects(call, place, delivered)
  positionEffect(call, key, group)
  call.db.changedBookkeeping(key)
  return entries.map(entryReply)
}

/** What is pending for the consumer after an id; an entry that is gone comes without its pairs. */
export function deliverAgain(
  call: Call,
  place: Place,
  how: { consumer: Consumer; after: StreamId; count: number },
): Reply {
  const replies: Reply[] = []
  const delivered: Pending[] = []
  const start = nextId(how.after)
  if (start === null) return replies
  call.db.changing(place.key)
  for (const pending of how.consumer.pending.from(start)) {
    const entry = place.stream.get(pending)
    replies.push(entry === undefined ? [idText(pending), NIL_ARRAY] : entryReply(entry))
    if (entry !== undefined) {
      pending.deliveredAtMs = call.nowMs
      pending.deliveries++
      delivered.push(pending)
    }
    if (replies.length === how.count) break
  }
  if (delivered.length > 0) {
    claimEffects(call, place, delivered)
    call.db.changedBookkeeping(place.key)
  }
  return replies
}

/** Where the group stands. */
export function positionEffect(call: Call, key: string, group: StreamGroup): void {
  call.effect('XGROUP', 'SETID', key, group.name, idText(group.lastId), 'ENTRIESREAD', String(group.entriesRead ?? -1))
}

/** Neighbours that differ only in their id go into one XCLAIM. */
export function claimEffects(call: Call, { key, group }: Place, pending: readonly Pending[]): void {
  for (let from = 0; from < pending.length; ) {
    const first = pending[from] as Pending
    const args = ['XCLAIM', key, group.name, first.consumer.name, '0']
    for (; from < pending.length; from++) {
      const next = pending[from] as Pending
      if (next.deliveries !== first.deliveries || next.deliveredAtMs !== first.deliveredAtMs) break
      args.push(idText(next))
    }
    const { deliveredAtMs, deliveries } = first
    args.push('TIME', String(deliveredAtMs), 'RETRYCOUNT', String(deliveries), 'FORCE', 'JUSTID', 'LASTID')
    call.effect(...args, idText(group.lastId))
  }
}

/** The entry is the last one that the group has read. */
function moveOn(stream: StreamValue, group: StreamGroup, id: StreamId): void {
  if (compareIds(id, group.lastId) <= 0) return
  if (group.entriesRead !== null && !hasTombstoneFrom(stream, id)) group.entriesRead++
  else if (stream.entriesAdded > 0) group.entriesRead = entriesUpTo(stream, id)
  group.lastId = { ms: id.ms, seq: id.seq }
}

/** How many entries the group has not read; null: deletions make it unknowable. Redis' own estimate. */
export function lagOf(stream: StreamValue, group: StreamGroup): number | null {
  if (stream.entriesAdded === 0) return 0
  if (group.entriesRead !== null && !hasTombstoneFrom(stream, group.lastId))
    return stream.entriesAdded - group.entriesRead
  const read = entriesUpTo(stream, group.lastId)
  return read === null ? null : stream.entriesAdded - read
}

function hasTombstoneFrom(stream: StreamValue, id: StreamId): boolean {
  if (stream.length === 0 || isZeroId(stream.maxDeletedId)) return false
  // A tombstone before the first entry is no gap any longer.
  if (compareIds(stream.firstId, stream.maxDeletedId) > 0) return false
  return compareIds(id, stream.maxDeletedId) <= 0
}

/** How many entries of the stream's life lie at or before the id; null: cannot be told. */
function entriesUpTo(stream: StreamValue, id: StreamId): number | null {
  if (stream.entriesAdded === 0) return 0
  const toLast = compareIds(id, stream.lastId)
  if (stream.length === 0 && toLast <= 0) return stream.entriesAdded
  if (toLast === 0) return stream.entriesAdded
  if (toLast > 0) return null
  const { firstId, maxDeletedId } = stream
  if (!isZeroId(maxDeletedId) && compareIds(maxDeletedId, firstId) >= 0) return null
  const toFirst = compareIds(id, firstId)
  if (toFirst < 0) return stream.entriesAdded - stream.length
  return toFirst === 0 ? stream.entriesAdded - stream.length + 1 : null
}
