import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as WasmSqlite from 'node-sqlite3-wasm'
import { Pool } from 'pg'
import type { Database, Dialect } from '../../server/runtime/index.ts'
import { type StartedPostgres, startPostgres } from '../brokers/postgres.ts'

// Node does not see the names that this CommonJS module exports.
const wasm = createRequire(import.meta.url)('node-sqlite3-wasm') as typeof WasmSqlite

/** A real database as an application has it: with a driver of its own choice. */
export interface Store {
  readonly dialect: Dialect
  /** Outside any transaction. */
  readonly database: Database
  /** For `openStore`, also in another process. */
  readonly address: StoreAddress
  exec(sql: string): Promise<void>
  /** Commits what `work` did, or rolls back when it throws, and throws that. */
  transaction(work: (tx: Database) => Promise<void>): Promise<void>
  close(): Promise<void>
}

export type StoreAddress =
  | { readonly driver: 'pg'; readonly connection: StartedPostgres['connection'] }
  | { readonly driver: 'node-sqlite3-wasm' | 'node:sqlite'; readonly file: string }

export type Driver = StoreAddress['driver']

/** A new and empty database, gone after `stop`. */
export async function startDatabase(driver: Driver): Promise<{ address: StoreAddress; stop(): Promise<void> }> {
  if (driver === 'pg') {
    const { connection, stop } = await startPostgres()
    return { address: { driver, connection }, stop }
  }
  const folder = mkdtempSync(join(tmpdir(), 'sluice-outbox-'))
  const stop = async () => rmSync(folder, { recursive: true, force: true })
  return { address: { driver, file: join(folder, 'app.db') }, stop }
}

export function openStore(address: StoreAddress): Store {
  return address.driver === 'pg' ? openPostgres(address) : openSqlite(address)
}

function openPostgres(address: StoreAddress & { readonly driver: 'pg' }): Store {
  const pool = new Pool({ ...address.connection, max: 4, connectionTimeoutMillis: 3_000 })
  pool.on('error', () => {})
  return {
    ...{ dialect: 'postgres', database: pool, address },
    exec: async (sql) => void (await pool.query(sql)),
    async transaction(work) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await work(client)
        await client.query('COMMIT')
      } catch (error) {
        await client.query('ROLLBACK')
        throw error
      } finally {
        client.release()
      }
    },
    close: () => pool.end(),
  }
}

interface Sqlite {
  all(sql: string, params: unknown[]): readonly Record<string, unknown>[]
  exec(sql: string): void
  close(): void
}

function openSqlite(address: StoreAddress & { readonly file: string }): Store {
  const db = address.driver === 'node:sqlite' ? openBuiltIn(address.file) : openWasm(address.file)
  // Processes are killed here, machines are not: what was written is there without waiting for the disk.
  db.exec('PRAGMA busy_timeout = 2000; PRAGMA synchronous = OFF')
  return {
    ...{ dialect: 'sqlite', database: { query: (sql, params) => db.all(sql, params) }, address },
    exec: async (sql) => db.exec(sql),
    async transaction(work) {
      db.exec('BEGIN IMMEDIATE')
      try {
        await work({ query: (sql, params) => db.all(sql, params) })
        db.exec('COMMIT')
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      }
    },
    close: async () => db.close(),
  }
}

function openWasm(file: string): Sqlite {
  // This build locks by a folder beside the file, which stays when its process is killed; here nobody else has it open.
  rmSync(`${file}.lock`, { recursive: true, force: true })
  const db = new wasm.Database(file)
  return {
    all: (sql, params) => db.all(sql, params as string[]) as Record<string, unknown>[],
    exec: (sql) => db.exec(sql),
    close: () => db.close(),
  }
}

/** Node 22.5 has it, Node 20 has not. */
export function hasBuiltInSqlite(): boolean {
  return builtIn() !== undefined
}

interface BuiltIn {
  readonly DatabaseSync: new (
    file: string,
  ) => {
    prepare(sql: string): { all(...params: unknown[]): Record<string, unknown>[] }
    exec(sql: string): void
    close(): void
  }
}

function builtIn(): BuiltIn | undefined {
  return process.getBuiltinModule('node:sqlite' as 'node:fs') as unknown as BuiltIn | undefined
}

function openBuiltIn(file: string): Sqlite {
  const module = builtIn()
  if (module === undefined) throw new Error('this Node.js has no node:sqlite')
  const db = new module.DatabaseSync(file)
  return {
    all: (sql, params) => db.prepare(sql).all(...params),
    exec: (sql) => db.exec(sql),
    close: () => db.close(),
  }
}
