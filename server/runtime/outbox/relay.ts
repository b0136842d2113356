import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, OpsError } from '../../domain/errors.ts'
import { backoffMs } from '../jobs/backoff.ts'
import type { Jobs } from '../jobs/create-jobs.ts'
import { nameFault } from '../layout/keys.ts'
import type { Dialect } from './database.ts'
import { MOVE, SETTLE } from './lua/move.ts'
import { prepareRow, type ReadyRow } from './ready-row.ts'
import { REMEMBER_MS, type RelayOptions, type RelaySettings, relaySettings } from './relay-options.ts'
import { type StagedRow, StagedRows } from './staged-rows.ts'

/**
 * A batch may reach Redis only this long after its claim began, by the clock of Redis, and what was moved is remembered
 * there for longer than that after the database has it as sent. So a relay that was frozen at the worst moment, and whose
 * rows another has moved meanwhile, is refused or finds them remembered.
 */
const SEND_WITHIN_MS = 5_000
const CLEAN_EVERY_MS = 10_000
const CLEAN_ROWS = 500
/** The application's own code: a stop does not wait longer for it. */
const UNLISTEN_MS = 2_000
const FAULT_WAIT = { limit: 0, baseMs: 200, maxMs: 5_000 }
/** Bytes in one call: a script must not hold Redis up for long. */
const CALL_BYTES_MAX = 1_048_576

interface Batch {
  readonly queue: string
  readonly claim: string
  /** By the clock of that queue's Redis. */
  readonly notAfterMs: number
}

/**
 * Moves staged rows to Redis. Many may run, in one process or on many machines.
 *
 *     look ─► for each queue: ask Redis for its time ─► claim rows ─► move ─► mark as sent ─► settle
 *                             └ no answer: the queue is left alone for a while; nothing was claimed
 */
export class Relay {
  readonly #jobs: Jobs
  readonly #rows: StagedRows
  readonly #settings: RelaySettings
  readonly #id = randomBytes(9).toString('base64url')
  /** Queues whose Redis did not answer → when to try again, monotonic ms. */
  readonly #resting = new Map<string, number>()
  #batches = 0
  #faults = 0
  #cleanAtMs = 0
  #isStopping = false
  #wasNudged = false
  #wake: (() => void) | null = null
  #running: Promise<void> | null = null

  constructor(
    parts: { readonly jobs: Jobs; readonly dialect: Dialect; readonly table: string },
    options: RelayOptions,
  ) {
    this.#jobs = parts.jobs
    this.#rows = new StagedRows(options.database, parts.dialect, parts.table)
    this.#settings = relaySettings(options)
  }

  /** Begins to move rows. Database or Redis need not be there yet: it tells of faults by events and goes on trying. */
  start(): void {
    if (this.#running !== null) throw new OpsError('invalid', 'start', 'this relay was started before')
    this.#running = this.#run()
  }

  /** Ends after the batch in hand. May be called again; never rejects. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#wake?.()
    await this.#running
  }

  /** Looks now: something may have been staged. */
  nudge(): void {
    this.#wasNudged = true
    this.#wake?.()
  }

  async #run(): Promise<void> {
    const listening = this.#listen()
    while (!this.#isStopping) {
      this.#wasNudged = false
      try {
        const moved = await this.#round()
        await this.#clean()
        this.#faults = 0
        if (moved === 0) await this.#wait(this.#settings.pollMs * (0.75 + 0.5 * this.#settings.chance()))
      } catch (error) {
        this.#tellFault('relay', error)
        this.#faults += 1
        await this.#wait(backoffMs(FAULT_WAIT, this.#faults, this.#settings.chance))
      }
    }
    const unlistening = listening.then((unlisten) => unlisten()).catch((error) => this.#tellFault('unlisten', error))
    await Promise.race([unlistening, delay(UNLISTEN_MS, undefined, { ref: false })])
  }

  /** Only for nudges: without them the table is looked at every `pollMs`. @returns how to stop; never rejects */
  async #listen(): Promise<() => Promise<void>> {
    try {
      const unlisten = await this.#settings.listen?.(() => this.nudge())
      return async () => void (await unlisten?.())
    } catch (error) {
      this.#tellFault('listen', error)
      return async () => {}
    }
  }

