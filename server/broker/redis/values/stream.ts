import { placeOf } from './id-map.ts'
import type { StreamGroup } from './stream-group.ts'
import { compareIds, MIN_ID, type StreamId } from './stream-id.ts'
import { radixNodes, StreamEntry, StreamNode } from './stream-node.ts'

/** In the place of a node that was cut off the front. */
const GONE = new StreamNode([])

export interface Trim {
  /** Only whole nodes go. */
  readonly isApproximate: boolean
  /** At most so many entries go; 0: no limit. */
  readonly limit: number
}

/**
 * A stream: entries in order of their ids, in nodes as Redis makes them. Finding an id costs O(log n), trimming the front costs what is
 * trimmed. Nothing here knows commands.
 */
export class StreamValue {
  /** The highest id that was ever added, or set by XSETID. */
  lastId: StreamId = MIN_ID
  /** The highest id that XDEL removed. */
  maxDeletedId: StreamId = MIN_ID
  /** How many entries were ever added. Exact up to 2^53. */
  entriesAdded = 0
  readonly groups = new Map<string, StreamGroup>()
  /** Nodes before `#head` are gone; they are dropped from the array when they are the greater part of it. */
  readonly #nodes: StreamNode[] = []
  #head = 0
  #length = 0

  /** Entries that are there. */
  get length(): number {
    return this.#length
  }
  get nodeCount(): number {
    return this.#nodes.length - this.#head
  }
  /** What Redis' radix tree would count over these nodes. */
  get treeNodeCount(): number {
    return radixNodes(this.#nodes.slice(this.#head).map((node) => node.entries[0] as StreamEntry))
  }
  get first(): StreamEntry | undefined {
    return this.#length === 0 ? undefined : this.range(MIN_ID, this.lastId, 1)[0]
  }
  get last(): StreamEntry | undefined {
    return this.#length === 0 ? undefined : this.rangeBack(MIN_ID, this.lastId, 1)[0]
  }
  /** 0-0 when empty. */
  get firstId(): StreamId {
    return this.first ?? MIN_ID
  }

  /** @param id above `lastId` @param pairs field, value, field, value …; kept, not copied */
  append(id: StreamId, pairs: readonly string[]): void {
    let node = this.#nodes.at(-1)
    if (node === undefined || this.nodeCount === 0 || !node.canTake(pairs)) {
      node = new StreamNode(pairs)
      this.#nodes.push(node)
    }
    node.push(new StreamEntry(id, pairs), pairs)
    this.#length++
    this.entriesAdded++
    this.lastId = id
  }

  get(id: StreamId): StreamEntry | undefined {
    const node = this.#nodes[this.#nodeOf(id)]
    const entry = node?.entries[placeOf(node.entries, id)]
    return entry !== undefined && entry.pairs !== null && compareIds(entry, id) === 0 ? entry : undefined
  }

  /** Whether it was there. */
  delete(id: StreamId): boolean {
    const at = this.#nodeOf(id)
    const node = this.#nodes[at]
    const entry = node?.entries[placeOf(node.entries, id)]
    if (node === undefined || entry === undefined || entry.pairs === null || compareIds(entry, id) !== 0) return false
    entry.pairs = null
    node.live--
    this.#length--
    if (node.live === 0) this.#nodes.splice(at, 1)
    return true
  }

  /** Entries from `start` to `end`, both included, ascending. @param count at most so many; 0: all */
  range(start: StreamId, end: StreamId, count: number): StreamEntry[] {
    const found: StreamEntry[] = []
    if (compareIds(start, end) > 0) return found
    for (let at = this.#nodeOf(start); at < this.#nodes.length; at++) {
      const entries = (this.#nodes[at] as StreamNode).entries
      for (let place = placeOf(entries, start); place < entries.length; place++) {
        const entry = entries[place] as StreamEntry
        if (compareIds(entry, end) > 0) return found
        if (entry.pairs === null) continue
        found.push(entry)
        if (found.length === count) return found
      }
    }
    return found
  }

  /** The same, descending from `end`. */
  rangeBack(start: StreamId, end: StreamId, count: number): StreamEntry[] {
    const found: StreamEntry[] = []
    if (compareIds(start, end) > 0) return found
    for (let at = this.#nodeOf(end); at >= this.#head; at--) {
      const entries = this.#nodes[at]?.entries ?? []
      for (let place = entries.length - 1; place >= 0; place--) {
        const entry = entries[place] as StreamEntry
        if (entry.pairs === null || compareIds(entry, end) > 0) continue
        if (compareIds(entry, start) < 0) return found
        found.push(entry)
        if (found.length === count) return found
      }
    }
    return found
  }

  /** Removes the oldest until `length` are left; answers how many went. */
  trimToLength(length: number, how: Trim): number {
    let removed = 0
    while (this.#length > length) {
      const node = this.#nodes[this.#head]
      if (node === undefined || (how.limit > 0 && removed + node.live > how.limit)) break
      if (this.#length - node.live >= length) {
        removed += this.#dropFirst(node)
        continue
      }
      if (how.isApproximate) break
      for (let place = 0; this.#length > length; place++)
        removed += this.#bury(node, node.entries[place] as StreamEntry)
    }
    return removed
  }

  /** Removes those below `id`; answers how many went. */
  trimBelow(id: StreamId, how: Trim): number {
    let removed = 0
    for (let node = this.#nodes[this.#head]; node !== undefined; node = this.#nodes[this.#head]) {
      if (how.limit > 0 && removed + node.live > how.limit) break
      if (compareIds(node.entries.at(-1) as StreamEntry, id) < 0) {
        removed += this.#dropFirst(node)
        continue
      }
      if (how.isApproximate) break
      for (const entry of node.entries) {
        if (compareIds(entry, id) >= 0) break
        removed += this.#bury(node, entry)
      }
      break
    }
    return removed
  }

  encoding(): 'stream' {
    return 'stream'
  }

  /** About how many bytes it takes, from its first entries. */
  estimateBytes(): number {
    const seen = this.range(MIN_ID, this.lastId, 16)
    let bytes = 0
    for (const entry of seen) for (const text of entry.pairs ?? []) bytes += text.length + 2
    let pending = 0
    for (const group of this.groups.values()) pending += group.pending.size + group.consumers.size
    return 256 + Math.round((bytes / Math.max(seen.length, 1) + 8) * this.#length) + pending * 80
  }

  copy(): StreamValue {
    const copy = new StreamValue()
    for (const entry of this.range(MIN_ID, this.lastId, 0)) copy.append(entry, entry.pairs ?? [])
    copy.lastId = this.lastId
    copy.maxDeletedId = this.maxDeletedId
    copy.entriesAdded = this.entriesAdded
    for (const group of this.groups.values()) copy.groups.set(group.name, group.copy())
    return copy
  }

  #bury(node: StreamNode, entry: StreamEntry): number {
    if (entry.pairs === null) return 0
    entry.pairs = null
    node.live--
    this.#length--
    return 1
  }

  #dropFirst(node: StreamNode): number {
    this.#length -= node.live
    this.#nodes[this.#head++] = GONE
    if (this.#head > 64 && this.#head * 2 > this.#nodes.length) {
      this.#nodes.splice(0, this.#head)
      this.#head = 0
    }
    return node.live
  }

  /** The last node that begins at or below the id; the first one when none does. */
  #nodeOf(id: StreamId): number {
    let low = this.#head
    let high = this.#nodes.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (compareIds((this.#nodes[middle] as StreamNode).entries[0] as StreamEntry, id) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }
}
