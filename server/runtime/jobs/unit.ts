import { parseJob } from '../layout/job-text.ts'
import { FRESH_RUN_STATE, parseRunState, type RunState } from '../layout/run-state.ts'
import type { JobContext } from './definition.ts'
import type { InterruptionReason } from './events.ts'

/** A unit of work as this worker holds it, from the claim until it is handed in or lost. */
export class Unit implements JobContext {
  readonly queue: string
  readonly id: string
  readonly fencingToken: number
  readonly job: string
  readonly tags: readonly string[]
  readonly trace: string | null
  readonly version: number
  readonly argsJson: string
  readonly enqueuedAtMs: number
  /** As it was when it was claimed. */
  readonly state: RunState
  /** It has a run, or had trouble: Redis keeps a state that its end must clear. */
  readonly hasState: boolean
  readonly startedMs: number
  /** A throttle concerned it when it was claimed: its items are metered from the first on. */
  readonly isMetered: boolean
  /** The lease ended, or a shutdown gave the unit back: whatever comes of it here is of no account. */
  isLost = false
  /** Why it shall stop between two items; null while it may go on. */
  interruption: InterruptionReason | null = null
  /** An operator gave the run up: it ends between two items. */
  isCancelled = false
  /** When an iteration looks up from its items next, monotonic ms; 0 = after the current one. */
  dueMs = 0
  /** When an iteration last looked up, monotonic ms; null = it does not iterate, or was told to be stuck already. */
  lookedUpMs: number | null = null
  /** What an iteration has finished and not yet handed in. */
  progress: (() => Progress | null) | null = null
  #abort: AbortController | null = null

  /** @param claimed id, epoch, text, state and whether it is metered, as the script gives them @param startedMs monotonic */
  constructor(queue: string, claimed: Claimed, startedMs: number) {
    const [id, epoch, text, state, metered] = claimed
    const job = parseJob(text)
    this.queue = queue
    this.id = id
    this.fencingToken = epoch
    this.job = job?.name ?? ''
    this.tags = job?.tags ?? []
    this.trace = job?.trace ?? null
    this.version = job?.version ?? 0
    this.argsJson = job?.argsJson ?? 'null'
    this.enqueuedAtMs = job?.enqueuedAtMs ?? 0
    this.hasState = state !== ''
    this.state = state === '' ? FRESH_RUN_STATE : parseRunState(state)
    this.startedMs = startedMs
    this.isMetered = metered === 1
  }

  get attempt(): number {
    return this.state.failures + 1
  }

  /** Made when first asked for: most jobs never do, and it is dear. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.isLost) this.#abort.abort()
    return this.#abort.signal
  }

  /** Asks an iteration to stop after the current item. The first reason stays. */
  interrupt(reason: InterruptionReason): void {
    this.interruption ??= reason
    this.dueMs = 0
  }

  /** Lets an iteration look up after the current item: there may be something new to learn. */
  hurry(): void {
    this.dueMs = 0
  }

  lose(): void {
    this.isLost = true
    this.dueMs = 0
    this.#abort?.abort()
  }
}

/** Where an iteration stands; the cursor as JSON, null when it has not moved since it was last saved. */
export interface Progress {
  readonly cursor: string | null
  readonly done: number
  readonly total: number | null
  readonly runningMs: number
}

export type Claimed = readonly [
  id: string,
  epoch: number,
  text: string,
  state: '' | readonly (string | null)[],
  metered: 0 | 1,
]
