import type { RunStatus } from '../../domain/run.ts'

/** What is kept of a job that iterates, or that failed, crashed or was interrupted: the hash `run:<id>`. */
export interface RunState {
  /** Null for a plain job in trouble. */
  readonly status: RunStatus | null
  /** Attempts that ended in an error; times it was stopped on purpose; times its worker vanished. Counted apart. */
  readonly failures: number
  readonly interruptions: number
  readonly crashes: number
  /** Crashes since the cursor last moved. */
  readonly crashesHere: number
  /** The last finished item's, as JSON; null before the first. */
  readonly cursor: string | null
  /** Items done and expected; null total = not told. */
  readonly done: number
  readonly total: number | null
  /** Items per second, moving; null until it can be told. */
  readonly perSecond: number | null
  /** Time spent running, pauses left out. */
  readonly runningMs: number
  readonly startedAtMs: number | null
  readonly tickedAtMs: number | null
  readonly endedAtMs: number | null
  /** Of the last failure, one line; and why it is dead: `retries-exhausted`, `poisoned` … */
  readonly error: string | null
  readonly deadReason: string | null
  /** Its job's name, kept when its text is gone; null for a plain job in trouble. */
  readonly job: string | null
  /** Id of the saga that it works on; null = none that has begun. */
  readonly saga: string | null
}

/** The order in which scripts give the fields. */
export const RUN_FIELDS = [
  'status',
  'failures',
  'interruptions',
  'crashes',
  'crashesHere',
  'cursor',
  'done',
  'total',
  'perSecond',
  'runningMs',
  'startedAtMs',
  'tickedAtMs',
  'endedAtMs',
  'error',
  'deadReason',
  'job',
  'saga',
] as const satisfies readonly (keyof RunState)[]

/** @param values in the order of `RUN_FIELDS`; what is missing is null */
export function parseRunState(values: readonly (string | null)[]): RunState {
  const text = (name: keyof RunState) => values[RUN_FIELDS.indexOf(name)] ?? null
  const number = (name: keyof RunState) => (text(name) === null ? null : Number(text(name)))
  return {
    status: text('status') as RunStatus | null,
    failures: number('failures') ?? 0,
    interruptions: number('interruptions') ?? 0,
    crashes: number('crashes') ?? 0,
    crashesHere: number('crashesHere') ?? 0,
    cursor: text('cursor'),
    done: number('done') ?? 0,
    total: number('total'),
    perSecond: number('perSecond'),
    runningMs: number('runningMs') ?? 0,
    startedAtMs: number('startedAtMs'),
    tickedAtMs: number('tickedAtMs'),
    endedAtMs: number('endedAtMs'),
    error: text('error'),
    deadReason: text('deadReason'),
    job: text('job'),
    saga: text('saga'),
  }
}

export const FRESH_RUN_STATE: RunState = parseRunState([])
