import type { Gap } from '../../domain/snapshot.ts'
import { type BullmqQueue, bullmqQueue } from './bullmq-row.ts'
import { replyFault } from './faults.ts'
import { type Link, listOf, type Reply, ReplyError } from './link.ts'

/** One step of discovery: how much of the database may be walked now. */
export interface ScanBudget {
  /** Keys of the database, for progress and pace; null = not told. */
  readonly keys: number | null
  /** Milliseconds since an arbitrary start, as it goes on. */
  readonly monotonicMs: () => number
}

/**
 * Finds BullMQ queues by walking the key space for their `meta` hashes, a bounded piece at each collect: BullMQ keeps
 * no list of its queues. The first walk takes as much as FIRST_STEP_MS allows each time, so that a normal database is
 * known at once; later ones take a few calls at a time, the sooner after the last the fewer calls that took. What a
 * whole walk did not meet is gone.
 */
export class Discovery {
  readonly #prefixes: readonly string[]
  readonly #known = new Map<string, BullmqQueue>()
  #met = new Map<string, BullmqQueue>()
  /** Nodes that this walk has not finished, the current one first, and where it stands there. */
  #left: readonly Link[] = []
  #cursor = '0'
  #calls = 0
  #walking = false
  #walks = 0
  #nextAtMs = 0
  #refusal: string | null = null

  constructor(prefixes: readonly string[]) {
    this.#prefixes = prefixes
  }

  /** All that are known now; at most QUEUES_MAX. */
  get queues(): readonly BullmqQueue[] {
    return [...this.#known.values()]
  }

  /**
   * A new connection: cursors of the old one mean nothing, and it may be another database: the next walk is a first one.
   * What is known stays until a whole walk has not met it.
   */
  restart(): void {
    this.#walking = false
    this.#walks = 0
    this.#nextAtMs = 0
    this.#refusal = null
  }

  add(queue: BullmqQueue): void {
    if (this.#known.size < QUEUES_MAX) this.#known.set(queue.base, queue)
    if (this.#walking) this.#met.set(queue.base, queue)
  }

  forget({ base }: BullmqQueue): void {
    this.#known.delete(base)
    this.#met.delete(base)
  }

  /** Walks on, if it is time. */
  async step(links: readonly Link[], { keys, monotonicMs }: ScanBudget, signal: AbortSignal): Promise<void> {
    const startedMs = monotonicMs()
    if (!this.#walking) {
      if (startedMs < this.#nextAtMs) return
      this.#walking = true
      this.#left = links
      this.#cursor = '0'
      this.#calls = 0
      this.#met = new Map()
    }
    const isFirst = this.#walks === 0
    const calls = isFirst ? FIRST_STEP_CALLS : callsPerStep(keys)
    for (let call = 0; call < calls && this.#walking; call += 1) {
      if (isFirst && monotonicMs() - startedMs > FIRST_STEP_MS) break
      await this.#scan(monotonicMs, signal)
    }
  }

  /** What the reader of a snapshot should know: that queues may be missing. */
  gap(keys: number | null): Gap | null {
    if (this.#refusal) return { what: 'queue discovery', code: 'refused', message: this.#refusal }
    if (this.#known.size >= QUEUES_MAX) {
      return { what: 'queue discovery', code: 'unsupported', message: `only the first ${QUEUES_MAX} queues are read` }
    }
    if (this.#walks > 0) return null
    const percent = keys ? ` about ${Math.min(99, Math.floor((this.#calls * SCAN_COUNT * 100) / keys))} % of` : ''
    const total = keys === null ? 'the keys' : `${keys} keys`
    const message = `still looking for queues:${percent} ${total} seen so far, the rest follows by itself`
    return { what: 'queue discovery', code: 'timeout', message }
  }

  async #scan(monotonicMs: () => number, signal: AbortSignal): Promise<void> {
    const [link] = this.#left
    if (!link) return this.#finish(monotonicMs())
    const [reply] = await link.run(
      'discover',
      [['SCAN', this.#cursor, 'MATCH', scanPattern(this.#prefixes), 'COUNT', SCAN_COUNT]],
      signal,
    )
    this.#calls += 1
    if (reply instanceof ReplyError) {
      this.#refusal = `${replyFault('discover', link.address, reply.text).message}; list the queues under sources.<id>.queues`
      return this.#finish(monotonicMs())
    }
    const [cursor, keys] = readScan(reply)
    for (const key of keys) {
      const queue = queueOfMetaKey(key, this.#prefixes)
      if (!queue || this.#met.size >= QUEUES_MAX) continue
      this.#met.set(queue.base, queue)
      if (this.#known.size < QUEUES_MAX) this.#known.set(queue.base, queue)
    }
    this.#cursor = cursor
    if (cursor !== '0') return
    this.#left = this.#left.slice(1)
    if (this.#left.length === 0) this.#finish(monotonicMs())
  }

  #finish(nowMs: number): void {
    this.#walking = false
    this.#nextAtMs = nowMs + (this.#refusal ? RESCAN_MAX_MS : pauseMsAfter(this.#calls))
    if (this.#refusal) return
    this.#walks += 1
    for (const base of this.#known.keys()) if (!this.#met.has(base)) this.#known.delete(base)
  }
}

/** One SCAN call looks at so many keys: about 0.7 ms of the server (measured: 0.66 s for 1 M keys). */
const SCAN_COUNT = 1_000
const FIRST_STEP_MS = 250
const FIRST_STEP_CALLS = 400
/** More rows than that are beyond what one snapshot can carry. */
const QUEUES_MAX = 20_000

/** Later walks end within 50 collects where 20 calls (14 ms of the server) at each are enough; never fewer than 3 calls. */
function callsPerStep(keys: number | null): number {
  return Math.min(20, Math.max(3, Math.ceil((keys ?? 0) / SCAN_COUNT / 50)))
}

/**
 * Rest after a walk: 600 ms per call of 0.7 ms, so about 0.1 % of the server's time; a small database is walked at each
 * refresh, one of 50,000 keys and more each 30 s.
 */
export function pauseMsAfter(calls: number): number {
  return Math.min(RESCAN_MAX_MS, Math.max(RESCAN_MIN_MS, calls * 600))
}

/** A little less than the usual pace of refreshes: else every second one would come a moment too early. */
const RESCAN_MIN_MS = 1_900
const RESCAN_MAX_MS = 30_000

/** `bull:emails:meta` → the queue; null for a key of another kind. A queue's name holds no colon, a prefix may. */
export function queueOfMetaKey(key: string, prefixes: readonly string[]): BullmqQueue | null {
  if (!key.endsWith(':meta')) return null
  for (const prefix of prefixes) {
    if (!key.startsWith(`${prefix}:`)) continue
    const name = key.slice(prefix.length + 1, -':meta'.length)
    if (name !== '' && !name.includes(':')) return bullmqQueue(prefix, name)
  }
  return null
}

/** One pattern for all prefixes: what the prefix does not tell is sorted out here. */
export function scanPattern(prefixes: readonly string[]): string {
  const [prefix] = prefixes
  return prefixes.length === 1 && prefix !== undefined ? `${prefix.replace(/[[\]*?\\^]/g, '\\$&')}:*:meta` : '*:meta'
}

function readScan(reply: Reply | undefined): [cursor: string, keys: readonly string[]] {
  const [cursor, keys] = listOf(reply)
  const names = listOf(keys).filter((key) => typeof key === 'string')
  return [typeof cursor === 'string' ? cursor : '0', names]
}
