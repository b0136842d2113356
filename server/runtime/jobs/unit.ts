import { parseJob } from '../layout/job-text.ts'
import { FRESH_RUN_STATE, parseRunState, type RunState } from '../layout/run-state.ts'
import type { JobContext } from './definition.ts'

/** A unit of work as this worker holds it, from the claim until it is handed in or lost. */
export class Unit implements JobContext {
  readonly queue: string
  readonly id: string
  readonly fencingToken: number
  readonly job: string
  readonly version: number
  readonly argsJson: string
  readonly enqueuedAtMs: number
  /** As it was when it was claimed. */
  readonly state: RunState
  /** It has a run, or had trouble: Redis keeps a state that its end must clear. */
  readonly hasState: boolean
  readonly startedMs: number
  /** The lease ended, or a shutdown gave the unit back: whatever comes of it here is of no account. */
  isLost = false
  #abort: AbortController | null = null

  /** @param claimed id, epoch, text and state, as the script gives them @param startedMs monotonic */
  constructor(queue: string, claimed: Claimed, startedMs: number) {
    const [id, epoch, text, state] = claimed
    const job = parseJob(text)
    this.queue = queue
    this.id = id
    this.fencingToken = epoch
    this.job = job?.name ?? ''
    this.version = job?.version ?? 0
    this.argsJson = job?.argsJson ?? 'null'
    this.enqueuedAtMs = job?.enqueuedAtMs ?? 0
    this.hasState = state !== ''
    this.state = state === '' ? FRESH_RUN_STATE : parseRunState(state)
    this.startedMs = startedMs
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

  lose(): void {
    this.isLost = true
    this.#abort?.abort()
  }
}

export type Claimed = readonly [id: string, epoch: number, text: string, state: '' | readonly (string | null)[]]
