import type { Clock } from '../../domain/clock.ts'
import type { Chance } from '../system-clock.ts'
import type { Connection } from './connection.ts'
import type { EventMap } from './events.ts'
import { WAKE } from './lua/beat.ts'
import { TURN } from './lua/turn.ts'
import type { WorkerLimits } from './settings.ts'
import type { Slots } from './slots.ts'
import { type Claimed, Unit } from './unit.ts'

/** How a unit ended here. What is not given stays as it is in Redis. */
export interface Outcome {
  readonly how: 'succeed' | 'retry' | 'bury' | 'release' | 'yield' | 'hold' | 'wait' | 'cancel'
  readonly delayMs?: number
  readonly reason?: string
  readonly message?: string
  readonly cursor?: string | null
  readonly done?: number
  readonly total?: number | null
  readonly runningMs?: number
}

interface HandIn {
  readonly unit: Unit
  readonly outcome: Outcome
}

export interface PumpParts {
  readonly queue: string
  readonly base: string
  readonly worker: string
  readonly connection: Connection
  readonly slots: Slots
  readonly limits: WorkerLimits
  readonly clock: Clock
  readonly chance: Chance
  readonly events: EventMap
  /** Priorities are strict. */
  readonly isStrict: boolean
  readonly onClaim: (unit: Unit) => void
}

/** Units claimed in one call: enough that a call costs little per unit, few enough that it never holds Redis up. */
const ROOM_MAX = 100
/** Handed in in one call: Lua takes no more than 8,000 arguments, and Redis serves nobody else meanwhile. */
const HAND_IN_MAX = 1_000
const RETRY_MS_MAX = 1_000

/**
 * One worker at one queue. There is at most one turn (see `lua/turn.ts`) on its way; what ends meanwhile goes with the
 * next. When nothing waits, it looks again at a nudge, when something is due, and every `pollMs` in any case.
 *
 *   kick ─► scheduled ─► turn ─► kick        something to hand in, or more to take
 *                             └► timer       nothing to take: look again later
 *                             └► (nothing)   no room: the slots wake it
 */
export class Pump {
  readonly queue: string
  /** What is held, by id. */
  readonly held = new Map<string, Unit>()
  /** By the clock of Redis, Unix ms; null = never. */
  lastStartAtMs: number | null = null
  readonly #parts: PumpParts
  #clean: Unit[] = []
  #others: HandIn[] = []
  #isClaiming = true
  #isScheduled = false
  #isIdle = false
  #isTurning = false
  #wantsAnother = false
  #isClosed = false
  #faults = 0
  #timer: NodeJS.Timeout | undefined
  #onIdle: (() => void) | null = null

  constructor(parts: PumpParts) {
    this.#parts = parts
    this.queue = parts.queue
  }

