import { expect, test } from 'vitest'
import { createJobs } from '../jobs/create-jobs.ts'
import { ask, askWithin, sqlWriter, Verbatim } from './database.ts'
import { createOutbox } from './outbox.ts'
import { schemaSql } from './schema.ts'

test('values become parameters in the words of each dialect, lists and rows of them too', () => {
  const table = new Verbatim('t')
  const rows = [
    ['a', 1],
    ["b'", null],
  ]
  const postgres = sqlWriter('postgres')`INSERT INTO ${table} VALUES ${rows} WHERE id IN ${['x', 'y']} AND n = ${7}`
  expect(postgres.text).toBe('INSERT INTO t VALUES ($1, $2), ($3, $4) WHERE id IN ($5, $6) AND n = $7')
  expect(postgres.params).toEqual(['a', 1, "b'", null, 'x', 'y', 7])
  const sqlite = sqlWriter('sqlite')`UPDATE ${table} SET a = ${1} WHERE b = ${'?'}`
  expect(sqlite).toEqual({ text: 'UPDATE t SET a = ? WHERE b = ?', params: [1, '?'] })
})

test('rows are taken as a driver gives them: at once or later, bare or in an object', async () => {
  const statement = { text: 'SELECT 1', params: [] }
  const rows = [{ one: 1 }]
  for (const answer of [rows, { rows }, Promise.resolve(rows), Promise.resolve({ rows })]) {
    expect(await ask({ query: () => answer }, statement)).toBe(rows)
  }
  const failing = {
    query: () => {
      throw new Error('database is locked')
    },
  }
  await expect(ask(failing, statement)).rejects.toThrow('database is locked')
  await expect(askWithin(failing, statement, 'peek')).rejects.toMatchObject({ code: 'refused', op: 'peek' })
})

test('the table may have a schema, in which its indexes lie as each dialect wants it', () => {
  expect(schemaSql('postgres', 'app.outbox')).toContain('INDEX IF NOT EXISTS outbox_waiting ON app.outbox (seq)')
  expect(schemaSql('sqlite', 'app.outbox')).toContain('INDEX IF NOT EXISTS app.outbox_waiting ON outbox (seq)')
  expect(schemaSql('sqlite', 'outbox')).not.toContain('advisory')
})

test('a relay with settings that cannot work is refused, and so is a SQLite that should notify', async () => {
  const jobs = createJobs({ redis: 'redis://127.0.0.1:1' })
  const outbox = createOutbox({ jobs, dialect: 'sqlite' })
  const database = { query: () => [] }
  for (const wrong of [
    { pollMs: 1 },
    { batch: 501 },
    { leaseMs: 999 },
    { keepSentMs: 1_000 },
    { retries: { limit: -1 } },
  ]) {
    expect(() => outbox.relay({ database, ...wrong })).toThrow(/expected an integer from/)
  }
  expect(() => createOutbox({ jobs, dialect: 'sqlite', notify: true })).toThrow(/only PostgreSQL/)
  await jobs.close()
})
