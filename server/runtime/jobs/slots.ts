/**
 * The units that one worker may hold at once, shared by its queues in turn: a queue that always has work cannot keep
 * the others from taking theirs.
 */
export class Slots {
  readonly capacity: number
  #free: number
  /** Queues that wanted a slot and had to wait, in their order. */
  readonly #hungry: string[] = []
  readonly #wake: (queue: string) => void

  /** @param wake told which queue may ask again */
  constructor(capacity: number, wake: (queue: string) => void) {
    this.capacity = capacity
    this.#free = capacity
    this.#wake = wake
  }

  get busy(): number {
    return this.capacity - this.#free
  }

  /** Reserves up to `most` slots; 0 when none is free or another queue's turn has come. */
  reserve(queue: string, most: number): number {
    const isItsTurn = this.#hungry.length === 0 || this.#hungry[0] === queue
    if (!isItsTurn || this.#free === 0) {
      if (!this.#hungry.includes(queue)) this.#hungry.push(queue)
      return 0
    }
    if (this.#hungry[0] === queue) this.#hungry.shift()
    const reserved = Math.min(this.#free, most)
    this.#free -= reserved
    return reserved
  }

  release(count: number): void {
    this.#free += count
    const first = this.#hungry[0]
    if (count > 0 && first !== undefined) this.#wake(first)
  }
}
