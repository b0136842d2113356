import { compareIds, type StreamId } from './stream-id.ts'

/** So many in one chunk; a full chunk is cut in halves. */
const CHUNK_MAX = 256

/** Things that carry an id, in order of id: found in O(log n), put in and taken out at the cost of one chunk, cheapest at the end. */
export class IdMap<T extends StreamId> {
  readonly #chunks: T[][] = []
  #size = 0

  get size(): number {
    return this.#size
  }
  get first(): T | undefined {
    return this.#chunks[0]?.[0]
  }
  get last(): T | undefined {
    return this.#chunks.at(-1)?.at(-1)
  }

  get(id: StreamId): T | undefined {
    const chunk = this.#chunks[this.#chunkOf(id)]
    if (chunk === undefined) return undefined
    const found = chunk[placeOf(chunk, id)]
    return found !== undefined && compareIds(found, id) === 0 ? found : undefined
  }

  /** Puts it in; one with the same id is replaced. */
  set(item: T): void {
    const at = this.#chunkOf(item)
    const chunk = this.#chunks[at]
    if (chunk === undefined) {
      this.#chunks.push([item])
      this.#size++
      return
    }
    const place = placeOf(chunk, item)
    const there = chunk[place]
    if (there !== undefined && compareIds(there, item) === 0) {
      chunk[place] = item
      return
    }
    this.#size++
    if (place === chunk.length && chunk.length >= CHUNK_MAX) {
      this.#chunks.splice(at + 1, 0, [item])
      return
    }
    if (place === chunk.length) chunk.push(item)
    else chunk.splice(place, 0, item)
    if (chunk.length > CHUNK_MAX) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_MAX / 2))
  }

  /** Whether it was there. */
  delete(id: StreamId): boolean {
    const at = this.#chunkOf(id)
    const chunk = this.#chunks[at]
    if (chunk === undefined) return false
    const place = placeOf(chunk, id)
    const found = chunk[place]
    if (found === undefined || compareIds(found, id) !== 0) return false
    chunk.splice(place, 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
    this.#size--
    return true
  }

  /** In order, from the first whose id is not below `start`. Nothing may be put in or taken out meanwhile. */
  *from(start: StreamId): IterableIterator<T> {
    for (let at = this.#chunkOf(start); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] ?? []
      for (let place = placeOf(chunk, start); place < chunk.length; place++) yield chunk[place] as T
    }
  }

  /** The last chunk that begins at or below the id; the first one when none does. */
  #chunkOf(id: StreamId): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      const first = this.#chunks[middle]?.[0]
      if (first !== undefined && compareIds(first, id) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** Where the first item stands whose id is not below `id`. */
export function placeOf(items: readonly StreamId[], id: StreamId): number {
  const last = items.at(-1)
  if (last === undefined || compareIds(last, id) < 0) return items.length
  let low = 0
  let high = items.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareIds(items[middle] as StreamId, id) < 0) low = middle + 1
    else high = middle
  }
  return low
}
