import type { Clock } from '../../domain/clock.ts'
import { OpsError } from '../../domain/errors.ts'
import type { Jobs } from '../jobs/create-jobs.ts'
import type { Job } from '../jobs/definition.ts'
import type { Enqueued, EnqueueOptions } from '../jobs/producer.ts'
import { parseJob } from '../layout/job-text.ts'
import { systemClock } from '../system-clock.ts'
import { ask, type Database, type Dialect, NOW, type Row, type SqlWriter, sqlWriter, Verbatim } from './database.ts'
import { Relay } from './relay.ts'
import type { RelayOptions } from './relay-options.ts'
import { DEFAULT_TABLE, requireTable, schemaSql } from './schema.ts'

export interface OutboxOptions {
  /** The runtime that the staged jobs belong to; only a relay connects it to Redis. */
  readonly jobs: Jobs
  readonly dialect: Dialect
  /** Lower case, with or without a schema before it. (Default: `sluice_outbox`) */
  readonly table?: string
  /**
   * PostgreSQL: every transaction that stages something also says `NOTIFY <channel>`, for relays that listen.
   * The channel is the table's name with `_` for a dot. (Default: false)
   */
  readonly notify?: boolean
  /** For tests. (Default: this machine's) */
  readonly clock?: Clock
}

/** What screens show of an outbox. */
export interface OutboxStats {
  /** Staged and committed, not yet in Redis. */
  readonly waiting: number
  /** Age of the one waiting longest, ms, by the database's clock; null when none waits. */
  readonly oldestAgeMs: number | null
  /** Given up after their attempts: for a person to look at. */
  readonly parked: number
}

export interface ParkedRow {
  readonly id: string
  readonly queue: string
  readonly job: string
  readonly attempts: number
  readonly error: string
  readonly stagedAtMs: number
}

/** Rows of one `INSERT`: well below the 999 parameters of older SQLite. */
const INSERT_ROWS = 90
const PARKED_SHOWN = 100

/**
 * Jobs staged in the application's own database, in the same transaction as its other writes: they are enqueued if, and
 * only if, it commits. A relay moves them to Redis.
 */
export class Outbox {
  readonly #jobs: Jobs
  readonly #dialect: Dialect
  readonly #tableName: string
  readonly #table: Verbatim
  readonly #now: Verbatim
  readonly #sql: SqlWriter
  readonly #notify: boolean
  readonly #clock: Clock

  constructor({ jobs, dialect, table = DEFAULT_TABLE, notify = false, clock = systemClock }: OutboxOptions) {
    requireTable(table)
    if (notify && dialect !== 'postgres') throw new OpsError('invalid', 'createOutbox', 'notify: only PostgreSQL can')
    this.#jobs = jobs
    this.#dialect = dialect
    this.#tableName = table
    this.#table = new Verbatim(table)
    this.#now = NOW[dialect]
    this.#sql = sqlWriter(dialect)
    this.#notify = notify
    this.#clock = clock
  }

