import type { Clock } from '../../domain/clock.ts'
import { OpsError } from '../../domain/errors.ts'
import type { SagaOrder, SagaStatus } from '../../domain/saga.ts'
import type { Jobs } from '../jobs/create-jobs.ts'
import type { Json } from '../jobs/cursor.ts'
import { type Job, type JobContext, requireName } from '../jobs/definition.ts'
import type { Enqueued, EnqueueOptions } from '../jobs/producer.ts'
import { actOnSaga, isStalled, sagaOf } from '../layout/saga-acts.ts'
import type { SagaRecord, SagaWrite } from '../layout/saga-record.ts'
import { newSaga, type StepState, stepAt } from '../layout/saga-state.ts'
import { type Chance, systemChance, systemClock } from '../system-clock.ts'
import { ENDED_CAP, planOf, requireSteps, type SagaDefinition } from './definition.ts'
import { Execution, resultsOf, type Task } from './execution.ts'
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
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #executions = new WeakMap<JobContext, Execution<Args>>()

  constructor(jobs: Jobs, definition: SagaDefinition<Args>, options: SagaOptions) {
    requireSteps(definition)
    const { name, version = 1, queue = 'default', args, endedCap = ENDED_CAP } = definition
    this.#jobs = jobs
    this.#definition = definition
    this.#store = new SagaStore(jobs, { queue, name, endedCap })
    this.#clock = options.clock ?? systemClock
    this.#chance = options.chance ?? systemChance
    // No total: a step that is tried again is another item.
    this.job = jobs.define<Args, Task, string>({
      ...{ name, version, queue, args, retries: JOB_RETRIES, checkpointMs: 0 },
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
    return rows.map(({ state, plan, isAlive, ...row }) => ({ ...row, ...standing({ state, plan, isAlive }) }))
  }

  /** Null when there is none: not begun yet, or forgotten. */
  async show(id: string): Promise<SagaDetails | null> {
    const record = await this.#store.read(id)
    if (record === null) return null
    const { state, startedAtMs, changedAtMs, endedAtMs } = record
    const results = resultsOf(record.resultJsons)
    const steps = state.steps.map((step) => ({ ...step, result: results[step.name] ?? null }))
    const times = { startedAtMs, changedAtMs, endedAtMs }
    const args = JSON.parse(record.argsJson) as Json
    return { id, status: state.status, reason: state.reason, args, steps, ...times, ...standing(record) }
  }

  /**
   * Lets a saga go on that waits: at the step where it is stuck, at the end of a back-off, or without a job.
   * Rejects with OpsError: `not-found`; `invalid` when it is over or goes on by itself.
   */
  retry(id: string): Promise<void> {
    return this.#act(id, { act: 'retry-step', step: null, reason: '' })
  }

  /**
   * Goes on without a step that waits, or without its compensation, because a person has seen to it.
   * Rejects with OpsError: `not-found`; `invalid` when the saga does not stand at this step, or it is running just now.
   */
  skip(id: string, step: string, reason: string): Promise<void> {
    return this.#act(id, { act: 'skip-step', step, reason })
  }

  /** Turns a saga back now, also one that succeeded; a step in hand ends first. Rejects with OpsError: `not-found`, `invalid`. */
  compensate(id: string, reason: string): Promise<void> {
    return this.#act(id, { act: 'compensate', step: null, reason })
  }

  /** Leaves a saga as it is, for good; what a step in hand gives is not recorded. Rejects with OpsError: `not-found`, `invalid`. */
  abandon(id: string, reason: string): Promise<void> {
    return this.#act(id, { act: 'abandon', step: null, reason })
  }

  async #open(args: Args, context: JobContext) {
    const { steps, version = 1 } = this.#definition
    const fresh = {
      state: newSaga(steps.map(({ name }) => name)),
      plan: planOf(this.#definition),
      args: args as Json,
      version,
    }
    const writer = { unit: context.id, epoch: context.fencingToken }
    const record = await this.#store.begin(sagaOf(context.id), writer, fresh)
    if (record === null) throw new OpsError('refused', 'saga', `unit "${context.id}" is not held any more`)
    const parts = { definition: this.#definition, store: this.#store, clock: this.#clock, chance: this.#chance }
    const execution = new Execution({ ...parts, args, context }, record)
    this.#executions.set(context, execution)
    return execution.tasks()
  }

  /**
   * To cancel the run of a saga is to want it undone: another job does that, for this one has to end. A dashboard turns it
   * back itself; here is who asked before the saga had begun.
   */
  async #turnBackCancelled(id: string): Promise<void> {
    const status = (await this.#store.read(id))?.state.status
    const reason = 'its run was cancelled'
    if (status === 'running') await this.#act(id, { act: 'compensate', step: null, reason }, true)
    // It goes back already: it only needs somebody else to do so.
    if (status === 'compensating') await this.#act(id, { act: 'retry-step', step: null, reason }, true)
  }

  #act(id: string, order: SagaOrder, isEnding = false): Promise<void> {
    const store = this.#store
    const desk = {
      read: () => store.read(id),
      write: (record: SagaRecord, next: SagaWrite) => store.write(record, null, next),
    }
    return actOnSaga(desk, id, order, isEnding)
  }
}

function standing(record: Pick<SagaRecord, 'state' | 'plan' | 'isAlive'>): Pick<SagaSummary, 'step' | 'isStalled'> {
  return { step: stepAt(record.state, record.plan)?.name ?? null, isStalled: isStalled(record) }
}

function requireId(id: string): void {
  requireName('saga', id)
  if (sagaOf(id) !== id) throw new OpsError('invalid', 'start', `saga "${id}": an id cannot end in ~ and a number`)
}

/** Defines a saga and its job. Throws OpsError `invalid`. */
export function defineSaga<Args>(jobs: Jobs, definition: SagaDefinition<Args>, options: SagaOptions = {}): Saga<Args> {
  return new Saga(jobs, definition, options)
}