  /** Told that there is work; without a free slot somebody else is told. */
  wake(): void {
    if (this.#isClaiming && this.#parts.slots.busy < this.#parts.slots.capacity) {
      this.kick()
      return
    }
    const { connection, base, events } = this.#parts
    connection.run(WAKE, base, []).catch((error) => this.#isClosed || events.emit('fault', { op: 'wake', error }))
  }

  /** Looks soon: at the end of this turn of the event loop, so that what ends together is handed in together. */
  kick(): void {
    if (this.#isClosed) return
    if (this.#isTurning) this.#wantsAnother = true
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      clearTimeout(this.#timer)
      setImmediate(() => {
        this.#isScheduled = false
        void this.#turn()
      })
    }
  }

  /** Ends a unit. Nothing happens when it was lost meanwhile. Its slot is free at once. */
  handIn(unit: Unit, outcome: Outcome): void {
    if (unit.isLost || this.held.get(unit.id) !== unit) return
    this.held.delete(unit.id)
    if (outcome.how === 'succeed' && !unit.hasState) this.#clean.push(unit)
    else this.#others.push({ unit, outcome })
    this.#parts.slots.release(1)
    this.kick()
  }

  /** The lease is gone: the unit is somebody else's. */
  lose(unit: Unit): void {
    if (this.held.get(unit.id) !== unit) return
    this.held.delete(unit.id)
    unit.lose()
    this.#parts.slots.release(1)
  }

  stopClaiming(): void {
    this.#isClaiming = false
    this.kick()
  }

  /** Resolves when nothing is left to hand in; never rejects. */
  whenHandedIn(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve
      this.kick()
    })
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#onIdle?.()
  }

  async #turn(): Promise<void> {
    if (this.#isClosed) return
    const { slots, connection, base, worker, limits, events } = this.#parts
    const room = this.#isClaiming ? slots.reserve(this.queue, ROOM_MAX) : 0
    const clean = this.#clean.splice(0, HAND_IN_MAX)
    const others = this.#others.splice(0, HAND_IN_MAX)
    if (room === 0 && clean.length === 0 && others.length === 0) {
      this.#onIdle?.()
      return
    }
    this.#isTurning = true
    const startedMs = this.#parts.clock.monotonicMs()
    const caps = [limits.leaseMs, limits.deadCap, limits.deadMaxAgeMs, limits.endedCap]
    const flags = [this.#parts.isStrict ? '1' : '', this.#isIdle ? '1' : '']
    const args = [worker, room, ...caps, ...flags, ...cleanWords(clean), others.length, ...others.flatMap(otherWords)]
    try {
      const reply = (await connection.run(TURN, base, args)) as TurnReply
      this.#faults = 0
      this.#isTurning = false
      this.#take(reply, room, [...clean, ...others.map(({ unit }) => unit)], startedMs)
    } catch (error) {
      this.#isTurning = false
      // Nobody knows what Redis made of it. To hand in again does no harm: the second time the token is stale.
      this.#clean = [...clean, ...this.#clean]
      this.#others = [...others, ...this.#others]
      slots.release(room)
      if (this.#isClosed) return
      events.emit('fault', { op: 'turn', error })
      this.#faults += 1
      this.#lookAgainIn(this.#parts.chance() * Math.min(RETRY_MS_MAX, 100 * 2 ** this.#faults))
    }
  }

  #take(reply: TurnReply, room: number, handedIn: readonly Unit[], startedMs: number): void {
    const [nowMs, waitMs, again, refused, claimed] = reply
    if (claimed.length > 0) this.lastStartAtMs = nowMs
    if (room > 0) this.#isIdle = claimed.length < room
    this.#tellRefused(refused, handedIn)
    this.#parts.slots.release(room - claimed.length)
    for (const one of claimed) {
      const unit = new Unit(this.queue, one, startedMs)
      this.held.set(unit.id, unit)
      // It came while we stopped: nothing has begun, so it goes back as it was.
      if (this.#isClaiming) this.#parts.onClaim(unit)
      else this.handIn(unit, { how: 'release' })
    }
    const isWorthIt = this.#wantsAnother || again === '1' || (room > 0 && claimed.length === room)
    this.#wantsAnother = false
    if (isWorthIt || this.#clean.length > 0 || this.#others.length > 0) this.kick()
    else if (room > 0) {
      const { pollMs } = this.#parts.limits
      const pollInMs = pollMs * (0.75 + 0.5 * this.#parts.chance())
      this.#lookAgainIn(waitMs < 0 ? pollInMs : Math.min(waitMs, pollInMs))
    } else this.#onIdle?.()
  }

  #tellRefused(refused: readonly string[], handedIn: readonly Unit[]): void {
    if (refused.length === 0 || !this.#parts.events.has('lost')) return
    const nowMs = this.#parts.clock.monotonicMs()
    for (const unit of handedIn.filter(({ id }) => refused.includes(id))) {
      const { queue, job, id, startedMs } = unit
      this.#parts.events.emit('lost', { queue, job, id, lateMs: nowMs - startedMs })
    }
  }

  #lookAgainIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.kick(), Math.ceil(ms))
  }
}

type TurnReply = readonly [
  nowMs: number,
  waitMs: number,
  again: string,
  refused: readonly string[],
  claimed: readonly Claimed[],
]

function cleanWords(units: readonly Unit[]): readonly (string | number)[] {
  const words: (string | number)[] = [units.length]
  for (const unit of units) words.push(unit.id, unit.fencingToken)
  return words
}

function otherWords({ unit, outcome }: HandIn): readonly (string | number)[] {
  const { how, delayMs = 0, reason = '', message = '', cursor, done, total, runningMs } = outcome
  const numbers = [done, total, runningMs === undefined ? undefined : Math.round(runningMs)]
  return [how, unit.id, unit.fencingToken, delayMs, reason, message, cursor ?? '', ...numbers.map((one) => one ?? '')]
}
