import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock } from '../../domain/clock.ts'
import { OpsError } from '../../domain/errors.ts'
import { fleetBase, nudgeChannel, queueBase, wakeChannel } from '../layout/keys.ts'
import type { Chance } from '../system-clock.ts'
import type { Connection } from './connection.ts'
import { type Job, requireName } from './definition.ts'
import { EventMap, type JobEvents } from './events.ts'
import { Heartbeat } from './heartbeat.ts'
import { CHECKPOINT } from './lua/checkpoint.ts'
import { Performer } from './performer.ts'
import { type Outcome, Pump } from './pump.ts'
import type { Schedule } from './schedule.ts'
import { Scheduler } from './scheduler.ts'
import { type WorkerLimits, workerLimits } from './settings.ts'
import { Slots } from './slots.ts'
import type { Unit } from './unit.ts'

export interface WorkerOptions extends Partial<WorkerLimits> {
  /** Queues to take from, in turn. */
  readonly queues: readonly string[]
  /** Units held at once, over all queues. (Default: 10) */
  readonly concurrency?: number
  /**
   * `weighted`: of 13 turns at a queue 8 begin with the units of high priority, 4 with the normal, 1 with the low: nobody
   * starves. `strict`: a unit is taken when none of a higher priority waits. (Default: `weighted`)
   */
  readonly priorities?: 'weighted' | 'strict'
  /** Stops at these signals, once; the process is left to end by itself. (Default: none) */
  readonly stopOn?: readonly NodeJS.Signals[]
}

export interface WorkerParts {
  readonly prefix: string
  readonly connect: () => Connection
  readonly definitions: ReadonlyMap<string, Job<unknown>>
  /** All that are known; also those added after the worker was made. */
  readonly schedules: readonly Schedule[]
  readonly clock: Clock
  readonly chance: Chance
}

const CAPACITY_MAX = 10_000
/** For handing in the last results, when all work has ended. */
const FAREWELL_MS = 2_000

