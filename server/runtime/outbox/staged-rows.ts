import { askWithin, type Database, type Dialect, NOW, type Row, sqlWriter, Verbatim } from './database.ts'

/** A row that a relay has claimed, as it came from the database. */
export interface StagedRow {
  /** Only handed back to the database. */
  readonly seq: unknown
  readonly id: string
  readonly queue: string
  readonly job: string
  readonly kind: string
  readonly version: number
  readonly argsJson: string
  readonly optionsJson: string
  readonly dueAtMs: number | null
  readonly attempts: number
}

export interface SentRow {
  readonly seq: unknown
  readonly id: string
  readonly queue: string
}

/** Rows looked at to see which queues have some: bounds the cost of a look. */
const PEEK_ROWS = 1_000

/** No queue is called so: a list in SQL cannot be empty. */
const NO_QUEUE = '#'

/** What a relay does to the table. Each is one statement, so a Pool may carry them; all reject with OpsError. */
export class StagedRows {
  readonly #database: Database
  readonly #sql: ReturnType<typeof sqlWriter>
  readonly #now: Verbatim
  readonly #table: Verbatim
  readonly #lockRows: Verbatim

  constructor(database: Database, dialect: Dialect, table: string) {
    this.#database = database
    this.#sql = sqlWriter(dialect)
    this.#now = NOW[dialect]
    this.#table = new Verbatim(table)
    // SQLite has one writer at a time: a statement is already alone.
    this.#lockRows = new Verbatim(dialect === 'postgres' ? 'FOR UPDATE SKIP LOCKED' : '')
  }

  /** Queues of the oldest rows that could be moved now. Takes no locks. */
  async queuesWaiting(except: readonly string[]): Promise<readonly string[]> {
    const rows = await this.#ask(
      'peek',
      this.#sql`SELECT DISTINCT queue FROM (
      SELECT queue FROM ${this.#table} WHERE state = 'waiting' AND try_at_ms <= ${this.#now}
        AND queue NOT IN ${[NO_QUEUE, ...except]} ORDER BY seq LIMIT ${new Verbatim(String(PEEK_ROWS))}) AS waiting`,
    )
    return rows.map(({ queue }) => String(queue))
  }

  /** Takes up to `count` rows of a queue, the oldest first. Others leave them alone until the lease has ended. */
  async claim(queue: string, { claim, count, leaseMs }: Claim): Promise<readonly StagedRow[]> {
    const rows = await this.#ask(
      'claim',
      this.#sql`WITH due AS MATERIALIZED (
      SELECT seq AS due_seq FROM ${this.#table} WHERE state = 'waiting' AND queue = ${queue} AND try_at_ms <= ${this.#now}
      ORDER BY seq LIMIT ${new Verbatim(String(count))} ${this.#lockRows})
      UPDATE ${this.#table} SET claim = ${claim}, try_at_ms = ${this.#now} + ${new Verbatim(String(leaseMs))}
      FROM due WHERE seq = due_seq
      RETURNING seq, id, queue, job, kind, version, args, options, due_at_ms, attempts`,
    )
    return rows.map(stagedRow).sort((a, b) => Number(a.seq) - Number(b.seq))
  }

  /** They are in Redis. True of any claim: who moved them does not matter. */
  async markSent(rows: readonly StagedRow[]): Promise<void> {
    await this.#ask(
      'mark',
      this.#sql`UPDATE ${this.#table}
      SET state = 'sent', sent_at_ms = ${this.#now}, claim = NULL, error = NULL
      WHERE seq IN ${rows.map(({ seq }) => seq)} AND state = 'waiting' RETURNING seq`,
    )
  }

  /** Gives rows back at once. */
  async release(rows: readonly StagedRow[], claim: string): Promise<void> {
    await this.#ask(
      'release',
      this.#sql`UPDATE ${this.#table} SET claim = NULL, try_at_ms = 0
      WHERE seq IN ${rows.map(({ seq }) => seq)} AND state = 'waiting' AND claim = ${claim} RETURNING seq`,
    )
  }

  /** Counts a failed attempt. `delayMs` null = it was the last: the row is parked. */
  async fail(row: StagedRow, claim: string, { error, delayMs }: Failure): Promise<void> {
    const wait = new Verbatim(String(delayMs ?? 0))
    await this.#ask(
      'fail',
      this.#sql`UPDATE ${this.#table}
      SET attempts = attempts + 1, error = ${error}, claim = NULL, try_at_ms = ${this.#now} + ${wait},
        state = ${delayMs === null ? 'parked' : 'waiting'}
      WHERE seq = ${row.seq} AND state = 'waiting' AND claim = ${claim} RETURNING seq`,
    )
  }

  /** Sent rows older than `keepMs`, by the clock of the database. */
  async sentBefore(keepMs: number, count: number): Promise<readonly SentRow[]> {
    const rows = await this.#ask(
      'clean',
      this.#sql`SELECT seq, id, queue FROM ${this.#table}
      WHERE state = 'sent' AND sent_at_ms < ${this.#now} - ${new Verbatim(String(keepMs))}
      ORDER BY sent_at_ms LIMIT ${new Verbatim(String(count))}`,
    )
    return rows.map(({ seq, id, queue }) => ({ seq, id: String(id), queue: String(queue) }))
  }

  async remove(rows: readonly SentRow[]): Promise<void> {
    await this.#ask(
      'clean',
      this.#sql`DELETE FROM ${this.#table}
      WHERE seq IN ${rows.map(({ seq }) => seq)} AND state = 'sent' RETURNING seq`,
    )
  }

  #ask(op: string, statement: ReturnType<ReturnType<typeof sqlWriter>>): Promise<readonly Row[]> {
    return askWithin(this.#database, statement, `outbox ${op}`)
  }
}

export interface Claim {
  /** Unique, of this batch. */
  readonly claim: string
  readonly count: number
  readonly leaseMs: number
}

export interface Failure {
  readonly error: string
  readonly delayMs: number | null
}

function stagedRow(row: Row): StagedRow {
  return {
    seq: row.seq,
    id: String(row.id),
    queue: String(row.queue),
    job: String(row.job),
    kind: String(row.kind),
    version: Number(row.version),
    argsJson: String(row.args),
    optionsJson: String(row.options),
    dueAtMs: row.due_at_ms === null ? null : Number(row.due_at_ms),
    attempts: Number(row.attempts),
  }
}
