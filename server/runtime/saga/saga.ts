import type { Clock } from '../../domain/clock.ts'
import { OpsError } from '../../domain/errors.ts'
import type { Jobs } from '../jobs/create-jobs.ts'
import type { Json } from '../jobs/cursor.ts'
import { type Job, type JobContext, requireName } from '../jobs/definition.ts'
import type { Enqueued, EnqueueOptions } from '../jobs/producer.ts'
import { type Chance, systemChance, systemClock } from '../system-clock.ts'
import { ENDED_CAP, planOf, requireSteps, type SagaDefinition } from './definition.ts'
import { Execution, type Task } from './execution.ts'
import {
  advance,
  commandOf,
  newSaga,
  type Plan,
  type SagaEvent,
  type SagaState,
  type SagaStatus,
  type StepState,
  standsAt,
} from './saga-state.ts'
import { SagaStore } from './saga-store.ts'

/** One saga in a list. */
export interface SagaSummary {
  readonly id: string
  readonly status: SagaStatus
  /** The step that comes next, or at which a stuck saga waits for a person; null when it is over. */
  readonly step: string | null
  /** Something is to be done and no job is there to do it: it died, or was discarded or cancelled. `retry` mends it. */
  readonly isStalled: boolean
  /** By the clock of Redis, Unix ms. */
  readonly startedAtMs: number
  readonly changedAtMs: number
}

export interface SagaDetails extends SagaSummary {
  /** Why it was turned back or abandoned. */
  readonly reason: string | null
  readonly args: Json
  /** With the results of those that succeeded. */
  readonly steps: readonly (StepState & { readonly result: Json })[]
  readonly endedAtMs: number | null
}

/** The longest first: a saga that waits looks up at the end of each, so it comes at most the last of them too late. */
const WAITS_MS = [60_000, 10_000, 1_000, 100] as const
const LISTED_MAX = 100
/** A person and a worker may write at the same time; more than this is something else. */
const CONFLICTS_MAX = 20
/** Failures of Redis, not of steps. */
const JOB_RETRIES = { limit: 100, baseMs: 500, maxMs: 30_000 }

export interface SagaOptions {
  /** For tests. (Default: this machine's) */
  readonly clock?: Clock
  readonly chance?: Chance
}

/** Of what `jobs.enqueue` takes. The rest would be about its job, which also ends when the saga is stuck. */
export type SagaStart = Pick<EnqueueOptions, 'id' | 'tags' | 'priority' | 'delayMs' | 'atMs'>

/** Ordered steps, each with what undoes it. Runs as an iterating job: one item is one step, or one compensation. */
export class Saga<Args> {
  /** To be enqueued in other ways, for example by an outbox; the unit's id is the saga's. */
  readonly job: Job<Args>
  readonly #jobs: Jobs
  readonly #definition: SagaDefinition<Args>
  readonly #store: SagaStore
  readonly #plan: Plan
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #executions = new WeakMap<JobContext, Execution<Args>>()

