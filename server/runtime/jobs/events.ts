import type { Clock } from '../../domain/clock.ts'
import { messageOf } from '../../domain/errors.ts'

/** What happened to a unit of work. `queue`, `job` (its name) and `id` say which. */
interface Unit {
  readonly queue: string
  readonly job: string
  readonly id: string
}

/** Everything a worker tells: logs, metrics and traces are listeners. */
export interface JobEvents {
  /**
   * A unit starts. `attempt` counts from 1: failures so far, plus one. `waitedMs` since it was enqueued, by this machine's
   * clock, never negative; `trace` is the W3C `traceparent` of who enqueued it, null = none.
   */
  readonly started: Unit & { readonly attempt: number; readonly waitedMs: number; readonly trace: string | null }
  /** A unit ended well; `tookMs` since it started here. */
  readonly succeeded: Unit & { readonly tookMs: number }
  /** An attempt ended in an error and comes again in `delayMs`. */
  readonly failed: Unit & { readonly error: unknown; readonly delayMs: number }
  /** A unit was given up: `retries-exhausted`, `invalid-args`, `refused-by-classifier`. */
  readonly died: Unit & { readonly error: unknown; readonly reason: string }
  /** A unit was stopped on purpose and comes back; no attempt is used up. */
  readonly interrupted: Unit & { readonly reason: InterruptionReason }
  /** A run was given up by an operator and has ended. */
  readonly cancelled: Unit
  /** This worker holds the unit no more: its lease ended. Whatever it still does for it is refused. */
  readonly lost: Unit & { readonly lateMs: number }
  /** A checkpoint was written: the cursor as JSON and the items done so far. */
  readonly checkpointed: Unit & { readonly cursor: string | null; readonly done: number }
  /** Units of vanished workers were taken back. */
  readonly recovered: { readonly queue: string; readonly units: number }
  /** One item of an iterating run takes long: `sinceMs` the run looked up last, once in each execution. */
  readonly stuck: Unit & { readonly sinceMs: number }
  /** The event loop stood still for `lateMs` more than a beat may be late; leases may have ended meanwhile. */
  readonly stalled: { readonly lateMs: number }
  /** Redis did not do what was asked; the worker tries again by itself. With no listener it becomes a process warning. */
  readonly fault: { readonly op: string; readonly error: unknown }
}

/** Why a unit was stopped without having failed. */
export type InterruptionReason = 'shutdown' | 'max-runtime' | 'paused' | 'throttled'

type Listener<Name extends keyof JobEvents> = (event: JobEvents[Name]) => void

/** A fault nobody listens to is said again at most this often. */
const WARN_EVERY_MS = 60_000

/** Listeners by event. One that throws is a programmer's error and is not caught. */
export class EventMap {
  readonly #listeners = new Map<keyof JobEvents, Set<(event: never) => void>>()
  readonly #clock: Clock
  readonly #warnedMs = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @returns how to stop listening */
  on<Name extends keyof JobEvents>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Worth building the event? No-op jobs at full speed should not pay for what nobody reads. */
  has(name: keyof JobEvents): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }

  emit<Name extends keyof JobEvents>(name: Name, event: JobEvents[Name]): void {
    if (name === 'fault' && !this.has('fault')) this.#warn(event as JobEvents['fault'])
    for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Name>)(event)
  }

  /** A worker that cannot work must not be silent: whoever runs it reads its standard error. */
  #warn({ op, error }: JobEvents['fault']): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - (this.#warnedMs.get(op) ?? Number.NEGATIVE_INFINITY) < WARN_EVERY_MS) return
    this.#warnedMs.set(op, nowMs)
    process.emitWarning(`${op}: ${messageOf(error)}`, {
      type: 'SluiceWarning',
      detail: 'listen to `fault` to handle it',
    })
  }
}
