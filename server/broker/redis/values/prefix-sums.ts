/** A row of small counts: the sum of the first n, and where a sum is reached, in O(log) (a Fenwick tree). */
export class PrefixSums {
  readonly #tree: Int32Array
  readonly #length: number
  readonly #topStep: number

  constructor(counts: readonly number[]) {
    this.#length = counts.length
    this.#tree = new Int32Array(counts.length + 1)
    this.#topStep = 1 << (31 - Math.clz32(Math.max(counts.length, 1)))
    for (let i = 1; i <= counts.length; i++) {
      this.#tree[i] = (this.#tree[i] as number) + (counts[i - 1] as number)
      const parent = i + (i & -i)
      if (parent <= counts.length) this.#tree[parent] = (this.#tree[parent] as number) + (this.#tree[i] as number)
    }
  }

  add(place: number, change: number): void {
    for (let i = place + 1; i <= this.#length; i += i & -i) this.#tree[i] = (this.#tree[i] as number) + change
  }

  /** The sum of the first `count` ones. */
  sumOf(count: number): number {
    let sum = 0
    for (let i = count; i > 0; i -= i & -i) sum += this.#tree[i] as number
    return sum
  }

  /** The first place up to which, itself included, the sum is more than `sum`; the number of counts when there is none. */
  placeOf(sum: number): number {
    let place = 0
    let left = sum
    for (let step = this.#topStep; step > 0; step >>= 1) {
      const next = place + step
      if (next <= this.#length && (this.#tree[next] as number) <= left) {
        place = next
        left -= this.#tree[next] as number
      }
    }
    return place
  }
}