  constructor(jobs: Jobs, definition: SagaDefinition<Args>, options: SagaOptions) {
    requireSteps(definition)
    const { name, version = 1, queue = 'default', args, steps, endedCap = ENDED_CAP } = definition
    this.#jobs = jobs
    this.#definition = definition
    this.#plan = planOf(definition)
    this.#store = new SagaStore(jobs, { queue, name, endedCap })
    this.#clock = options.clock ?? systemClock
    this.#chance = options.chance ?? systemChance
    this.job = jobs.define<Args, Task, string>({
      ...{ name, version, queue, args, retries: JOB_RETRIES, checkpointMs: 0, total: () => steps.length },
      items: (given, _cursor, context) => this.#open(given, context),
      each: (task, _args, context) => this.#executions.get(context)?.perform(task),
      throttleOn: WAITS_MS.map((backoffMs, n) => {
        const least = n === WAITS_MS.length - 1 ? 1 : backoffMs
        const condition = (_: Args, context: JobContext) => (this.#executions.get(context)?.waitMs() ?? 0) >= least
        return { condition, backoffMs }
      }),
      onCancel: (_args, _done, context) => this.#turnBackCancelled(sagaOf(context.id)),
    })
  }

  /** Starts a saga; its id is the unit's. One that is still known is not started again. Rejects as `jobs.enqueue` does. */
  async start(args: Args, options: SagaStart = {}): Promise<Enqueued> {
    const { id } = options
    if (id !== undefined) {
      requireId(id)
      if ((await this.#store.read(id)) !== null) return { id, isNew: false }
    }
    return this.#jobs.enqueue(this.job, args, options)
  }

  /** The latest 100 that are not over, or that are. A saga that no worker has begun yet is seen as a job only. */
  async list({ ended = false }: { readonly ended?: boolean } = {}): Promise<readonly SagaSummary[]> {
    const rows = await this.#store.list(ended, LISTED_MAX)
    return rows.map(({ state, isAlive, ...row }) => ({ ...row, ...this.#standing(state, isAlive) }))
  }

  /** Null when there is none: not begun yet, or forgotten. */
  async show(id: string): Promise<SagaDetails | null> {
    const record = await this.#store.read(id)
    if (record === null) return null
    const { state, args, results, startedAtMs, changedAtMs, endedAtMs, isAlive } = record
    const steps = state.steps.map((step) => ({ ...step, result: results[step.name] ?? null }))
    const times = { startedAtMs, changedAtMs, endedAtMs }
    return { id, status: state.status, reason: state.reason, args, steps, ...times, ...this.#standing(state, isAlive) }
  }

  /**
   * Lets a saga go on that waits: at the step where it is stuck, at the end of a back-off, or without a job.
   * Rejects with OpsError: `not-found`; `invalid` when it is over or goes on by itself.
   */
  retry(id: string): Promise<void> {
    return this.#act(id, (state, isAtHand) => {
      const step = this.#stepAt(state)
      if (step && (state.status === 'stuck' || step.notBeforeMs !== null)) return { type: 'retry', step: step.name }
      // Without a job nothing has to change: it only needs one.
      if (step && !isAtHand) return null
      throw new OpsError('invalid', 'retry', `saga "${id}" is ${state.status}: nothing waits to be tried again`)
    })
  }

  /**
   * Goes on without a step that waits, or without its compensation, because a person has seen to it.
   * Rejects with OpsError: `not-found`; `invalid` when the saga does not stand at this step, or it is running just now.
   */
  skip(id: string, step: string, reason: string): Promise<void> {
    return this.#act(id, (state, isAtHand) => {
      const status = state.steps.find(({ name }) => name === step)?.status
      if (isAtHand && (status === 'running' || status === 'compensating')) {
        throw new OpsError('invalid', 'skip', `step "${step}" of saga "${id}" is ${status}: wait until it has ended`)
      }
      return { type: 'skip', step, reason: requireReason('skip', reason) }
    })
  }

  /** Turns a saga back now, also one that succeeded; a step in hand ends first. Rejects with OpsError: `not-found`, `invalid`. */
  compensate(id: string, reason: string): Promise<void> {
    return this.#act(id, () => ({ type: 'compensate', reason: requireReason('compensate', reason) }))
  }

  /** Leaves a saga as it is, for good; what a step in hand gives is not recorded. Rejects with OpsError: `not-found`, `invalid`. */
  abandon(id: string, reason: string): Promise<void> {
    return this.#act(id, () => ({ type: 'abandon', reason: requireReason('abandon', reason) }))
  }

  #stepAt(state: SagaState): StepState | undefined {
    const name = standsAt(state, this.#plan)
    return state.steps.find((step) => step.name === name)
  }

  #standing(state: SagaState, isAlive: boolean): Pick<SagaSummary, 'step' | 'isStalled'> {
    const isStalled = !isAlive && commandOf(state, this.#plan).do !== 'stop'
    return { step: standsAt(state, this.#plan), isStalled }
  }

  async #open(args: Args, context: JobContext) {
    const { steps, version = 1 } = this.#definition
    const fresh = { state: newSaga(steps.map(({ name }) => name)), args: args as Json, version }
    const writer = { unit: context.id, epoch: context.fencingToken }
    const record = await this.#store.begin(sagaOf(context.id), writer, fresh)
    if (record === null) throw new OpsError('refused', 'saga', `unit "${context.id}" is not held any more`)
    const parts = { definition: this.#definition, store: this.#store, clock: this.#clock, chance: this.#chance }
    const execution = new Execution({ ...parts, args, context }, record)
    this.#executions.set(context, execution)
    return execution.tasks()
  }

  /** To cancel the run of a saga is to want it undone: another job does that, for this one has to end. */
  async #turnBackCancelled(id: string): Promise<void> {
    const event = (state: SagaState): SagaEvent | null => {
      if (state.status !== 'running') throw new OpsError('invalid', 'cancel', `saga "${id}" is ${state.status}`)
      return { type: 'compensate', reason: 'its run was cancelled' }
    }
    await this.#act(id, event, { isEnding: true })
  }

  /** Writes what a person wants, and sees to it that a job is there to carry it out. */
  async #act(id: string, eventOf: Wish, { isEnding = false } = {}): Promise<void> {
    for (let n = 0; n < CONFLICTS_MAX; n += 1) {
      const record = await this.#store.read(id)
      if (record === null) throw new OpsError('not-found', 'saga', `no saga "${id}" in queue "${this.job.queue}"`)
      // One that waits for a back-off would come late: another takes its place, and it ends when it comes.
      const isWaiting = (this.#stepAt(record.state)?.notBeforeMs ?? null) !== null
      const isAtHand = record.isAlive && !isEnding && !isWaiting
      const event = eventOf(record.state, isAtHand)
      const state = event === null ? record.state : advance(record.state, event, this.#plan)
      const isToGoOn = commandOf(state, this.#plan).do !== 'stop'
      const unit = !isToGoOn ? '' : isAtHand ? record.unit : `${id}~${record.revision}`
      if ((await this.#store.write(record, null, { state, unit })) !== 'saved') continue
      if (isToGoOn && !isAtHand) {
        const args = this.#definition.args(record.args, record.version)
        await this.#jobs.enqueue(this.job, args, { id: unit })
      }
      return
    }
    throw new OpsError('timeout', 'saga', `saga "${id}" changes too often just now: try again`)
  }
}

/** What a person wants of a saga as it is; null = only that it goes on. Throws OpsError `invalid` when that makes no sense. */
type Wish = (state: SagaState, isAtHand: boolean) => SagaEvent | null

/** A saga's first unit has its id; later ones, made for it by persons, add the revision. */
function sagaOf(unit: string): string {
  return unit.replace(/~\d+$/, '')
}

function requireId(id: string): void {
  requireName('saga', id)
  if (sagaOf(id) !== id) throw new OpsError('invalid', 'start', `saga "${id}": an id cannot end in ~ and a number`)
}

function requireReason(op: string, reason: string): string {
  const text = reason.trim()
  if (text === '' || text.length > 500) throw new OpsError('invalid', op, 'reason: expected 1 to 500 characters')
  return text
}

/** Defines a saga and its job. Throws OpsError `invalid`. */
export function defineSaga<Args>(jobs: Jobs, definition: SagaDefinition<Args>, options: SagaOptions = {}): Saga<Args> {
  return new Saga(jobs, definition, options)
}
