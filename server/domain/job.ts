/**
 * Where a unit of work stands in its queue. `held`: taken out of the line by a control on its job class, tag or run.
 */
export const JOB_STATES = ['pending', 'active', 'delayed', 'retrying', 'dead', 'held'] as const
export type JobState = (typeof JOB_STATES)[number]

/** One unit of work, as a list shows it. Null = not told. */
export interface Job {
  readonly id: string
  readonly job: string
  readonly state: JobState
  readonly tags: readonly string[]
  readonly enqueuedAtMs: number | null
  /** When it is due (delayed, retrying), was started (active) or was given up (dead). */
  readonly atMs: number | null
  /** Attempts begun, this one included; interruptions and crashes are counted apart. */
  readonly attempt: number | null
  readonly interruptions: number | null
  readonly crashes: number | null
  /** The last error, one line; and why it is dead (`retries-exhausted`, `poisoned` …). */
  readonly error: string | null
  readonly deadReason: string | null
  /** The worker that has it. */
  readonly worker: string | null
  /** Arguments as JSON text, cut at `ARGS_SHOWN_MAX` bytes. Never in lists that are followed. */
  readonly args: string | null
  readonly argsBytes: number | null
  /** Of the definition that enqueued it. */
  readonly version: number | null
}

export const ARGS_SHOWN_MAX = 16_384
export const JOB_PAGE_MAX = 100

export interface JobQuery {
  /** Tail of the queue's reference. */
  readonly queue: string
  readonly state: JobState
  /** From the page before; null = from the start. Opaque. */
  readonly cursor: string | null
  /** 1 to `JOB_PAGE_MAX`. */
  readonly limit: number
}

export interface JobPage {
  readonly jobs: readonly Job[]
  /** Units in this state at this moment. */
  readonly total: number
  /** Null = this is the last page. */
  readonly next: string | null
}

/** Failures that look alike: same job class and same error once its numbers, ids and quoted parts are left out. */
export interface ErrorGroup {
  /** Stable for the same (job, pattern). */
  readonly fingerprint: string
  readonly job: string
  /** `timeout after # ms`. */
  readonly pattern: string
  readonly sample: string
  readonly count: number
  readonly retrying: number
  readonly dead: number
  readonly firstAtMs: number | null
  readonly lastAtMs: number | null
  /** Ids in it, at most `ACTION_IDS_MAX`. */
  readonly ids: readonly string[]
}

/**
 * What can be done with units and runs, by id. `cancel` is for runs, and `force-cancel` for those that are cancelling and do
 * not end, because the item in hand does not; the others are for jobs of one queue.
 */
export const ACTS = ['retry', 'discard', 'promote', 'cancel', 'force-cancel'] as const
export type Act = (typeof ACTS)[number]

export function isRunAct(act: Act): boolean {
  return act === 'cancel' || act === 'force-cancel'
}
export const ACTION_IDS_MAX = 1_000

export interface Action {
  readonly act: Act
  /** Tail of the queue's reference. */
  readonly queue: string
  /** At most `ACTION_IDS_MAX`. */
  readonly ids: readonly string[]
  readonly actor: string
  readonly reason: string
}

/**
 * What became of one id. `done`: it was done, or was so already. `gone`: there is no such unit any more. `not-now`: its
 * state does not allow it (`why` says so). `cancelling`: asked for; its worker stops it after the current item.
 */
export interface ActionResult {
  readonly id: string
  readonly result: 'done' | 'gone' | 'not-now' | 'cancelling'
  readonly why: string | null
}
