import type { Clock } from '../../domain/clock.ts'
import type { Timers } from '../system-clock.ts'
import type { Client } from './client.ts'
import type { Registry } from './registry.ts'

/** CLIENT PAUSE: requests wait until it is over, all of them or only those that may write. */
export class Pause {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #registry: Registry
  /** Unix ms; 0: no pause. */
  #untilMs = 0
  #onlyWrites = false
  /** What is to go on, and how its timer is called off. */
  readonly #waiting = new Map<() => void, () => void>()

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }, registry: Registry) {
    this.#clock = clock
    this.#timers = timers
    this.#registry = registry
  }

  get isOn(): boolean {
    return this.#untilMs > 0
  }

  /** A pause under way becomes no shorter and no weaker. */
  begin(untilMs: number, onlyWrites: boolean): void {
    this.#onlyWrites = onlyWrites && (!this.isOn || this.#onlyWrites)
    this.#untilMs = Math.max(untilMs, this.#untilMs)
  }

  /** Those who were held go on at once. */
  end(): void {
    this.#untilMs = 0
    for (const [run, cancel] of [...this.#waiting]) {
      cancel()
      this.#waiting.delete(run)
      run()
    }
  }

  holds(client: Client, args: readonly string[]): boolean {
    if (this.#untilMs <= this.#clock.nowMs()) {
      this.#untilMs = 0
      return false
    }
    const entry = this.#registry.named(args[0] ?? '')
    if (entry === undefined || client.user === null) return false
    // Whoever paused must be able to end it.
    if (!this.#onlyWrites) return entry.name !== 'client'
    if (client.queue !== null) return entry.name === 'exec' && client.queue.some((one) => one.entry.mayWrite)
    return entry.mayWrite
  }

  /** Calls back once the pause is over; the result calls that off. */
  whenOver(run: () => void): () => void {
    const cancel = this.#timers.after(Math.max(0, this.#untilMs - this.#clock.nowMs()), () => {
      this.#waiting.delete(run)
      run()
    })
    this.#waiting.set(run, cancel)
    return () => {
      this.#waiting.delete(run)
      cancel()
    }
  }
}
