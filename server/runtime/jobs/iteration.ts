import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../domain/clock.ts'
import type { Chance } from '../system-clock.ts'
import { encodeCursor } from './cursor.ts'
import type { EventMap, InterruptionReason } from './events.ts'
import { ThrottledError } from './items/throttled-error.ts'
import type { ExecutionEnd, IteratingDefinition, ThrottleOn } from './iterating.ts'
import type { Progress, Unit } from './unit.ts'

export interface IterationParts {
  readonly unit: Unit
  readonly clock: Clock
  readonly chance: Chance
  readonly events: EventMap
  /** Runs the checkpoint script; its first words (id, token, lease) are already there. */
  readonly send: (words: readonly (string | number)[]) => Promise<unknown>
}

/** How this execution of the run ended. `lost`: somebody else has it; nothing more may be written. */
export type IterationEnd =
  | { readonly how: 'completed' }
  | { readonly how: 'interrupted'; readonly reason: InterruptionReason; readonly delayMs: number }
  | { readonly how: 'cancelled' }
  | { readonly how: 'failed'; readonly error: unknown }
  | { readonly how: 'lost' }

const CHECKPOINT_MS = 100
const MAX_RUNTIME_MS = 300_000
/**
 * After a crash every item is checkpointed for this long: so an item that kills its worker is found exactly (the cursor
 * stands right before it, each time), and is not taken for progress.
 */
const CAREFUL_MS = 1_000
/** Under a throttle without a token it asks again after this long at the latest: it may have been lifted. */
const THROTTLED_LOOK_MS = 500
const WAIT_PIECE_MS = 100
/** Weight of the past in the moving rate. */
const RATE_WINDOW_MS = 10_000

/**
 * One execution of an iterating run. Between two items it costs a look at the clock; every `checkpointMs` it saves the
 * cursor, which also renews the lease and brings back what is asked of it.
 */
export class Iteration {
  readonly #parts: IterationParts
  readonly #definition: IteratingDefinition<unknown, unknown, unknown>
  readonly #args: unknown
  readonly #beganMs: number
  readonly #everyMs: number
  readonly #throttles: readonly ThrottleOn<unknown>[]
  #done: number
  #total: number | null
  #cursor: unknown = UNMOVED
  #savedDone: number
  #savedMs: number
  #perSecond: number | null
  /** Items that may be begun before it looks up, under a throttle; Infinity = as many as it likes. */
  #allowed: number

  constructor(parts: IterationParts, definition: IteratingDefinition<unknown, unknown, unknown>, args: unknown) {
    const { unit, clock } = parts
    this.#parts = parts
    this.#definition = definition
    this.#args = args
    this.#everyMs = definition.checkpointMs ?? CHECKPOINT_MS
    this.#throttles = [definition.throttleOn ?? []].flat()
    this.#beganMs = clock.monotonicMs()
    this.#done = unit.state.done
    this.#savedDone = unit.state.done
    this.#savedMs = this.#beganMs
    this.#total = unit.state.total
    this.#perSecond = unit.state.perSecond
    // Its claim was one start, which the first item is.
    this.#allowed = unit.isMetered ? 1 : Number.POSITIVE_INFINITY
    unit.lookedUpMs = this.#beganMs
    unit.progress = () => this.#progressIfSound()
  }

  /** What is finished, to be handed in with the end. */
  progress(): Progress {
    const runningMs = this.#parts.unit.state.runningMs + this.#parts.clock.monotonicMs() - this.#beganMs
    const cursor = this.#cursor === UNMOVED ? null : encodeCursor(this.#cursor)
    return { cursor, done: this.#done, total: this.#total, runningMs: Math.round(runningMs) }
  }

  /** At the end of a grace nobody is left to be told that the cursor cannot be saved: the run goes on after the last one. */
  #progressIfSound(): Progress | null {
    try {
      return this.progress()
    } catch {
      return null
    }
  }

  /** Never rejects, but for a cursor that cannot be saved. */
  async run(): Promise<IterationEnd> {
    const end = await this.#execute()
    if (end.how === 'lost') return end
    if (end.how === 'failed')
      await this.#hook('onError', () => this.#definition.onError?.(this.#args, end.error, this.#parts.unit))
    if (end.how === 'cancelled')
      await this.#hook('onCancel', () => this.#definition.onCancel?.(this.#args, this.#done, this.#parts.unit))
    await this.#hook('onShutdown', () => this.#definition.onShutdown?.(this.#args, nameOf(end), this.#parts.unit))
    return end
  }

