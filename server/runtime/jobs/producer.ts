import { randomBytes } from 'node:crypto'
import { OpsError } from '../../domain/errors.ts'
import { encodeJob, type JobKind, TAG_LENGTH_MAX, TAGS_MAX } from '../layout/job-text.ts'
import { fleetBase, queueBase } from '../layout/keys.ts'
import type { Connection } from './connection.ts'
import { type Job, requireName } from './definition.ts'
import { ENQUEUE, OPEN_BATCH } from './lua/enqueue.ts'
import type { Script } from './script.ts'
import { CALLS_MAX, type Call, encodeTies, type Ties } from './ties.ts'

export interface EnqueueOptions extends Ties {
  /** Unit id, ≤ 200 characters. Enqueuing one that is still there changes nothing. (Default: a new one) */
  readonly id?: string
  /** Another queue than the definition's. */
  readonly queue?: string
  /** At most 8, of at most 64 characters, no white space or braces: a control can hold back what carries one. */
  readonly tags?: readonly string[]
  /** W3C `traceparent` of what enqueues it: its worker can go on with that trace. (Default: `JobsOptions.traceparent`) */
  readonly trace?: string
  /** Not before this many ms from now, by the clock of Redis. */
  readonly delayMs?: number
  /** Not before this moment, Unix ms. Past = at once. Not together with `delayMs`. */
  readonly atMs?: number
}

export interface Enqueued {
  readonly id: string
  /** False: a unit with this id, or with its unique key (then `id` is that one's), was already there. */
  readonly isNew: boolean
}

/** What is enqueued when the units of a batch have ended, in the same queue. Each at most once. */
export interface BatchCalls {
  /** All have succeeded; also later, when an operator has brought the dead ones to success. */
  readonly onSuccess?: Call
  /** All have ended, some perhaps dead, discarded or cancelled. */
  readonly onComplete?: Call
  /** The first one is dead, discarded or cancelled. */
  readonly onDeath?: Call
}

/** A unit that was checked and is ready to be added: by `enqueue`, or later by who keeps it meanwhile. */
export interface Prepared {
  readonly id: string
  readonly queue: string
  /** As in `layout/job-text.ts`, without the first line. */
  readonly text: string
  /** Its part of the arguments of the script `ENQUEUE`. */
  readonly words: readonly string[]
  /** About, on the wire. */
  readonly bytes: number
}

interface Entry extends Omit<Prepared, 'queue'> {
  readonly resolve: (enqueued: Enqueued) => void
  readonly reject: (error: unknown) => void
}

/** Units and bytes in one call: a script must not hold Redis up for long. */
const BATCH_UNITS_MAX = 500
const BATCH_BYTES_MAX = 1_048_576

/** Units on their way from this process to one queue. */
const WAITING_MAX = 100_000
const TOO_MANY = `${WAITING_MAX} units wait to be sent; await some before enqueuing more`

interface ProducerOptions {
  readonly prefix: string
  readonly payloadBytesMax: number
  readonly traceparent: () => string | undefined
}

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/

/** Adds units to queues. What is enqueued in the same tick travels together. */
export class Producer {
  readonly #connection: () => Connection
  readonly #prefix: string
  readonly #payloadBytesMax: number
  readonly #waiting = new Map<string, Entry[]>()
  readonly #known = new Set<string>()
  readonly #idHead = randomBytes(9).toString('base64url')
  readonly #traceparent: () => string | undefined
  #idTail = 0

  /** @param connection asked for when something is sent: to prepare needs none */
  constructor(connection: () => Connection, { prefix, payloadBytesMax, traceparent }: ProducerOptions) {
    this.#connection = connection
    this.#prefix = prefix
    this.#payloadBytesMax = payloadBytesMax
    this.#traceparent = traceparent
  }

