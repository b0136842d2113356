import { OpsError } from '../../domain/errors.ts'
import { nameFault } from '../layout/keys.ts'
import { DEFAULT_RETRIES, type Retries } from './backoff.ts'
import type { IteratingDefinition } from './iterating.ts'

/** What a unit knows about itself while it runs. */
export interface JobContext {
  /** Also the idempotency key towards other systems: the same in every attempt. */
  readonly id: string
  readonly queue: string
  readonly job: string
  readonly tags: readonly string[]
  /** W3C `traceparent` of who enqueued it; null = none. */
  readonly trace: string | null
  /** Failed attempts so far, plus one. Interruptions and crashes do not count. */
  readonly attempt: number
  /** Grows with every claim in this queue. A system that keeps the highest it saw can turn a zombie away. */
  readonly fencingToken: number
  /** By the clock of Redis, Unix ms. */
  readonly enqueuedAtMs: number
  /** Aborted when the lease is lost, or when the grace of a shutdown has ended. */
  readonly signal: AbortSignal
}

/** What a failed attempt deserves: another try by the retry rules, or to be kept with the dead at once. */
export type FailureVerdict = 'retry' | 'dead'

/** What plain and iterating jobs have in common. */
export interface JobBasics<Args> {
  /** Unique in this program; told to people. No white space or braces. */
  readonly name: string
  /**
   * Version of the arguments, an integer ≥ 1. (Default: 1) Older ones still in the queue come to `args` with their
   * own version; a newer one than this waits, by the retry rules, for a worker that knows it.
   */
  readonly version?: number
  /** The queue that it goes to. (Default: `default`) */
  readonly queue?: string
  /**
   * Checks and shapes arguments, on enqueue and again on every run; throws when they are wrong. What it returns must
   * survive JSON. On a run, wrong arguments are final: the unit is dead as `invalid-args`.
   * @param version the one they were written with
   */
  readonly args: (value: unknown, version: number) => Args
  readonly retries?: Partial<Retries>
  /** Judges an error of an attempt. (Default: always `retry`) */
  readonly classify?: (error: unknown) => FailureVerdict
}

export interface PlainDefinition<Args> extends JobBasics<Args> {
  /** Does the work. It may run more than once for the same unit: at least once, never exactly once. */
  readonly perform: (args: Args, context: JobContext) => Promise<unknown> | unknown
}

/** Either form. `Item` and `Cursor` are known only to the definition itself. */
export type Definition<Args> = PlainDefinition<Args> | IteratingDefinition<Args, unknown, unknown>

/** A definition with its defaults filled in: what `jobs.enqueue` takes. */
export interface Job<Args> {
  readonly name: string
  readonly version: number
  readonly queue: string
  readonly retries: Retries
  readonly definition: Definition<Args>
}

/** Throws OpsError `invalid` when the definition cannot be used. */
export function defineJob<Args>(definition: Definition<Args>): Job<Args> {
  const { name, version = 1, queue = 'default' } = definition
  requireName('job', name)
  requireName('queue', queue)
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new OpsError('invalid', 'define', `job "${name}": version: expected an integer from 1, got ${version}`)
  }
  if ('each' in definition) requireBounds(definition)
  return { name, version, queue, retries: { ...DEFAULT_RETRIES, ...definition.retries }, definition }
}

export function requireName(what: string, name: string): void {
  const fault = nameFault(name)
  if (fault !== null) throw new OpsError('invalid', 'define', `${what} "${name}": the name ${fault}`)
}

function requireBounds<Args>(definition: IteratingDefinition<Args, unknown, unknown>): void {
  const { name, checkpointMs = 0, maxRuntimeMs, throttleOn = [] } = definition
  const bounds: readonly (readonly [what: string, ms: number, least: number])[] = [
    ['checkpointMs', checkpointMs, 0],
    ['maxRuntimeMs', maxRuntimeMs ?? 1, 1],
    ...[throttleOn].flat().map(({ backoffMs }) => ['throttleOn.backoffMs', backoffMs, 1] as const),
  ]
  for (const [what, ms, least] of bounds) {
    if (Number.isSafeInteger(ms) && ms >= least) continue
    throw new OpsError('invalid', 'define', `job "${name}": ${what}: expected whole ms from ${least}, got ${ms}`)
  }
}
