import { hostname } from 'node:os'
import type { Clock } from '../../domain/clock.ts'
import { fleetBase, queueBase } from '../layout/keys.ts'
import { encodeBeat } from '../layout/worker-beat.ts'
import type { Chance } from '../system-clock.ts'
import type { Connection } from './connection.ts'
import type { EventMap } from './events.ts'
import { BEAT, REPORT } from './lua/beat.ts'
import type { Pump } from './pump.ts'
import type { Scheduler } from './scheduler.ts'
import type { WorkerLimits } from './settings.ts'
import type { Unit } from './unit.ts'

export interface HeartbeatParts {
  readonly worker: string
  readonly prefix: string
  readonly queues: readonly string[]
  readonly capacity: number
  readonly limits: WorkerLimits
  readonly clock: Clock
  readonly chance: Chance
  readonly events: EventMap
  readonly pumps: ReadonlyMap<string, Pump>
  readonly scheduler: Scheduler
  readonly isRunning: () => boolean
  /** The lease of this unit is gone. */
  readonly lose: (pump: Pump, unit: Unit) => void
}

/** Of this runtime, as workers report it. */
const RUNTIME_VERSION = '1'
const REPORT_TTL_MS = 60_000
/** A control is confirmed at a beat: whatever the lease, one comes at least this often. */
const BEAT_MS_MAX = 2_000
/** What many workers were told at once they do not confirm all at once. */
const HURRY_MS = 50

/**
 * A worker's sign of life: renews its leases, takes back those of the vanished, reports what it is and which controls it
 * has read, and places what schedules ask for.
 */
export class Heartbeat {
  readonly #parts: HeartbeatParts
  readonly #commands: Connection
  readonly #everyMs: number
  readonly #obeys: Record<string, number> = {}
  #timer: NodeJS.Timeout | undefined
  #watchTimer: NodeJS.Timeout | undefined
  #isHurrying = false
  #isStopped = false

  constructor(parts: HeartbeatParts, commands: Connection) {
    this.#parts = parts
    this.#commands = commands
    this.#everyMs = Math.min(BEAT_MS_MAX, parts.limits.leaseMs / 3)
  }

  /** The first beat comes at once: schedules are placed with it. */
  start(): void {
    this.#beatIn(0)
    this.#watch()
  }

  /** Stops beating and tells that the worker has left. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#watchTimer)
    const { worker, prefix, events } = this.#parts
    try {
      await this.#commands.run(REPORT, fleetBase(prefix), [worker, REPORT_TTL_MS, 0])
    } catch (error) {
      events.emit('fault', { op: 'farewell', error })
    }
  }

  /** Something is to be confirmed soon: a control has changed. */
  hurry(): void {
    if (!this.#parts.isRunning() || this.#isHurrying) return
    this.#isHurrying = true
    this.#beatIn(this.#parts.chance() * HURRY_MS)
  }

  /** What this worker is and has read. Rejects with OpsError. */
  async report(): Promise<void> {
    const { worker, prefix, queues, capacity, clock, pumps, isRunning } = this.#parts
    const held = [...pumps.values()]
    const lastStartAtMs = Math.max(0, ...held.map((pump) => pump.lastStartAtMs ?? 0))
    const fields = encodeBeat({
      ...{ host: hostname(), pid: process.pid, version: RUNTIME_VERSION, serves: queues, capacity },
      ...{ busy: held.reduce((sum, pump) => sum + pump.held.size, 0), phase: isRunning() ? 'running' : 'stopping' },
      ...{ ownClockMs: Math.round(clock.nowMs()), obeys: this.#obeys, obeysAt: 'claim' },
      lastStartAtMs: lastStartAtMs || null,
    })
    await this.#commands.run(REPORT, fleetBase(prefix), [worker, REPORT_TTL_MS, fields.length, ...fields])
  }

  #beatIn(ms: number): void {
    if (this.#isStopped) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#isHurrying = false
      void this.#beat().finally(() => this.#beatIn(this.#isHurrying ? HURRY_MS : this.#everyMs))
    }, ms)
  }

  /** Sees whatever keeps the event loop, also while a beat waits for Redis. */
  #watch(): void {
    const { clock, events } = this.#parts
    const dueMs = clock.monotonicMs() + this.#everyMs
    this.#watchTimer = setTimeout(() => {
      const lateMs = clock.monotonicMs() - dueMs
      if (lateMs > this.#everyMs) events.emit('stalled', { lateMs })
      this.#watch()
    }, this.#everyMs)
  }

  async #beat(): Promise<void> {
    const beats = [...this.#parts.pumps.values()].map((pump) => this.#renew(pump))
    this.#warnOfStuck()
    // The report last: it says what was just read.
    const results = [...(await Promise.allSettled(beats)), ...(await Promise.allSettled([this.report()]))]
    for (const result of results) {
      if (result.status === 'rejected' && !this.#isStopped) {
        this.#parts.events.emit('fault', { op: 'beat', error: result.reason })
      }
    }
  }

  /** All leases of one queue in one write. */
  async #renew(pump: Pump): Promise<void> {
    const { prefix, limits, events, scheduler, isRunning, lose } = this.#parts
    const { leaseMs, maxCrashes, deadCap, deadMaxAgeMs } = limits
    const units = [...pump.held.values()]
    const words = units.flatMap((unit) => [unit.id, unit.fencingToken])
    const args = [leaseMs, maxCrashes, deadCap, deadMaxAgeMs, units.length, ...words]
    const base = queueBase(prefix, pump.queue)
    const [nowMs, revision, back, lost] = (await this.#commands.run(BEAT, base, args)) as BeatReply
    this.#obeys[pump.queue] = revision
    if (back > 0) events.emit('recovered', { queue: pump.queue, units: back })
    for (const unit of units.filter(({ id }) => lost.includes(id))) lose(pump, unit)
    if (isRunning()) await scheduler.place(pump.queue, nowMs, (script, more) => this.#commands.run(script, base, more))
  }

  #warnOfStuck(): void {
    const { clock, limits, events, pumps } = this.#parts
    const nowMs = clock.monotonicMs()
    for (const unit of [...pumps.values()].flatMap((pump) => [...pump.held.values()])) {
      if (unit.lookedUpMs === null || nowMs - unit.lookedUpMs < limits.stuckMs) continue
      const { queue, job, id, lookedUpMs } = unit
      unit.lookedUpMs = null
      events.emit('stuck', { queue, job, id, sinceMs: nowMs - lookedUpMs })
    }
  }
}

type BeatReply = readonly [nowMs: number, revision: number, back: number, lost: readonly string[]]
