import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../domain/clock.ts'
import { messageOf, OpsError } from '../../domain/errors.ts'
import { backoffMs } from '../jobs/backoff.ts'
import { encodeJson, type Json } from '../jobs/cursor.ts'
import type { JobContext } from '../jobs/definition.ts'
import type { Entry } from '../jobs/iterating.ts'
import { FinalError } from '../jobs/perform.ts'
import { RESULT, type SagaRecord } from '../layout/saga-record.ts'
import { advance, commandOf, type Plan, type SagaCommand, type SagaEvent } from '../layout/saga-state.ts'
import type { Chance } from '../system-clock.ts'
import {
  COMPENSATION_RETRIES,
  planIn,
  RUN_RETRIES,
  type SagaDefinition,
  STEP_TIMEOUT_MS,
  type Step,
  type StepContext,
} from './definition.ts'
import type { SagaStore } from './saga-store.ts'

export interface ExecutionParts<Args> {
  readonly definition: SagaDefinition<Args>
  readonly store: SagaStore
  readonly args: Args
  /** Of the unit that holds the saga. */
  readonly context: JobContext
  readonly clock: Clock
  readonly chance: Chance
}

/** The results of steps by step. */
export function resultsOf(jsons: SagaRecord['resultJsons']): Readonly<Record<string, Json>> {
  return Object.fromEntries([...jsons].map(([step, json]) => [step, JSON.parse(json) as Json]))
}

/** A step to run or to compensate. */
export type Task = Exclude<SagaCommand, { readonly do: 'stop' }>

const RETRY_MS = 200
const ERROR_MAX = 500

/**
 * One unit working on one saga. What will be done is written before it is done, and what came of it after: a crash between
 * the two leaves a step that has begun, and it is begun again.
 */
export class Execution<Args> {
  readonly #parts: ExecutionParts<Args>
  readonly #plan: Plan
  #record: SagaRecord
  #readMs: number
  #writes = 0
  /** Somebody else has it now, or a person ended it. */
  #isOver: boolean

  constructor(parts: ExecutionParts<Args>, record: SagaRecord) {
    this.#parts = parts
    this.#plan = planIn(parts.definition, record.plan)
    this.#record = record
    this.#readMs = parts.clock.monotonicMs()
    this.#isOver = record.unit !== parts.context.id
  }

