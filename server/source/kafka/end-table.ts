import { TABLE_POINTS, TABLE_POINTS_FINE, TABLE_STEP_MS } from './limits.ts'

/** Where in time an offset lies, as far as watching the end of its partition tells. */
export type WhenWritten =
  | { readonly known: true; readonly atMs: number }
  | { readonly known: false; readonly why: 'older' | 'newer' }

/**
 * The end of one partition over the last half hour: (offset, time) pairs in order. From it follows when a record was
 * written, by interpolation only: before the first pair and after the last we do not know.
 */
export class EndTable {
  readonly #offsets: number[] = []
  readonly #timesMs: number[] = []

  /** Notes that the partition ended at `end` then. An end that went backwards is another topic of the same name: all is forgotten. */
  note(end: number, atMs: number): void {
    const last = this.#offsets.length - 1
    const lastEnd = this.#offsets[last]
    if (lastEnd === undefined) {
      this.#append(end, atMs)
      return
    }
    if (end < lastEnd) {
      this.clear()
      this.#append(end, atMs)
      return
    }
    // A wall clock that was set back: nothing can be said about the order, so begin anew.
    if (atMs < (this.#timesMs[last] ?? atMs)) this.clear()
    // A flat run is kept as two pairs, its first and its last: writing began after the last.
    if (end === lastEnd && this.#offsets[last - 1] === end) this.#remove(last)
    this.#append(end, atMs)
  }

  clear(): void {
    this.#offsets.length = 0
    this.#timesMs.length = 0
  }

  /** When the record at `offset` was written. The record at an end was written after that end was seen. */
  whenWritten(offset: number): WhenWritten {
    const offsets = this.#offsets
    const first = offsets[0]
    if (first === undefined || offset < first) return { known: false, why: 'older' }
    // The last pair at or before the offset: a flat run ends there.
    let low = 0
    let high = offsets.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((offsets[middle] as number) <= offset) low = middle + 1
      else high = middle
    }
    const rightOffset = offsets[low]
    if (rightOffset === undefined) return { known: false, why: 'newer' }
    const leftOffset = offsets[low - 1] as number
    const leftMs = this.#timesMs[low - 1] as number
    const rightMs = this.#timesMs[low] as number
    const share = (rightOffset - offset) / (rightOffset - leftOffset)
    return { known: true, atMs: rightMs - share * (rightMs - leftMs) }
  }

  /** The newest pairs are all kept; older ones only so far apart. */
  #append(end: number, atMs: number): void {
    this.#offsets.push(end)
    this.#timesMs.push(atMs)
    const leaving = this.#offsets.length - 1 - TABLE_POINTS_FINE
    const [before, at] = [this.#timesMs[leaving - 1], this.#timesMs[leaving]]
    if (before !== undefined && at !== undefined && at - before < TABLE_STEP_MS) this.#remove(leaving)
    if (this.#offsets.length > TABLE_POINTS) this.#remove(0)
  }

  #remove(index: number): void {
    this.#offsets.splice(index, 1)
    this.#timesMs.splice(index, 1)
  }
}