  /** For the driver's `exec`, or for a migration file: several statements; may be run again. */
  schemaSql(): string {
    return schemaSql(this.#dialect, this.#tableName)
  }

  /** What a relay listens to when `notify` is set. */
  get channel(): string {
    return this.#tableName.replace('.', '_')
  }

  /**
   * Stages one unit in the transaction `tx`. The id is allocated here, so other rows of the transaction can carry it.
   * One that the caller gives is taken once in its queue for as long as the row is kept (also after it was sent): then
   * `isNew` is false and nothing changes. `delayMs` counts from now, by this program's clock.
   * Rejects with OpsError `invalid` as `jobs.enqueue` does, and with whatever the driver throws.
   */
  async enqueue<Args>(tx: Database, job: Job<Args>, args: Args, options: EnqueueOptions = {}): Promise<Enqueued> {
    const row = this.#row(job, args, options)
    const added = await this.#insert(tx, [row])
    return { id: row.id, isNew: added.has(row.id) }
  }

  /** Stages many units of one job, in their order. Rejects as `enqueue` does; then roll back: some may be staged. */
  async enqueueMany<Args>(
    tx: Database,
    job: Job<Args>,
    units: readonly Args[],
    options: Omit<EnqueueOptions, 'id'> = {},
  ): Promise<readonly Enqueued[]> {
    const rows = units.map((args) => this.#row(job, args, options))
    for (let from = 0; from < rows.length; from += INSERT_ROWS) {
      await this.#insert(tx, rows.slice(from, from + INSERT_ROWS))
    }
    return rows.map(({ id }) => ({ id, isNew: true }))
  }

  /** Moves rows to Redis; does nothing before `start`. Throws OpsError `invalid`. */
  relay(options: RelayOptions): Relay {
    return new Relay({ jobs: this.#jobs, dialect: this.#dialect, table: this.#tableName }, options)
  }

  /** Reads an index of what waits: quick while the relay keeps up. Rejects with whatever the driver throws. */
  async stats(database: Database): Promise<OutboxStats> {
    const count = (state: string) => new Verbatim(`(SELECT count(*) FROM ${this.#tableName} WHERE state = '${state}')`)
    const [row] = await ask(
      database,
      this.#sql`SELECT ${count('waiting')} AS waiting, ${count('parked')} AS parked,
      (SELECT ${this.#now} - staged_at_ms FROM ${this.#table} WHERE state = 'waiting' ORDER BY seq LIMIT 1) AS oldest_age_ms`,
    )
    const age = row?.oldest_age_ms ?? null
    const oldestAgeMs = age === null ? null : Math.max(0, Number(age))
    return { waiting: Number(row?.waiting), parked: Number(row?.parked), oldestAgeMs }
  }

  /** What was given up, the oldest first, at most 100. Rejects with whatever the driver throws. */
  async parked(database: Database): Promise<readonly ParkedRow[]> {
    const rows = await ask(
      database,
      this.#sql`SELECT id, queue, job, attempts, error, staged_at_ms FROM ${this.#table}
      WHERE state = 'parked' ORDER BY seq LIMIT ${new Verbatim(String(PARKED_SHOWN))}`,
    )
    return rows.map(parkedRow)
  }

  /** Lets parked units be tried again, with all their attempts. @returns how many there were */
  async retry(database: Database, queue: string, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0
    const rows = await ask(
      database,
      this.#sql`UPDATE ${this.#table} SET state = 'waiting', attempts = 0, try_at_ms = 0
      WHERE state = 'parked' AND queue = ${queue} AND id IN ${[...ids]} RETURNING seq`,
    )
    return rows.length
  }

  /** Removes parked units for good. @returns how many there were */
  async discard(database: Database, queue: string, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0
    const rows = await ask(
      database,
      this.#sql`DELETE FROM ${this.#table}
      WHERE state = 'parked' AND queue = ${queue} AND id IN ${[...ids]} RETURNING seq`,
    )
    return rows.length
  }

  #row<Args>(job: Job<Args>, args: Args, options: EnqueueOptions): NewRow {
    const { delayMs, atMs, id: _id, queue: _queue, ...rest } = options
    const { id, queue, text } = this.#jobs.prepare(job, args, options)
    const parsed = parseJob(`0\n${text}`)
    if (parsed === null) throw new OpsError('invalid', 'enqueue', `job "${job.name}": cannot be staged`)
    const dueAtMs = delayMs === undefined ? (atMs ?? null) : this.#clock.nowMs() + delayMs
    const { name, kind, version, argsJson, trace } = parsed
    return {
      id,
      values: [
        id,
        queue,
        name,
        kind,
        version,
        argsJson,
        JSON.stringify(trace === null ? rest : { ...rest, trace }),
        dueAtMs && Math.round(dueAtMs),
        this.#now,
      ],
    }
  }

  /** @returns the ids that were not there before */
  async #insert(tx: Database, rows: readonly NewRow[]): Promise<ReadonlySet<string>> {
    const columns = new Verbatim('(id, queue, job, kind, version, args, options, due_at_ms, staged_at_ms)')
    const added = await ask(
      tx,
      this.#sql`INSERT INTO ${this.#table} ${columns}
      VALUES ${rows.map(({ values }) => values)} ON CONFLICT (queue, id) DO NOTHING RETURNING id`,
    )
    if (this.#notify) await ask(tx, this.#sql`SELECT pg_notify(${this.channel}, '')`)
    return new Set(added.map(({ id }) => String(id)))
  }
}

interface NewRow {
  readonly id: string
  readonly values: readonly unknown[]
}

function parkedRow(row: Row): ParkedRow {
  return {
    id: String(row.id),
    queue: String(row.queue),
    job: String(row.job),
    attempts: Number(row.attempts),
    error: String(row.error),
    stagedAtMs: Number(row.staged_at_ms),
  }
}

/** An outbox in one table of one database. Throws OpsError `invalid`; touches nothing yet. */
export function createOutbox(options: OutboxOptions): Outbox {
  return new Outbox(options)
}
