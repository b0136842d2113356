import { IdMap } from './id-map.ts'
import type { IdPart, StreamId } from './stream-id.ts'

/** An entry that was delivered to a consumer and not acknowledged. The group and the consumer hold the same one. */
export class Pending implements StreamId {
  readonly ms: IdPart
  readonly seq: IdPart
  consumer: Consumer
  /** Unix ms. */
  deliveredAtMs: number
  deliveries: number

  constructor(id: StreamId, consumer: Consumer, deliveredAtMs: number) {
    this.ms = id.ms
    this.seq = id.seq
    this.consumer = consumer
    this.deliveredAtMs = deliveredAtMs
    this.deliveries = 1
  }
}

export class Consumer {
  readonly name: string
  /** Unix ms of its last command. */
  seenAtMs: number
  readonly pending = new IdMap<Pending>()

  constructor(name: string, seenAtMs: number) {
    this.name = name
    this.seenAtMs = seenAtMs
  }
}

export class StreamGroup {
  readonly name: string
  /** The last entry that was delivered to anyone. */
  lastId: StreamId
  /** How many entries of the stream's whole life lie at or before `lastId`; null: cannot be told. */
  entriesRead: number | null
  readonly pending = new IdMap<Pending>()
  readonly consumers = new Map<string, Consumer>()

  constructor(name: string, lastId: StreamId, entriesRead: number | null) {
    this.name = name
    this.lastId = lastId
    this.entriesRead = entriesRead
  }

  /** Makes the entry pending for this consumer, whoever had it before, as delivered for the first time. */
  deliver(id: StreamId, consumer: Consumer, nowMs: number): Pending {
    const known = this.pending.get(id)
    if (known === undefined) return this.#add(new Pending(id, consumer, nowMs))
    this.hand(known, consumer)
    known.deliveredAtMs = nowMs
    known.deliveries = 1
    return known
  }

  /** Moves a pending entry to another consumer. */
  hand(pending: Pending, consumer: Consumer): void {
    if (pending.consumer === consumer) return
    pending.consumer.pending.delete(pending)
    pending.consumer = consumer
    consumer.pending.set(pending)
  }

  /** Whether it was pending. */
  acknowledge(id: StreamId): boolean {
    const pending = this.pending.get(id)
    if (pending === undefined) return false
    this.pending.delete(id)
    pending.consumer.pending.delete(id)
    return true
  }

  /** Removes a consumer with all that is pending for it; answers how many that were. */
  drop(consumer: Consumer): number {
    for (const pending of consumer.pending.from({ ms: 0, seq: 0 })) this.pending.delete(pending)
    this.consumers.delete(consumer.name)
    return consumer.pending.size
  }

  copy(): StreamGroup {
    const copy = new StreamGroup(this.name, this.lastId, this.entriesRead)
    for (const { name, seenAtMs } of this.consumers.values()) copy.consumers.set(name, new Consumer(name, seenAtMs))
    for (const pending of this.pending.from({ ms: 0, seq: 0 })) {
      const consumer = copy.consumers.get(pending.consumer.name) as Consumer
      copy.deliver(pending, consumer, pending.deliveredAtMs).deliveries = pending.deliveries
    }
    return copy
  }

  #add(pending: Pending): Pending {
    this.pending.set(pending)
    pending.consumer.pending.set(pending)
    return pending
  }
}
