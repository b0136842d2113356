import type { Clock } from '../../domain/clock.ts'
import { OpsError } from '../../domain/errors.ts'
import { DEFAULT_PREFIX } from '../layout/keys.ts'
import { type Chance, systemChance, systemClock } from '../system-clock.ts'
import { Connection, type RedisTarget } from './connection.ts'
import { type Definition, defineJob, type Job, type PlainDefinition, requireName } from './definition.ts'
import type { IteratingDefinition } from './iterating.ts'
import { type BatchCalls, type Enqueued, type EnqueueOptions, type Prepared, Producer } from './producer.ts'
import { compileSchedule, type Schedule, type ScheduleOptions } from './schedule.ts'
import type { Script } from './script.ts'
import { Worker, type WorkerOptions } from './worker.ts'

export interface JobsOptions {
  /** Redis ≥ 6.2: a URL, or a function that opens a client of your own. */
  readonly redis: RedisTarget
  /** What all keys begin with. (Default: `sluice`) */
  readonly prefix?: string
  /** Largest arguments of one unit, bytes of JSON. (Default: 262,144) */
  readonly payloadBytesMax?: number
  /** The W3C `traceparent` in force where something is enqueued; asked each time. (Default: none) */
  readonly traceparent?: () => string | undefined
  /** For tests. (Default: this machine's) */
  readonly clock?: Clock
  readonly chance?: Chance
}

/** Units on their way at once when many are added. */
const AT_ONCE = 5_000
const PAYLOAD_BYTES_MAX = 262_144

/** The job runtime of one Redis: define jobs, enqueue units of them, and make workers that run them. */
export class Jobs {
  readonly #options: JobsOptions
  readonly #prefix: string
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #definitions = new Map<string, Job<unknown>>()
  readonly #workers: Worker[] = []
  readonly #schedules: Schedule[] = []
  #connection: Connection | null = null
  #producer: Producer | null = null

  constructor(options: JobsOptions) {
    this.#options = options
    this.#prefix = options.prefix ?? DEFAULT_PREFIX
    requireName('prefix', this.#prefix)
    this.#clock = options.clock ?? systemClock
    this.#chance = options.chance ?? systemChance
  }

  /** Makes a job known, to be enqueued and to be run by this program's workers. Throws OpsError `invalid`. */
  define<Args>(definition: PlainDefinition<Args>): Job<Args>
  define<Args, Item, Cursor>(definition: IteratingDefinition<Args, Item, Cursor>): Job<Args>
  define<Args, Item, Cursor>(definition: PlainDefinition<Args> | IteratingDefinition<Args, Item, Cursor>): Job<Args> {
    // `each` gets only what `items` of the same definition gave, whatever the types between say.
    const job = defineJob(definition as Definition<Args>)
    if (this.#definitions.has(job.name)) throw new OpsError('invalid', 'define', `job "${job.name}" is defined twice`)
    // A worker gives each definition only what its own `args` returned.
    this.#definitions.set(job.name, job as unknown as Job<unknown>)
    return job
  }

  /**
   * Adds one unit. Resolves when Redis has it (as durable as Redis is configured to be).
   * Rejects with OpsError: `invalid`: nothing was sent; `timeout`, `unreachable`: nobody knows whether it was added, and
   * to try again with the same `id` adds it at most once while the first is still there.
   */
  enqueue<Args>(job: Job<Args>, args: Args, options: EnqueueOptions = {}): Promise<Enqueued> {
    return this.#produce().enqueue(job, args, options)
  }

  /**
   * Adds many units of one job, 500 in each call, in their order. Rejects at the first that cannot be added; others may
   * have been.
   */
  async enqueueMany<Args>(
    job: Job<Args>,
    units: readonly Args[],
    options: Omit<EnqueueOptions, 'id'> = {},
  ): Promise<readonly Enqueued[]> {
    const producer = this.#produce()
    const added: Enqueued[] = []
    for (let from = 0; from < units.length; from += AT_ONCE) {
      const some = units.slice(from, from + AT_ONCE).map((args) => producer.enqueue(job, args, options))
      for (const one of await Promise.all(some)) added.push(one)
    }
    return added
  }

  /**
   * Adds units of one job that belong together; when they have ended, what `calls` name is enqueued in the same queue: a
   * fan-out with a real "all done". When it rejects on the way the batch stays open: not all its units were added, and
   * `onSuccess` and `onComplete` never come.
   * @returns the batch's id
   */
  async enqueueBatch<Args>(
    job: Job<Args>,
    units: readonly Args[],
    calls: BatchCalls,
    options: Omit<EnqueueOptions, 'id' | 'unique'> = {},
  ): Promise<string> {
    const batch = await this.#produce().openBatch(options.queue ?? job.queue, units.length, calls)
    await this.enqueueMany(job, units, { ...options, batch } as EnqueueOptions)
    return batch
  }

  /**
   * Enqueues a unit of this job at each moment of a cron expression, in the job's queue. Workers of that queue made here
   * see to it from now on; an occurrence fires once, however many they are. What fell due while nobody was there comes
   * late, at most once or what lay within ten seconds. Throws OpsError `invalid`.
   */
  schedule<Args>(job: Job<Args>, args: Args, options: ScheduleOptions): void {
    const { queue, text, words } = this.prepare(job, args, { tags: options.tags ?? [] })
    if (this.#schedules.some((one) => one.name === options.name && one.queue === queue)) {
      throw new OpsError('invalid', 'schedule', `schedule "${options.name}" is defined twice in queue "${queue}"`)
    }
    this.#schedules.push(compileSchedule(options, { queue, text, more: words.at(-1) ?? '' }))
  }

  /**
   * What `enqueue` would add, checked in the same way, for parts of the runtime that keep it for a while (the outbox).
   * Sends nothing. Throws OpsError `invalid`.
   */
  prepare<Args>(job: Job<Args>, args: Args, options: EnqueueOptions = {}): Prepared {
    return this.#produce().prepare(job, args, options)
  }

  /** Runs a script of the runtime's own at a queue, for parts that keep their state beside its jobs. Rejects with OpsError. */
  run(script: Script, queue: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#produce().run(script, queue, args)
  }

  /** A worker for jobs defined here; it does nothing before `start`. Throws OpsError `invalid`. */
  worker(options: WorkerOptions): Worker {
    const connect = () => new Connection(this.#options.redis, this.#chance)
    const parts = { prefix: this.#prefix, connect, definitions: this.#definitions, schedules: this.#schedules }
    const worker = new Worker({ ...parts, clock: this.#clock, chance: this.#chance }, options)
    this.#workers.push(worker)
    return worker
  }

  /** Stops all workers made here, then closes the connection. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
    this.#connection?.close()
  }

  #produce(): Producer {
    const connection = () => {
      this.#connection ??= new Connection(this.#options.redis, this.#chance)
      return this.#connection
    }
    const { payloadBytesMax = PAYLOAD_BYTES_MAX, traceparent = () => undefined } = this.#options
    this.#producer ??= new Producer(connection, { prefix: this.#prefix, payloadBytesMax, traceparent })
    return this.#producer
  }
}

/** Opens the job runtime; connects when it is first used. */
export function createJobs(options: JobsOptions): Jobs {
  return new Jobs(options)
}
