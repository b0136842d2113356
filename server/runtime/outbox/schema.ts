import { OpsError } from '../../domain/errors.ts'
import type { Dialect } from './database.ts'

/**
 * | column | content |
 * |---|---|
 * | `seq` | order of staging; with many writers about that of their commits |
 * | `id`, `queue` | of the unit; one row for each pair, as long as the row is kept |
 * | `job`, `kind`, `version`, `args` | as in the job's text (`layout/job-text.ts`); `args` is JSON |
 * | `options` | JSON of what else `enqueue` was given: tags … |
 * | `due_at_ms` | not to start before; null = at once |
 * | `state` | `waiting` → `sent` or `parked` |
 * | `staged_at_ms`, `sent_at_ms` | by the database's clock |
 * | `claim`, `try_at_ms` | which relay's batch it is in; not to be taken before: end of that claim, or of a back-off |
 * | `attempts`, `error` | times it could not be moved though Redis was there, and why the last time |
 *
 * All instants are Unix ms.
 */
export const DEFAULT_TABLE = 'sluice_outbox'

/** Lower case, so that quoted and unquoted mean the same; PostgreSQL cuts names at 63, and indexes add to it. */
const TABLE_NAME = /^[a-z_][a-z0-9_]{0,39}(\.[a-z_][a-z0-9_]{0,39})?$/

/** Throws OpsError `invalid`: the name goes into statements as it is. */
export function requireTable(table: string): void {
  if (TABLE_NAME.test(table)) return
  const rule = 'a lower-case name of at most 40 letters, digits and _, with or without a schema before it'
  throw new OpsError('invalid', 'createOutbox', `table: expected ${rule}, got "${table}"`)
}

const SEQ: Readonly<Record<Dialect, string>> = {
  postgres: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  sqlite: 'INTEGER PRIMARY KEY AUTOINCREMENT',
}

/** Statements that make the table and its indexes where they are not there yet; may be run again and again. */
export function schemaSql(dialect: Dialect, table: string): string {
  requireTable(table)
  const name = table.slice(table.indexOf('.') + 1)
  const schema = table.slice(0, table.indexOf('.') + 1)
  // In SQLite the schema belongs to the index's name, in PostgreSQL to the table's alone.
  const index = (suffix: string) => (dialect === 'sqlite' ? `${schema}${name}${suffix}` : `${name}${suffix}`)
  const on = dialect === 'sqlite' ? name : table
  return [
    // Two programs that start together would otherwise disturb each other: IF NOT EXISTS does not look at what another
    // transaction is just making.
    ...(dialect === 'postgres' ? [`SELECT pg_advisory_xact_lock(${lockOf(table)})`] : []),
    `CREATE TABLE IF NOT EXISTS ${table} (
  seq ${SEQ[dialect]},
  id TEXT NOT NULL,
  queue TEXT NOT NULL,
  job TEXT NOT NULL,
  kind TEXT NOT NULL,
  version BIGINT NOT NULL,
  args TEXT NOT NULL,
  options TEXT NOT NULL,
  due_at_ms BIGINT,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'parked')),
  staged_at_ms BIGINT NOT NULL,
  sent_at_ms BIGINT,
  claim TEXT,
  try_at_ms BIGINT NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  error TEXT,
  UNIQUE (queue, id)
)`,
    `CREATE INDEX IF NOT EXISTS ${index('_waiting')} ON ${on} (seq) WHERE state = 'waiting'`,
    `CREATE INDEX IF NOT EXISTS ${index('_parked')} ON ${on} (seq) WHERE state = 'parked'`,
    `CREATE INDEX IF NOT EXISTS ${index('_sent')} ON ${on} (sent_at_ms) WHERE state = 'sent'`,
  ]
    .map((statement) => `${statement};\n`)
    .join('')
}

/** Any number that is the same for the same table. */
function lockOf(table: string): number {
  return [...table].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 2_147_483_647, 7)
}
