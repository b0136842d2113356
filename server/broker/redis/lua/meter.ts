import { cut } from '../cut.ts'
import { collectGarbage, usedBytes } from '../garbage.ts'
import type { ScriptHost, ScriptLimits } from './script-host.ts'

type Clock = Pick<ScriptHost, 'elapsedMs'>

/** Ends a script for good: it passes every pcall. */
export class ScriptStop extends Error {}

/** Steps between two looks at the clock and the heap: about 0.1 ms of a script. */
const STEPS_PER_LOOK = 10_000
const STEPS_PER_MS = 100_000
/** A string above this is copied together at once, so that what it costs is seen. */
const FLAT_BYTES = 8_192

/**
 * What the running script has used. One script runs at a time in a thread, so there is one meter. The generated code counts loop edges and
 * calls in `steps`, and in `depth` an estimate of the bytes of stack its calls hold, so that a script never meets the end of the real
 * stack, least of all inside a command.
 */
class Meter {
  steps = 0
  depth = 0
  depthMax = 0
  #bytes = Infinity
  #bytesMax = Infinity
  #heapAtStart = 0
  #endsAtMs = 0
  #timeLimitMs = 0
  #clock: Clock | null = null

  start(limits: ScriptLimits, stackBytes: number, clock: Clock): void {
    this.steps = STEPS_PER_LOOK
    this.depth = 0
    this.depthMax = stackBytes
    this.#bytes = limits.memoryLimitBytes
    this.#bytesMax = limits.memoryLimitBytes
    this.#heapAtStart = -1
    this.#timeLimitMs = limits.timeLimitMs
    this.#clock = clock
    this.#endsAtMs = clock.elapsedMs() + limits.timeLimitMs
  }

  /** No script runs. */
  stop(): void {
    this.#bytes = Infinity
    this.#clock = null
  }

  /** Looks at the clock and the heap. A short script ends before its first look. */
  look(): void {
    this.steps = STEPS_PER_LOOK
    if (this.#clock !== null && this.#clock.elapsedMs() > this.#endsAtMs) {
      throw new ScriptStop(`Script killed: it ran longer than ${this.#timeLimitMs} ms`)
    }
    this.#weigh()
  }

  /** Many steps at once: what a library function does on its own. */
  spend(steps: number): void {
    this.steps -= steps
    if (this.steps < 0) this.look()
  }

  /** What a command took, as the steps a script would have done meanwhile. */
  spendMs(ms: number): void {
    if (ms > 0) this.spend(Math.min(ms * STEPS_PER_MS, STEPS_PER_LOOK + 1) | 0)
  }

  /** Before so many bytes are allocated. What was collected since is given back when the budget is used up. */
  charge(bytes: number): void {
    this.#bytes -= bytes
    if (this.#bytes >= 0) return
    if (bytes > this.#bytesMax) throw this.#full()
    this.#bytes = this.#bytesMax - bytes
    this.#weigh()
  }

  /** A part of a text, charged as Lua would: it may be kept. */
  cut(text: string, start: number, end: number): string {
    this.charge(end - start)
    return cut(text, start, end)
  }

  /** A string just put together, of one piece when it is long. Whoever made it has charged for it. */
  joined(text: string): string {
    if (text.length > FLAT_BYTES) text.charCodeAt(0)
    return text
  }

  #weigh(): void {
    const used = usedBytes()
    if (this.#heapAtStart < 0) this.#heapAtStart = used
    else if (used - this.#heapAtStart > this.#bytesMax) {
      // Garbage does not count.
      collectGarbage()
      if (usedBytes() - this.#heapAtStart > this.#bytesMax) throw this.#full()
    }
  }

  #full(): ScriptStop {
    return new ScriptStop(`Script killed: it used more than ${this.#bytesMax} bytes of memory`)
  }
}

export const meter = new Meter()
