/** Statuses of one execution of an iterating job. */
export type RunStatus =
  | 'queued'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'throttled'
  | 'cancelling'
  | 'cancelled'
  | 'interrupted'
  | 'succeeded'
  | 'failed'

/** One execution of an iterating job. */
export interface Run {
  readonly id: string
  readonly job: string
  readonly queue: string
  readonly system: string
  readonly status: RunStatus
  readonly attempt: number
  readonly interruptions: number
  /** Iterations done and expected; null when the system does not tell. */
  readonly tickCount: number | null
  readonly tickTotal: number | null
  readonly cursor: string | null
  readonly startedAtMs: number | null
  readonly tickedAtMs: number | null
  /** Time spent running, pauses left out: the base of any estimate. Null when it cannot be told. */
  readonly runningMs: number | null
  readonly error: string | null
  /** Times its worker vanished; null = not told. */
  readonly crashes?: number | null
  /** Iterations per second while it ran, over the last seconds; null until it can be told. */
  readonly perSecond?: number | null
  /** The worker that has it now; null = none. */
  readonly worker?: string | null
  /** Id of the saga that it goes on with; null = none. */
  readonly saga?: string | null
}

/**
 * What may follow what. A move that is not here is not made.
 * `pausing` and `cancelling` are asked for and not yet true; `paused` and `cancelled` are.
 */
export const RUN_MOVES: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  queued: [
    'running', // a worker claims it
    'paused', // its turn comes while a control holds it back
    'throttled', // its turn comes while a meter is empty
    'cancelled', // somebody gives it up before it starts
    'failed', // its worker vanished before the first item, too often
  ],
  running: [
    'succeeded', // no items are left
    'queued', // an item failed: it waits for its back-off
    'failed', // an item failed and no retries are left, or its workers vanish at this cursor
    'interrupted', // its worker stops or vanished, or it ran as long as it may
    'paused', // a control closed: it stopped between two items
    'throttled', // its own condition told it to wait
    'pausing', // a pause is asked for, the current item still runs
    'cancelling', // somebody gives it up, the current item still runs
  ],
  pausing: [
    'paused', // the item ended
    'running', // the pause was lifted before the item ended
    'succeeded', // it was the last item
    'queued', // the item failed and is tried again
    'failed', // the item failed for good
    'interrupted', // its worker stopped or vanished first
    'cancelling', // given up meanwhile
  ],
  paused: [
    'running', // the control ended or was lifted, and a worker claims it
    'throttled', // the pause ended, a meter holds it now
    'cancelled', // given up while nothing ran
  ],
  throttled: [
    'running', // the meter gave a token, and a worker claims it
    'paused', // a pause came on top
    'cancelled', // given up while nothing ran
  ],
  cancelling: [
    'cancelled', // the item ended
    'succeeded', // it was the last item
    'failed', // the item failed: what was given up is not tried again
  ],
  cancelled: [],
  interrupted: [
    'running', // a worker claims it and goes on after the cursor
    'paused', // its turn comes while a control holds it back
    'throttled', // its turn comes while a meter is empty
    'cancelled', // given up before anybody went on
  ],
  succeeded: [],
  failed: [
    'queued', // an operator tries it again, from the cursor
  ],
}

const ENDED: readonly string[] = ['succeeded', 'failed', 'cancelled'] satisfies RunStatus[]

/** Whether a run is over; one that failed may be tried again by a person. */
export function hasEnded({ status }: { readonly status: string }): boolean {
  return ENDED.includes(status)
}