  /** What to do, one after the other, until there is nothing more. */
  async *tasks(): AsyncGenerator<Entry<Task, string>> {
    for (;;) {
      const command = this.#command()
      if (command.do === 'stop') return
      yield { item: command, cursor: this.#record.revision }
    }
  }

  /** How long nothing may be done yet, ms; 0 = now. By the clock of Redis as it was when it was last read. */
  waitMs(): number {
    const command = this.#command()
    if (command.do === 'stop' || command.notBeforeMs === null) return 0
    const nowMs = this.#record.nowMs + this.#parts.clock.monotonicMs() - this.#readMs
    return Math.max(0, command.notBeforeMs - nowMs)
  }

  /** Rejects only when nothing can be written any more: the unit is not held, or was given back. */
  async perform(task: Task): Promise<void> {
    const { step } = task
    if (!(await this.#tell({ type: 'begin', step }))) return
    const { event, fields } = await this.#attempt(task)
    await this.#tell(event, fields)
  }

  #command(): SagaCommand {
    return this.#isOver ? { do: 'stop' } : commandOf(this.#record.state, this.#plan)
  }

  async #attempt(task: Task): Promise<Ended> {
    const { definition, context } = this.#parts
    const step = definition.steps.find(({ name }) => name === task.step)
    try {
      if (!step) throw new FinalError('unknown-step', `this program knows no step "${task.step}"`)
      const work = task.do === 'run' ? step.run : step.compensate
      const timeoutMs = step.timeoutMs ?? STEP_TIMEOUT_MS
      const result = await within(timeoutMs, context.signal, (signal) => work?.(this.#contextOf(task, signal)))
      const json = task.do === 'run' ? encodeJson(result ?? null, `result of "${task.step}"`, 'saga') : null
      const fields = json === null ? {} : { [RESULT + task.step]: json }
      return { event: { type: 'succeed', step: task.step }, fields }
    } catch (thrown) {
      // Not ours any more: whoever has it now begins the step again.
      if (context.signal.aborted) throw thrown
      return { event: this.#failure(task, step, thrown), fields: {} }
    }
  }

  #failure(task: Task, step: Step<Args> | undefined, thrown: unknown): SagaEvent {
    const retries =
      task.do === 'run'
        ? { ...RUN_RETRIES, ...step?.retries }
        : { ...COMPENSATION_RETRIES, ...step?.compensationRetries }
    const failures = (this.#record.state.steps.find(({ name }) => name === task.step)?.failures ?? 0) + 1
    const isFinal = thrown instanceof FinalError || (thrown instanceof OpsError && thrown.op === 'saga')
    const nowMs = this.#record.nowMs + this.#parts.clock.monotonicMs() - this.#readMs
    const notBeforeMs =
      isFinal || failures > retries.limit ? null : Math.ceil(nowMs + backoffMs(retries, failures, this.#parts.chance))
    return { type: 'fail', step: task.step, error: messageOf(thrown).slice(0, ERROR_MAX), notBeforeMs }
  }

  #contextOf(task: Task, signal: AbortSignal): StepContext<Args> {
    const { id: saga, state, resultJsons } = this.#record
    const results = resultsOf(resultJsons)
    const { args } = this.#parts
    const of = state.steps.find(({ name }) => name === task.step)
    const attempt = (task.do === 'run' ? of?.attempts : of?.compensations) ?? 1
    const key = `${saga}:${task.step}:${task.do}`
    return { saga, step: task.step, args, results, attempt, key, attemptKey: `${key}:${attempt}`, signal }
  }

  /**
   * Writes what an event makes of the saga. Goes on trying while Redis is away and the unit is still ours: what a step gave
   * must not be lost. @returns false when it cannot be told any more: the saga has changed
   */
  async #tell(event: SagaEvent, fields: Readonly<Record<string, string>> = {}): Promise<boolean> {
    const { context, store } = this.#parts
    const writer = { unit: context.id, epoch: context.fencingToken }
    this.#writes += 1
    const write = `${context.fencingToken}.${this.#writes}`
    for (;;) {
      try {
        const next = this.#next(event)
        if (next === null) return false
        const unit = commandOf(next, this.#plan).do === 'stop' ? '' : context.id
        const how = await store.write(this.#record, writer, {
          ...{ state: next, unit, spare: '' },
          fields: { ...fields, write },
        })
        const record = await store.read(this.#record.id)
        if (record === null) throw new OpsError('not-found', 'saga', `saga "${this.#record.id}" is gone`)
        this.#record = record
        this.#readMs = this.#parts.clock.monotonicMs()
        this.#isOver = record.unit !== context.id
        // Also when only the answer to an earlier attempt was lost.
        if (how === 'saved' || record.write === write) return true
        if (how === 'lost') {
          this.#isOver = true
          return false
        }
      } catch (error) {
        const isPassing = error instanceof OpsError && (error.code === 'unreachable' || error.code === 'timeout')
        if (!isPassing || context.signal.aborted) throw error
        await delay(RETRY_MS * (0.5 + this.#parts.chance()))
      }
    }
  }

  #next(event: SagaEvent): SagaRecord['state'] | null {
    try {
      return advance(this.#record.state, event, this.#plan)
    } catch (error) {
      if (error instanceof OpsError && error.code === 'invalid') return null
      throw error
    }
  }
}

interface Ended {
  readonly event: SagaEvent
  readonly fields: Readonly<Record<string, string>>
}

/** Rejects when the time is up or the lease is gone, whatever the work then still does. */
async function within(ms: number, lost: AbortSignal, work: (signal: AbortSignal) => unknown): Promise<unknown> {
  const abort = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let onLost = () => {}
  const ended = new Promise<never>((_, reject) => {
    const end = (why: string) => {
      const error = new Error(why)
      reject(error)
      abort.abort(error)
    }
    timer = setTimeout(() => end(`did not end within ${ms} ms`), ms)
    onLost = () => end('the lease was lost')
    lost.addEventListener('abort', onLost)
    if (lost.aborted) onLost()
  })
  try {
    return await Promise.race([ended, Promise.resolve().then(() => work(abort.signal))])
  } finally {
    clearTimeout(timer)
    lost.removeEventListener('abort', onLost)
  }
}