  async #execute(): Promise<IterationEnd> {
    const { unit } = this.#parts
    const { onStart, onResume, onComplete, total } = this.#definition
    const cursor: unknown = unit.state.cursor === null ? null : JSON.parse(unit.state.cursor)
    try {
      const { failures, interruptions, crashes } = unit.state
      const isFirst = cursor === null && failures + interruptions + crashes === 0
      if (isFirst) await onStart?.(this.#args, unit)
      else await onResume?.(this.#args, cursor, unit)
      if (this.#total === null && total) this.#total = await total(this.#args)
      const items = await this.#definition.items(this.#args, cursor, unit)
      const stop =
        this.#reasonToStop() ??
        (await this.#throttled()) ??
        (Symbol.asyncIterator in items ? await this.#async(items) : await this.#sync(items))
      if (stop !== null) return stop
      await onComplete?.(this.#args, this.#done, unit)
      return { how: 'completed' }
    } catch (error) {
      if (unit.isLost) return { how: 'lost' }
      if (error instanceof ThrottledError) return { how: 'interrupted', reason: 'throttled', delayMs: error.delayMs }
      return { how: 'failed', error }
    }
  }

  // The two loops are the same and both written out: an item must cost nothing but its own work and a look at the clock.

  async #sync(items: Iterable<{ item: unknown; cursor: unknown }>): Promise<IterationEnd | null> {
    const { unit, clock } = this.#parts
    const each = this.#each()
    this.#setDue()
    for (const entry of items) {
      const result = each(entry.item, this.#args, unit)
      if (isPromiseLike(result)) await result
      this.#done += 1
      this.#cursor = entry.cursor
      this.#allowed -= 1
      if (this.#allowed > 0 && clock.monotonicMs() < unit.dueMs) continue
      const stop = await this.#lookUp()
      if (stop !== null) return stop
    }
    return null
  }

  async #async(items: AsyncIterable<{ item: unknown; cursor: unknown }>): Promise<IterationEnd | null> {
    const { unit, clock } = this.#parts
    const each = this.#each()
    this.#setDue()
    for await (const entry of items) {
      const result = each(entry.item, this.#args, unit)
      if (isPromiseLike(result)) await result
      this.#done += 1
      this.#cursor = entry.cursor
      this.#allowed -= 1
      if (this.#allowed > 0 && clock.monotonicMs() < unit.dueMs) continue
      const stop = await this.#lookUp()
      if (stop !== null) return stop
    }
    return null
  }

  #each(): IteratingDefinition<unknown, unknown, unknown>['each'] {
    const { each, around } = this.#definition
    if (!around) return each
    return (item, args, context) => around(async () => each(item, args, context), item, args, context)
  }

  #setDue(): void {
    const { unit, clock } = this.#parts
    const nowMs = clock.monotonicMs()
    if (unit.lookedUpMs !== null) unit.lookedUpMs = nowMs
    const isCareful = unit.state.crashesHere > 0 && nowMs - this.#beganMs < CAREFUL_MS
    unit.dueMs = isCareful || unit.interruption !== null || unit.isLost ? 0 : nowMs + this.#everyMs
  }

  /** What makes it stop before the next item; null = go on. A stop is saved with the hand-in: no checkpoint before it. */
  #reasonToStop(): IterationEnd | null {
    const { unit, clock } = this.#parts
    if (unit.isLost) return { how: 'lost' }
    if (unit.isCancelled) return { how: 'cancelled' }
    const maxRuntimeMs = this.#definition.maxRuntimeMs === undefined ? MAX_RUNTIME_MS : this.#definition.maxRuntimeMs
    if (maxRuntimeMs !== null && clock.monotonicMs() - this.#beganMs >= maxRuntimeMs) unit.interrupt('max-runtime')
    return unit.interruption === null ? null : { how: 'interrupted', reason: unit.interruption, delayMs: 0 }
  }

  /** Between two items, when it is time: saves, and learns what is asked. */
  async #lookUp(): Promise<IterationEnd | null> {
    for (;;) {
      const stop = this.#reasonToStop()
      if (stop !== null) return stop
      const waitMs = await this.#checkpoint()
      if (waitMs === 0) break
      // Redis does not answer: no item is begun that could not be saved. The lease may end meanwhile; then the token tells.
      if (waitMs === null) await delay(50 + 100 * this.#parts.chance())
      else await this.#wait(Math.min(waitMs, THROTTLED_LOOK_MS))
    }
    this.#setDue()
    return this.#reasonToStop() ?? (await this.#throttled())
  }

  /** For a throttle, in pieces: whoever wants it to stop meanwhile is not kept waiting. */
  async #wait(ms: number): Promise<void> {
    const { unit, clock } = this.#parts
    const untilMs = clock.monotonicMs() + ms
    for (let leftMs = ms; leftMs > 0; leftMs = untilMs - clock.monotonicMs()) {
      if (unit.lookedUpMs !== null) unit.lookedUpMs = clock.monotonicMs()
      await delay(Math.min(leftMs, WAIT_PIECE_MS))
      if (this.#reasonToStop() !== null) return
    }
  }

  /** Its own conditions; what they cost is the definition's affair. */
  async #throttled(): Promise<IterationEnd | null> {
    for (const { condition, backoffMs } of this.#throttles) {
      const answer = condition(this.#args, this.#parts.unit)
      const isToWait = isPromiseLike(answer) ? await answer : answer
      if (isToWait) return { how: 'interrupted', reason: 'throttled', delayMs: backoffMs }
    }
    return null
  }

  /** @returns 0 = go on; ms to wait until a throttle lets an item through; null when Redis did not answer */
  async #checkpoint(): Promise<number | null> {
    const { unit, clock, events, send } = this.#parts
    const { cursor, done, total, runningMs } = this.progress()
    this.#measure(clock.monotonicMs())
    let waitMs = 0
    const rate = this.#perSecond === null ? '' : this.#perSecond.toFixed(3)
    try {
      const unused = Number.isFinite(this.#allowed) ? this.#allowed : 0
      const words = [cursor ?? '', done, total ?? '', runningMs, rate, unused]
      const [isHeld, , asked, allowed, wait] = (await send(words)) as CheckpointReply
      this.#allowed = allowed === -1 ? Number.POSITIVE_INFINITY : allowed
      waitMs = wait
      if (isHeld === 0) unit.isLost = true
      if (asked === 'pause') unit.interrupt('paused')
      if (asked === 'cancel') unit.isCancelled = true
    } catch (error) {
      events.emit('fault', { op: 'checkpoint', error })
      return null
    }
    if (!unit.isLost && events.has('checkpointed')) {
      events.emit('checkpointed', { queue: unit.queue, job: unit.job, id: unit.id, cursor, done })
    }
    return waitMs
  }

  #measure(nowMs: number): void {
    const tookMs = nowMs - this.#savedMs
    if (tookMs <= 0) return
    const perSecond = ((this.#done - this.#savedDone) / tookMs) * 1_000
    const weight = 1 - Math.exp(-tookMs / RATE_WINDOW_MS)
    this.#perSecond = this.#perSecond === null ? perSecond : this.#perSecond + weight * (perSecond - this.#perSecond)
    this.#savedDone = this.#done
    this.#savedMs = nowMs
  }

  /** What a hook throws at the end is told, and changes nothing: the end is already decided. */
  async #hook(op: string, hook: () => Promise<void> | void | undefined): Promise<void> {
    try {
      await hook()
    } catch (error) {
      this.#parts.events.emit('fault', { op, error })
    }
  }
}

/** Stands for "no item was finished here yet", which no cursor can. */
const UNMOVED = Symbol('unmoved')

type CheckpointReply = readonly [
  isHeld: 0 | 1,
  nowMs: number,
  asked: '' | 'pause' | 'cancel',
  allowed: number,
  waitMs: number,
]

/** To await what is no promise would cost a turn of the microtask queue per item. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}

function nameOf(end: Exclude<IterationEnd, { how: 'lost' }>): ExecutionEnd {
  if (end.how === 'completed') return 'succeeded'
  return end.how === 'interrupted' ? end.reason : end.how
}
