import type { Queue } from '../../domain/queue.ts'
import type { Topic } from '../../domain/topic.ts'
import { addReading, type CounterTrack, reportAt } from './counters.ts'
import type { CountsFound } from './counts-reader.ts'
import { type LiveCounts, liveOfMetrics, liveOfRow } from './live-counts.ts'
import { ROW_FRESH_MS } from './pace.ts'
import { type QueueName, readLabels } from './prometheus.ts'
import { countersOf, depthOf, queueOf, topicOf } from './queue-figures.ts'
import type { QueueRow } from './queue-row.ts'
import { keyOf, type Topology } from './topology.ts'
import { type Turnover, watchTurnover } from './turnover.ts'

/** One moment on both clocks. */
export interface Moment {
  readonly wallMs: number
  readonly monotonicMs: number
}

interface Known {
  row: QueueRow
  rowAtMs: number
  track: CounterTrack
  turnover: Turnover | undefined
}

/** How the counts of a cycle fit to the queues of the last list. */
export interface Fit {
  /** Counted, but in no list: new, or not for this user to see. */
  readonly unlisted: readonly string[]
  /** Listed as running, but counted nowhere: gone, or on a node that nobody asks. */
  readonly uncounted: readonly string[]
}

/** What is remembered of each queue between two collects: its last row, counters and age. One per connected broker. */
export class KnownQueues {
  #known = new Map<string, Known>()
  #live: ReadonlyMap<string, LiveCounts> = new Map()
  /** Prometheus labels to the key of a listed queue; valid for one list. */
  #labels = new Map<string, string>()
  /** Queues that exist, as the list said, though no node counts them. */
  #uncounted: ReadonlySet<string> = new Set()

  get size(): number {
    return this.#known.size
  }

  get rows(): ReadonlyMap<string, QueueRow> {
    return new Map([...this.#known].map(([key, { row }]) => [key, row]))
  }

  /** Replaces the list: what it lacks is gone. */
  takeList(rows: readonly QueueRow[], at: Moment, hasStatistics: boolean): void {
    const before = this.#known
    this.#known = new Map()
    for (const row of rows) {
      const key = keyOf(row.vhost, row.name)
      this.#known.set(key, renewed(before.get(key), row, { at, hasStatistics }))
    }
    this.#labels = new Map()
    this.#uncounted = new Set([...this.#uncounted].filter((key) => this.#known.has(key) && !this.#live.has(key)))
  }

  takeRow(row: QueueRow, at: Moment, hasStatistics: boolean): void {
    const key = keyOf(row.vhost, row.name)
    this.#known.set(key, renewed(this.#known.get(key), row, { at, hasStatistics }))
  }

  /** Takes the counts of a cycle. Call it again after a new list: the same counts then fit better. */
  takeCounts(found: CountsFound): Fit {
    const live = new Map<string, LiveCounts>()
    const unlisted: string[] = []
    if (found.by === 'metrics') {
      for (const [labels, counts] of found.queues) {
        // Deliveries are told for a while after a queue is gone [4.0.5]: only one with a depth exists.
        if (Number.isNaN(counts.ready)) continue
        const key = this.#keyOfLabels(labels)
        if (key === null) unlisted.push(labels)
        else live.set(key, liveOfMetrics(counts, found.tellsDeliveries))
      }
    } else {
      for (const row of found.rows) {
        const key = keyOf(row.vhost, row.name)
        const known = this.#known.get(key)
        if (!known) unlisted.push(key)
        else if (known.row.state !== row.state) known.row = { ...known.row, state: row.state }
        live.set(key, liveOfRow(row))
      }
    }
    this.#live = live
    return { unlisted, uncounted: this.#findUncounted(live) }
  }

  /** Queues that are shown though nobody counts them. */
  get uncounted(): ReadonlySet<string> {
    return this.#uncounted
  }

  /** Keeps on the screen what the list shows though nobody counts it, until a list lacks it or somebody counts it. */
  acceptUncounted(keys: readonly string[]): void {
    this.#uncounted = new Set([...this.#uncounted, ...keys])
  }

  rowAgeMs(key: string, at: Moment): number | null {
    const known = this.#known.get(key)
    return known ? at.monotonicMs - known.rowAtMs : null
  }

  /** Streams that somebody reads, as counted. */
  streamsWithReaders(): readonly QueueName[] {
    return [...this.#known]
      .filter(([key, { row }]) => row.type === 'stream' && (this.#live.get(key)?.consumers ?? row.consumers ?? 0) > 0)
      .map(([, { row }]) => row)
  }

  /** Queues and streams as they are now. `readers`: of streams whose count is known to be wrong, the right one. */
  read(
    { topology, readers }: { topology: Topology | null; readers: ReadonlyMap<string, number> },
    at: Moment,
  ): { queues: Queue[]; topics: Topic[] } {
    const queues: Queue[] = []
    const topics: Topic[] = []
    const isFresh = (known: Known): boolean => at.monotonicMs - known.rowAtMs <= ROW_FRESH_MS
    const depthOfKey = (key: string): number | null => {
      const known = this.#known.get(key)
      return known ? depthOf({ ...known, live: this.#live.get(key) ?? null, isRowFresh: isFresh(known) }) : null
    }
    for (const [key, known] of this.#known) {
      const live = this.#live.get(key) ?? null
      if (!live && !this.#uncounted.has(key)) continue
      const isRowFresh = isFresh(known)
      const counters = reportAt(known.track, at.monotonicMs)
      if (counters) known.track = { ...known.track, reported: counters.counters }
      this.#watchAge(known, depthOf({ live, row: known.row, isRowFresh }), { live, isRowFresh, at })
      const reading = {
        row: known.row,
        isRowFresh,
        live,
        place: topology?.places.get(key),
        counters,
        floorAtMs: known.turnover?.floorAtMs ?? null,
        atMs: at.wallMs,
        depthOf: depthOfKey,
      }
      if (known.row.type === 'stream') topics.push(topicOf(reading, readers.get(key) ?? null))
      else queues.push(queueOf(reading))
    }
    return { queues, topics }
  }

  #watchAge(
    known: Known,
    depth: number | null,
    { live, isRowFresh, at }: { live: LiveCounts | null; isRowFresh: boolean; at: Moment },
  ): void {
    if (depth === null) return
    const counted = known.row.counters
    const ofRow = isRowFresh ? Math.max(0, (counted?.taken ?? 0) - (counted?.redelivered ?? 0)) : null
    const taken = live?.taken ?? ofRow
    known.turnover = watchTurnover(known.turnover, { atMs: at.wallMs, waiting: depth, taken })
  }

  #keyOfLabels(labels: string): string | null {
    const remembered = this.#labels.get(labels)
    if (remembered !== undefined) return remembered
    for (const { vhost, name } of readLabels(labels)) {
      const key = keyOf(vhost, name)
      if (!this.#known.has(key)) continue
      this.#labels.set(labels, key)
      return key
    }
    return null
  }

  #findUncounted(live: ReadonlyMap<string, LiveCounts>): readonly string[] {
    const missing: string[] = []
    for (const key of this.#known.keys()) if (!live.has(key) && !this.#uncounted.has(key)) missing.push(key)
    return missing
  }
}

function renewed(
  before: Known | undefined,
  row: QueueRow,
  { at, hasStatistics }: { at: Moment; hasStatistics: boolean },
): Known {
  const track = addReading(before?.track, at.monotonicMs, countersOf(row, hasStatistics))
  return { row, rowAtMs: at.monotonicMs, track, turnover: before?.turnover }
}