/** Takes units from queues and runs them. Made by `jobs.worker`; does nothing before `start`. */
export class Worker {
  /** `host:pid:hex`, unique. */
  readonly id = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`
  readonly #events: EventMap
  readonly #parts: WorkerParts
  readonly #limits: WorkerLimits
  readonly #slots: Slots
  readonly #scheduler: Scheduler
  readonly #pumps = new Map<string, Pump>()
  readonly #stopOn: readonly NodeJS.Signals[]
  #commands: Connection | null = null
  #nudges: Connection | null = null
  #phase: 'new' | 'running' | 'stopping' | 'stopped' = 'new'
  #heartbeat: Heartbeat | null = null
  #stopped: Promise<void> | null = null
  #onEmpty: (() => void) | null = null
  readonly #queues: readonly string[]
  readonly #isStrict: boolean

  constructor(
    parts: WorkerParts,
    { queues, concurrency = 10, priorities = 'weighted', stopOn = [], ...limits }: WorkerOptions,
  ) {
    if (queues.length === 0) throw new OpsError('invalid', 'worker', 'queues: expected at least one name')
    for (const queue of queues) requireName('queue', queue)
    if (!Number.isSafeInteger(concurrency) || concurrency < 1 || concurrency > CAPACITY_MAX) {
      throw new OpsError('invalid', 'worker', `concurrency: expected 1 to ${CAPACITY_MAX}, got ${concurrency}`)
    }
    this.#parts = parts
    this.#events = new EventMap(parts.clock)
    this.#scheduler = new Scheduler(parts.schedules)
    this.#limits = workerLimits(limits)
    this.#queues = [...new Set(queues)]
    this.#stopOn = stopOn
    this.#isStrict = priorities === 'strict'
    this.#slots = new Slots(concurrency, (queue) => this.#pumps.get(queue)?.kick())
  }

  /** Units in hand. */
  get busy(): number {
    return [...this.#pumps.values()].reduce((sum, pump) => sum + pump.held.size, 0)
  }

  /** Listens to what this worker does. @returns how to stop listening */
  on<Name extends keyof JobEvents>(name: Name, listener: (event: JobEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** Reports itself once and begins to take work. Rejects with OpsError when Redis cannot be reached; may be tried again. */
  async start(): Promise<void> {
    if (this.#phase !== 'new') throw new OpsError('invalid', 'start', `this worker is ${this.#phase}`)
    this.#phase = 'running'
    try {
      this.#commands = this.#parts.connect()
      await this.#commands.call('SADD', `${fleetBase(this.#parts.prefix)}queues`, ...this.#queues)
      this.#heartbeat = this.#beating(this.#commands)
      await this.#heartbeat.report()
    } catch (error) {
      this.#commands?.close()
      this.#phase = 'new'
      throw error
    }
    const performer = this.#performing(this.#commands)
    for (const queue of this.#queues) this.#pumps.set(queue, this.#pump(queue, this.#commands, performer))
    this.#followNudges()
    this.#heartbeat.start()
    for (const signal of this.#stopOn) process.once(signal, this.#onSignal)
    for (const pump of this.#pumps.values()) pump.kick()
  }

  /**
   * Stops: takes nothing more, lets work in hand end for up to `graceMs`, puts back at the front what has not. Resolves
   * when all is handed in and the connections are closed. May be called again; never rejects.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  readonly #onSignal = () => void this.stop()

  async #stop(): Promise<void> {
    const wasRunning = this.#phase === 'running'
    this.#phase = 'stopping'
    for (const signal of this.#stopOn) process.off(signal, this.#onSignal)
    if (wasRunning) {
      for (const pump of this.#pumps.values()) {
        pump.stopClaiming()
        for (const unit of pump.held.values()) unit.interrupt('shutdown')
      }
      await within(this.#limits.graceMs, this.#whenEmpty())
      for (const pump of this.#pumps.values()) this.#giveBack(pump)
      await within(FAREWELL_MS, Promise.all([...this.#pumps.values()].map((pump) => pump.whenHandedIn())))
      await this.#heartbeat?.stop()
    }
    this.#phase = 'stopped'
    for (const pump of this.#pumps.values()) pump.close()
    this.#commands?.close()
    this.#nudges?.close()
  }

  #pump(queue: string, connection: Connection, performer: Performer): Pump {
    const { prefix, clock, chance } = this.#parts
    return new Pump({
      ...{ queue, base: queueBase(prefix, queue), worker: this.id, connection, clock, chance },
      ...{
        slots: this.#slots,
        limits: this.#limits,
        events: this.#events,
        isStrict: this.#isStrict,
        onClaim: (unit) => void performer.perform(unit),
      },
    })
  }

  #beating(commands: Connection): Heartbeat {
    const { prefix, clock, chance } = this.#parts
    return new Heartbeat(
      {
        ...{ worker: this.id, prefix, queues: this.#queues, capacity: this.#slots.capacity, limits: this.#limits },
        ...{ clock, chance, events: this.#events, pumps: this.#pumps, scheduler: this.#scheduler },
        isRunning: () => this.#phase === 'running',
        lose: (pump, unit) => this.#lose(pump, unit),
      },
      commands,
    )
  }

  #performing(commands: Connection): Performer {
    const { prefix, definitions, clock, chance } = this.#parts
    const { leaseMs } = this.#limits
    return new Performer({
      ...{ definitions, clock, chance, events: this.#events },
      checkpoint: ({ queue, id, fencingToken }, words) =>
        commands.run(CHECKPOINT, queueBase(prefix, queue), [id, fencingToken, leaseMs, ...words]),
      handIn: (unit, outcome) => this.#handIn(unit, outcome),
      lose: (unit) => {
        const pump = this.#pumps.get(unit.queue)
        if (pump) this.#lose(pump, unit)
      },
    })
  }

  #handIn(unit: Unit, outcome: Outcome): void {
    this.#pumps.get(unit.queue)?.handIn(unit, outcome)
    if (this.#onEmpty !== null && this.busy === 0) this.#onEmpty()
  }

  #whenEmpty(): Promise<void> {
    if (this.busy === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onEmpty = resolve
    })
  }

  /** At the end of the grace: another worker may begin at once, and what still runs here has no say any more. */
  #giveBack(pump: Pump): void {
    for (const unit of [...pump.held.values()]) {
      pump.handIn(unit, { how: 'release', ...unit.progress?.() })
      unit.lose()
      const { queue, job, id } = unit
      this.#events.emit('interrupted', { queue, job, id, reason: 'shutdown' })
    }
  }

  #followNudges(): void {
    const nudges = this.#parts.connect()
    this.#nudges = nudges
    const { prefix } = this.#parts
    const all = new Map([...this.#pumps].map(([queue, pump]) => [nudgeChannel(prefix, queue), pump]))
    const own = new Map([...this.#pumps].map(([queue, pump]) => [wakeChannel(prefix, queue, this.id), pump]))
    // Only nudges: without them each queue is looked at every `pollMs`.
    nudges
      .follow([...all.keys(), ...own.keys()], (channel) => {
        own.get(channel)?.wake()
        const pump = all.get(channel)
        pump?.kick()
        if (pump) this.#hurry(pump)
      })
      .catch((error) => this.#phase !== 'stopped' && this.#events.emit('fault', { op: 'subscribe', error }))
  }

  /** A control has changed: iterations learn it after their item, and the dashboard that it arrived. */
  #hurry(pump: Pump): void {
    for (const unit of pump.held.values()) unit.hurry()
    this.#heartbeat?.hurry()
  }

  #lose(pump: Pump, unit: Unit): void {
    if (pump.held.get(unit.id) !== unit) return
    pump.lose(unit)
    const { queue, job, id, startedMs } = unit
    this.#events.emit('lost', { queue, job, id, lateMs: this.#parts.clock.monotonicMs() - startedMs })
    if (this.#onEmpty !== null && this.busy === 0) this.#onEmpty()
  }
}

/** Resolves when the work has ended, or after `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