  /** @returns rows that were sent */
  async #round(): Promise<number> {
    const nowMs = this.#settings.clock.monotonicMs()
    for (const [queue, untilMs] of this.#resting) if (untilMs <= nowMs) this.#resting.delete(queue)
    let sent = 0
    for (const queue of await this.#rows.queuesWaiting([...this.#resting.keys()])) {
      if (this.#isStopping) break
      sent += await this.#moveFrom(queue)
    }
    return sent
  }

  async #moveFrom(queue: string): Promise<number> {
    // A name that cannot be a queue's never gets to Redis: its rows fail below.
    const nowMs = nameFault(queue) === null ? await this.#askTime(queue) : 0
    const claim = `${this.#id}.${(this.#batches++).toString(36)}`
    const rows = await this.#rows.claim(queue, { claim, count: this.#settings.batch, leaseMs: this.#settings.leaseMs })
    const batch = { queue, claim, notAfterMs: nowMs + SEND_WITHIN_MS }
    const ready: ReadyRow[] = []
    for (const row of rows) {
      try {
        ready.push(prepareRow(this.#jobs, row))
      } catch (error) {
        await this.#fail(row, claim, error)
      }
    }
    let sent = 0
    for (let from = 0; from < ready.length; ) {
      const some = ready.slice(from, from + lengthWithin(ready, from))
      try {
        sent += await this.#send(batch, some)
      } catch (error) {
        await this.#rows.release(
          ready.slice(from).map(({ row }) => row),
          claim,
        )
        throw error
      }
      from += some.length
    }
    return sent
  }

  /** Before anything is claimed: while Redis is away, rows only wait, and no attempt is used up. */
  async #askTime(queue: string): Promise<number> {
    try {
      const [nowMs] = (await this.#jobs.run(MOVE, queue, [0, 0])) as readonly [number]
      return nowMs
    } catch (error) {
      const restMs = backoffMs(FAULT_WAIT, this.#faults + 1, this.#settings.chance)
      this.#resting.set(queue, this.#settings.clock.monotonicMs() + restMs)
      throw error
    }
  }

  async #send(batch: Batch, ready: readonly ReadyRow[]): Promise<number> {
    try {
      return await this.#move(batch, ready)
    } catch (error) {
      if (!isOfTheRow(error)) throw error
      const [only] = ready
      if (ready.length === 1 && only) {
        await this.#fail(only.row, batch.claim, error)
        return 0
      }
      // Something in this batch is not taken. Alone, it is found, and the others go.
      let sent = 0
      for (const one of ready) sent += await this.#send(batch, [one])
      return sent
    }
  }

  async #move({ queue, notAfterMs }: Batch, ready: readonly ReadyRow[]): Promise<number> {
    const words = ready.flatMap(({ row, words }) => [row.id, words.length, ...words])
    const reply = (await this.#jobs.run(MOVE, queue, [notAfterMs, ready.length, ...words])) as readonly number[]
    if (reply.length !== ready.length + 1)
      throw new OpsError('timeout', 'move', `queue "${queue}": the claim was too old`)
    await this.#rows.markSent(ready.map(({ row }) => row))
    const again = reply.filter((how, n) => n > 0 && how !== 1).length
    this.#settings.onEvent({ what: 'sent', queue, units: ready.length, again })
    // Should this fail, the cleaning of the rows does it.
    await this.#jobs.run(SETTLE, queue, [REMEMBER_MS, ready.length, ...ready.map(({ row }) => row.id)])
    return ready.length
  }

  async #fail(row: StagedRow, claim: string, thrown: unknown): Promise<void> {
    const { queue, id } = row
    const error = messageOf(thrown).slice(0, 500)
    const failures = row.attempts + 1
    const delayMs =
      failures > this.#settings.retries.limit
        ? null
        : backoffMs(this.#settings.retries, failures, this.#settings.chance)
    await this.#rows.fail(row, claim, { error, delayMs })
    if (delayMs === null) this.#settings.onEvent({ what: 'parked', queue, id, error })
    else this.#settings.onEvent({ what: 'failed', queue, id, error, delayMs })
  }

  /** A row goes only after Redis has forgotten its unit: what is left behind by crashes is found here. */
  async #clean(): Promise<void> {
    if (this.#settings.clock.monotonicMs() < this.#cleanAtMs) return
    const old = await this.#rows.sentBefore(this.#settings.keepSentMs, CLEAN_ROWS)
    for (const queue of new Set(old.map((row) => row.queue))) {
      const rows = old.filter((row) => row.queue === queue)
      await this.#jobs.run(SETTLE, queue, [0, rows.length, ...rows.map(({ id }) => id)])
      await this.#rows.remove(rows)
    }
    if (old.length > 0) this.#settings.onEvent({ what: 'cleaned', rows: old.length })
    if (old.length < CLEAN_ROWS) this.#cleanAtMs = this.#settings.clock.monotonicMs() + CLEAN_EVERY_MS
  }

  #wait(ms: number): Promise<void> {
    if (this.#isStopping || this.#wasNudged) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), ms)
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = null
        resolve()
      }
    })
  }

  #tellFault(op: string, error: unknown): void {
    this.#settings.onEvent({ what: 'fault', op, error })
  }
}

/** How many rows from `from` on fit into one call, at least one. */
function lengthWithin(ready: readonly ReadyRow[], from: number): number {
  let bytes = 0
  const over = ready.findIndex((one, n) => {
    if (n < from) return false
    bytes += one.bytes
    return n > from && bytes > CALL_BYTES_MAX
  })
  return over < 0 ? ready.length - from : over - from
}

/** Redis said no to these very units; in other words: it would say yes to others. */
function isOfTheRow(error: unknown): boolean {
  if (!(error instanceof OpsError) || error.code !== 'refused' || error.op !== MOVE.name) return false
  return !/\b(OOM|READONLY|MISCONF|NOREPLICAS|NOPERM|NOAUTH|WRONGPASS|MOVED|ASK|CROSSSLOT|TRYAGAIN)\b/.test(
    error.message,
  )
}
