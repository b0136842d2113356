const SMALLEST = 8

/** Items in a ring: both ends and any index in O(1), what is in the middle in O(n). */
export class ListValue {
  /** A power of two long; the first item is at `#head`. */
  #ring: string[]
  #head = 0
  #size = 0

  /** @param items for loading. */
  constructor(items: readonly string[] = []) {
    let capacity = SMALLEST
    while (capacity < items.length) capacity *= 2
    this.#ring = items.slice()
    while (this.#ring.length < capacity) this.#ring.push('')
    this.#size = items.length
  }

  get size(): number {
    return this.#size
  }

  /** @param index from 0 to size − 1 */
  at(index: number): string {
    return this.#ring[(this.#head + index) & (this.#ring.length - 1)] as string
  }

  set(index: number, item: string): void {
    this.#ring[(this.#head + index) & (this.#ring.length - 1)] = item
  }

  pushRight(item: string): void {
    if (this.#size === this.#ring.length) this.#resize(this.#size * 2)
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = item
    this.#size++
  }

  pushLeft(item: string): void {
    if (this.#size === this.#ring.length) this.#resize(this.#size * 2)
    this.#head = (this.#head - 1) & (this.#ring.length - 1)
    this.#ring[this.#head] = item
    this.#size++
  }

  /** The list is not empty. */
  popLeft(): string {
    const item = this.#ring[this.#head] as string
    this.#ring[this.#head] = ''
    this.#head = (this.#head + 1) & (this.#ring.length - 1)
    this.#size--
    this.#shrink()
    return item
  }

  /** The list is not empty. */
  popRight(): string {
    this.#size--
    const place = (this.#head + this.#size) & (this.#ring.length - 1)
    const item = this.#ring[place] as string
    this.#ring[place] = ''
    this.#shrink()
    return item
  }

  /** @param index the new item's, from 0 to size */
  insert(index: number, item: string): void {
    if (index * 2 < this.#size) {
      this.pushLeft(item)
      for (let i = 0; i < index; i++) this.set(i, this.at(i + 1))
    } else {
      this.pushRight(item)
      for (let i = this.#size - 1; i > index; i--) this.set(i, this.at(i - 1))
    }
    this.set(index, item)
  }

  /** Keeps `count` items from `start` on, both within the list. */
  keep(start: number, count: number): void {
    const drop = this.#size - start - count
    if (start + drop > count) {
      this.#replace(this.slice(start, count))
      return
    }
    for (let i = 0; i < start; i++) this.popLeft()
    for (let i = 0; i < drop; i++) this.popRight()
  }

  /** Removes items equal to `item`. @param limit > 0 from the left, < 0 from the right, 0 all. @returns how many */
  remove(item: string, limit: number): number {
    const max = limit === 0 ? this.#size : Math.abs(limit)
    const kept: string[] = []
    let removed = 0
    const isBackward = limit < 0
    for (let i = 0; i < this.#size; i++) {
      const here = this.at(isBackward ? this.#size - 1 - i : i)
      if (removed < max && here === item) removed++
      else kept.push(here)
    }
    if (removed > 0) this.#replace(isBackward ? kept.reverse() : kept)
    return removed
  }

  slice(start: number, count: number): string[] {
    const items: string[] = []
    const mask = this.#ring.length - 1
    for (let i = start; i < start + count; i++) items.push(this.#ring[(this.#head + i) & mask] as string)
    return items
  }

  *values(): IterableIterator<string> {
    for (let i = 0; i < this.#size; i++) yield this.at(i)
  }

  encoding(): 'quicklist' {
    return 'quicklist'
  }

  /** About how many bytes it takes, from its first items. */
  estimateBytes(): number {
    const seen = Math.min(this.#size, 16)
    let bytes = 0
    for (let i = 0; i < seen; i++) bytes += this.at(i).length
    return 128 + Math.round((bytes / Math.max(seen, 1) + 3) * this.#size)
  }

  copy(): ListValue {
    return new ListValue(this.slice(0, this.#size))
  }

  #replace(items: readonly string[]): void {
    const fresh = new ListValue(items)
    this.#ring = fresh.#ring
    this.#head = 0
    this.#size = fresh.#size
  }

  #shrink(): void {
    const capacity = this.#ring.length
    if (capacity > 64 && this.#size * 4 < capacity) this.#resize(capacity / 2)
  }

  #resize(capacity: number): void {
    const ring = this.slice(0, this.#size)
    while (ring.length < capacity) ring.push('')
    this.#ring = ring
    this.#head = 0
  }
}
