import type { Clock } from '../../domain/clock.ts'
import type { Chance } from '../system-clock.ts'
import type { Job } from './definition.ts'
import type { EventMap } from './events.ts'
import { Iteration, isPromiseLike } from './iteration.ts'
import { afterFailure, argsOf } from './perform.ts'
import type { Outcome } from './pump.ts'
import type { Progress, Unit } from './unit.ts'

export interface PerformerParts {
  readonly definitions: ReadonlyMap<string, Job<unknown>>
  readonly clock: Clock
  readonly chance: Chance
  readonly events: EventMap
  /** Runs the checkpoint script for a unit; `words` come after its id, token and lease. */
  readonly checkpoint: (unit: Unit, words: readonly (string | number)[]) => Promise<unknown>
  readonly handIn: (unit: Unit, outcome: Outcome) => void
  /** Somebody else has it. */
  readonly lose: (unit: Unit) => void
}

/** Interrupted by others: at the front, it was its turn. For having run long: at the back. */
const HOW_TO_RETURN = { shutdown: 'release', 'max-runtime': 'yield', paused: 'hold', throttled: 'wait' } as const

/** Runs a claimed unit by its definition, and hands in what became of it. */
export class Performer {
  readonly #parts: PerformerParts

  constructor(parts: PerformerParts) {
    this.#parts = parts
  }

  /** Never rejects. */
  async perform(unit: Unit): Promise<void> {
    const { definitions, events, handIn } = this.#parts
    const { queue, job: name, id } = unit
    const job = definitions.get(name)
    if (events.has('started')) {
      const waitedMs = Math.max(0, this.#parts.clock.nowMs() - unit.enqueuedAtMs)
      events.emit('started', { queue, job: name, id, attempt: unit.attempt, waitedMs, trace: unit.trace })
    }
    try {
      if (!job) throw new Error(`no job "${name}" is defined in this worker`)
      const { definition } = job
      const args = argsOf(job, unit)
      if ('each' in definition) {
        const { clock, chance, checkpoint } = this.#parts
        const send = (words: readonly (string | number)[]) => checkpoint(unit, words)
        return await this.#iterate(unit, job, new Iteration({ unit, clock, chance, events, send }, definition, args))
      }
      const result = definition.perform(args, unit)
      if (isPromiseLike(result)) await result
      handIn(unit, { how: 'succeed' })
      this.#tellSuccess(unit)
    } catch (error) {
      this.#fail(unit, job, error)
    }
  }

  async #iterate(unit: Unit, job: Job<unknown>, iteration: Iteration): Promise<void> {
    const { events, handIn, lose } = this.#parts
    const end = await iteration.run()
    const { queue, job: name, id } = unit
    if (end.how === 'lost') lose(unit)
    else if (end.how === 'failed') this.#fail(unit, job, end.error, iteration.progress())
    else if (end.how === 'cancelled') {
      handIn(unit, { how: 'cancel', ...iteration.progress() })
      events.emit('cancelled', { queue, job: name, id })
    } else if (end.how === 'interrupted') {
      handIn(unit, { how: HOW_TO_RETURN[end.reason], delayMs: end.delayMs, ...iteration.progress() })
      events.emit('interrupted', { queue, job: name, id, reason: end.reason })
    } else {
      handIn(unit, { how: 'succeed', ...iteration.progress() })
      this.#tellSuccess(unit)
    }
  }

  #tellSuccess({ queue, job, id, startedMs }: Unit): void {
    const { events, clock } = this.#parts
    if (!events.has('succeeded')) return
    events.emit('succeeded', { queue, job, id, tookMs: clock.monotonicMs() - startedMs })
  }

  #fail(unit: Unit, job: Job<unknown> | undefined, error: unknown, progress?: Progress): void {
    const { events, handIn, chance } = this.#parts
    const { queue, job: name, id, isLost } = unit
    const outcome = afterFailure(job, unit, error, chance)
    handIn(unit, { ...outcome, ...progress })
    if (isLost) return
    if (outcome.how === 'retry') events.emit('failed', { queue, job: name, id, error, delayMs: outcome.delayMs ?? 0 })
    else events.emit('died', { queue, job: name, id, error, reason: outcome.reason ?? '' })
  }
}
