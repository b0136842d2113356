import { messageOf, OpsError } from '../../domain/errors.ts'

export type Dialect = 'postgres' | 'sqlite'

export type Row = Readonly<Record<string, unknown>>

/**
 * The application's own connection or transaction. A `Client`, `PoolClient` or `Pool` of pg fits as it is; any SQLite
 * driver does with one line: `{ query: (sql, params) => db.prepare(sql).all(...params) }`. Every statement gives rows
 * (`SELECT` or `RETURNING`), so drivers that tell reading and writing apart need no second method.
 */
export interface Database {
  query(sql: string, params: unknown[]): Rows | Promise<Rows>
}

type Rows = readonly Row[] | { readonly rows: readonly Row[] }

export interface Statement {
  readonly text: string
  readonly params: unknown[]
}

/** Text that goes into a statement as it is; everything else becomes a parameter. */
export class Verbatim {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Writes statements of one dialect: `sql\`SELECT … WHERE id = ${id}\``. A list becomes `(?, ?, …)`, a list of lists `(…), (…)`. */
export type SqlWriter = (texts: TemplateStringsArray, ...values: readonly unknown[]) => Statement

export function sqlWriter(dialect: Dialect): SqlWriter {
  return (texts, ...values) => {
    const params: unknown[] = []
    const place = (value: unknown): string => {
      if (value instanceof Verbatim) return value.text
      if (Array.isArray(value)) {
        const places = value.map(place).join(', ')
        return Array.isArray(value[0]) ? places : `(${places})`
      }
      params.push(value)
      return dialect === 'postgres' ? `$${params.length}` : '?'
    }
    const text = texts.reduce((sum, next, n) => `${sum}${place(values[n - 1])}${next}`)
    return { text, params }
  }
}

/** The clock of the database in Unix ms: one clock for all relays. */
export const NOW: Readonly<Record<Dialect, Verbatim>> = {
  postgres: new Verbatim('(extract(epoch FROM clock_timestamp()) * 1000)::bigint'),
  sqlite: new Verbatim("CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"),
}

/** Sends a statement as the application would: what its driver throws comes through as it is. */
export async function ask(database: Database, { text, params }: Statement): Promise<readonly Row[]> {
  const answer = await database.query(text, params)
  return 'rows' in answer ? answer.rows : answer
}

/** Our own deadline: a driver may have none. The statement may still be carried out later; nothing here minds. */
const QUERY_TIMEOUT_MS = 5_000

/** Sends a statement for the relay. Rejects with OpsError: `timeout`, or `refused` with what the driver said. */
export async function askWithin(database: Database, statement: Statement, op: string): Promise<readonly Row[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new OpsError('timeout', op, `database: no answer within ${QUERY_TIMEOUT_MS} ms`)
    timer = setTimeout(() => reject(error), QUERY_TIMEOUT_MS)
  })
  try {
    return await Promise.race([late, ask(database, statement)])
  } catch (thrown) {
    if (thrown instanceof OpsError) throw thrown
    throw new OpsError('refused', op, `database: ${messageOf(thrown).slice(0, 300)}`, thrown)
  } finally {
    clearTimeout(timer)
  }
}