  /** Rejects with OpsError: `invalid` (arguments, names, sizes), else what Redis did; then nobody knows whether it was added. */
  enqueue<Args>(
    job: Job<Args>,
    args: Args,
    options: EnqueueOptions & { readonly batch?: string } = {},
  ): Promise<Enqueued> {
    const queue = options.queue ?? job.queue
    return new Promise((resolve, reject) => {
      const entry = { ...this.#entry(job, args, options), resolve, reject }
      const waiting = this.#waiting.get(queue)
      if (waiting) {
        if (waiting.length >= WAITING_MAX) throw new OpsError('refused', 'enqueue', `queue "${queue}": ${TOO_MANY}`)
        waiting.push(entry)
        return
      }
      if (options.queue !== undefined) requireName('queue', queue)
      this.#waiting.set(queue, [entry])
      queueMicrotask(() => void this.#flush(queue))
    })
  }

  /** What `enqueue` would add, checked in the same way; sends nothing. Throws OpsError `invalid`. */
  prepare<Args>(job: Job<Args>, args: Args, options: EnqueueOptions = {}): Prepared {
    const queue = options.queue ?? job.queue
    requireName('queue', queue)
    // Kept as JSON meanwhile, which knows no definitions.
    if (options.followedBy) throw invalid(job, 'followedBy: what is kept before it is enqueued can have no follow-ups')
    return { ...this.#entry(job, args, options), queue }
  }

  /** Opens a batch for so many units. Rejects with OpsError. @returns its id */
  async openBatch(queue: string, units: number, calls: BatchCalls): Promise<string> {
    const batch = this.#newId()
    const words = [calls.onSuccess, calls.onComplete, calls.onDeath].map((one) => (one ? this.#chain([one]) : ''))
    await this.run(OPEN_BATCH, queue, [batch, units, ...words])
    return batch
  }

  /** Runs a script at a queue. Rejects with OpsError. */
  async run(script: Script, queue: string, args: readonly (string | number)[]): Promise<unknown> {
    await this.#makeKnown(queue)
    return this.#connection().run(script, queueBase(this.#prefix, queue), args)
  }

  #entry<Args>(
    job: Job<Args>,
    args: Args,
    {
      id,
      tags = [],
      delayMs,
      atMs,
      followedBy = [],
      trace,
      batch,
      ...ties
    }: EnqueueOptions & { readonly batch?: string },
  ): Omit<Entry, 'resolve' | 'reject'> {
    if (id !== undefined) requireName('unit id', id)
    if (delayMs !== undefined && atMs !== undefined) throw invalid(job, 'give delayMs or atMs, not both')
    requireTags(job, tags)
    const unit = id ?? this.#newId()
    const text = this.#text(job, args, tags, trace)
    const iterates = kindOf(job) === 'iterating'
    const more = encodeTies({ ...ties, batch, chain: this.#chain(followedBy) }, iterates)
    const words = [unit, text, wholeMs(job, 'delayMs', delayMs), wholeMs(job, 'atMs', atMs), more]
    return { id: unit, text, words, bytes: text.length + more.length }
  }

  #newId(): string {
    return `${this.#idHead}${(this.#idTail++).toString(36)}`
  }

  #text<Args>(job: Job<Args>, args: Args, tags: readonly string[], trace = this.#traceparent()): string {
    const argsJson = this.#argsJson(job, args)
    if (trace !== undefined && !TRACEPARENT.test(trace)) {
      throw invalid(job, `trace: expected a W3C traceparent, got "${trace.slice(0, 80)}"`)
    }
    const basics = { name: job.name, tags: [...new Set(tags)], kind: kindOf(job), version: job.version }
    return encodeJob({ ...basics, trace: trace ?? null, argsJson })
  }

  /** As in `layout/lua/ties.ts`; '' = none. */
  #chain(calls: readonly Call[]): string {
    if (calls.length > CALLS_MAX)
      throw new OpsError('invalid', 'enqueue', `followedBy: at most ${CALLS_MAX} follow-ups`)
    if (calls.length === 0) return ''
    const encode = ({ job, args }: Call) => {
      const iterates = kindOf(job) === 'iterating' ? '1' : ''
      return [this.#newId(), this.#text(job, args, []), iterates]
    }
    return JSON.stringify(calls.map(encode))
  }

  #argsJson<Args>(job: Job<Args>, args: Args): string {
    let checked: Args
    try {
      checked = job.definition.args(args, job.version)
    } catch (cause) {
      throw invalid(job, `its arguments were refused: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
    }
    const json = JSON.stringify(checked) ?? 'null'
    const bytes = Buffer.byteLength(json)
    if (bytes > this.#payloadBytesMax) {
      throw invalid(job, `its arguments are ${bytes} bytes as JSON, the limit is ${this.#payloadBytesMax}: store them`)
    }
    return json
  }

  /** One call at a time for each queue: so units are added in the order in which they were enqueued. */
  async #flush(queue: string): Promise<void> {
    const waiting = this.#waiting.get(queue) ?? []
    while (waiting.length > 0) await this.#send(queue, waiting.splice(0, batchLength(waiting)))
    this.#waiting.delete(queue)
  }

  async #send(queue: string, batch: readonly Entry[]): Promise<void> {
    try {
      await this.#makeKnown(queue)
      const words = batch.flatMap((entry) => entry.words)
      const base = queueBase(this.#prefix, queue)
      const reply = (await this.#connection().run(ENQUEUE, base, [batch.length, ...words])) as readonly (
        | number
        | string
      )[]
      for (const [n, { id, resolve }] of batch.entries()) {
        const how = reply[n]
        resolve({ id: typeof how === 'string' ? how : id, isNew: how === 1 })
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  async #makeKnown(queue: string): Promise<void> {
    if (this.#known.has(queue)) return
    await this.#connection().call('SADD', `${fleetBase(this.#prefix)}queues`, queue)
    this.#known.add(queue)
  }
}

function batchLength(entries: readonly Entry[]): number {
  let bytes = 0
  for (const [n, entry] of entries.entries()) {
    bytes += entry.bytes
    if (n === BATCH_UNITS_MAX || (n > 0 && bytes > BATCH_BYTES_MAX)) return n
  }
  return entries.length
}

function kindOf<Args>({ definition }: Job<Args>): JobKind {
  return 'each' in definition ? 'iterating' : 'plain'
}

function requireTags<Args>(job: Job<Args>, tags: readonly string[]): void {
  if (tags.length > TAGS_MAX) throw invalid(job, `tags: at most ${TAGS_MAX}, got ${tags.length}`)
  for (const tag of tags) {
    requireName('tag', tag)
    if (tag.length > TAG_LENGTH_MAX) throw invalid(job, `tag "${tag}": longer than ${TAG_LENGTH_MAX} characters`)
  }
}

function wholeMs<Args>(job: Job<Args>, name: string, value: number | undefined): string {
  if (value === undefined) return ''
  if (!Number.isFinite(value) || value < 0 || value > Number.MAX_SAFE_INTEGER) {
    throw invalid(job, `${name}: expected ms from 0, got ${value}`)
  }
  return String(Math.round(value))
}

function invalid<Args>(job: Job<Args>, why: string, cause?: unknown): OpsError {
  return new OpsError('invalid', 'enqueue', `job "${job.name}": ${why}`, cause)
}
