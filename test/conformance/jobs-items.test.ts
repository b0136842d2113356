import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { seeded } from '../../server/domain/seeded.ts'
import {
  type CsvCursor,
  countCsv,
  createJobs,
  type Entry,
  fromArray,
  fromCsv,
  fromHttpPages,
  fromPages,
  fromRange,
  type HttpCursor,
  type NestedCursor,
  nested,
  ThrottledError,
} from '../../server/runtime/index.ts'
import { postgresAbsence, type StartedPostgres, startPostgres } from '../brokers/postgres.ts'
import { eventually } from '../support/eventually.ts'
import { expectEveryStop } from '../support/every-stop.ts'
import { state } from '../support/jobs-lab.ts'
import { ownRedis, redis } from '../support/redis-lab.ts'

const brokers = inject('brokers')
const SEED = Number(process.env.SLUICE_SEED ?? 20_261_121)

describe.skipIf(brokers.redis === null)('runs over files, pages and nested items on a real Redis', () => {
  let folder: string
  let server: Server
  let url: string

  ownRedis()
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-items-'))
    server = createServer((request, response) => {
      const page = Number(new URL(request.url ?? '', 'http://here').searchParams.get('page') ?? 0)
      const items = Array.from({ length: 7 }, (_, n) => String(page * 7 + n))
      response.end(JSON.stringify({ items, next: page < 42 ? `?page=${page + 1}` : null }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/items`
  })
  afterAll(async () => {
    await rm(folder, { recursive: true })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  type Inner = NestedCursor<number, CsvCursor>
  const file = (n: number) => join(folder, `${n}.csv`)
  const write = (n: number, rows: readonly string[]) => writeFile(file(n), `text\r\n${rows.join('\r\n')}`)
  const quoted = (n: number) => `"${n}, über\n""${n}"""`
  const text = (n: number) => `${n}, über\n"${n}"`
  const read = (n: number) => (cursor: CsvCursor | null) => fromCsv(file(n), cursor)

  interface Case {
    readonly prepare: () => Promise<unknown> | unknown
    readonly items: (cursor: never) => AsyncIterable<Entry<unknown, unknown>>
    readonly total: () => Promise<number> | number
    readonly expected: readonly string[]
  }
  const cases: readonly (readonly [string, Case])[] = [
    [
      'a CSV file',
      {
        prepare: () =>
          write(
            0,
            Array.from({ length: 300 }, (_, n) => quoted(n)),
          ),
        items: read(0),
        total: () => countCsv(file(0)),
        expected: Array.from({ length: 300 }, (_, n) => text(n)),
      },
    ],
    [
      'HTTP pages',
      {
        prepare: () => undefined,
        items: (cursor: HttpCursor | null) =>
          fromHttpPages(
            {
              url,
              items: ({ body }) => (body as { items: readonly string[] }).items.map((one) => ({ text: one })),
              next: ({ body }) => (body as { next: string | null }).next,
            },
            cursor,
          ),
        total: () => 301,
        expected: Array.from({ length: 301 }, (_, n) => String(n)),
      },
    ],
    [
      'CSV files in a range in an array',
      {
        prepare: () =>
          Promise.all(
            [0, 1, 2, 3].map((n) =>
              write(
                n,
                Array.from({ length: n * 20 }, () => quoted(n)),
              ),
            ),
          ),
        items: (cursor: NestedCursor<number, Inner> | null) =>
          nested(
            {
              outer: (at) => fromArray([0, 2], at),
              inner: (from, at: Inner | null) =>
                nested({ outer: (a) => fromRange({ from, to: from + 2 }, a), inner: (n, a) => read(n)(a) }, at),
            },
            cursor,
          ),
        total: () => 120,
        expected: [0, 1, 2, 3].flatMap((n) => Array.from({ length: n * 20 }, () => text(n))),
      },
    ],
  ]

  test.each(cases)('%s: every item once, in order, through many interruptions', async (_, one) => {
    await one.prepare()
    const seen: string[] = []
    const jobs = createJobs({ redis: redis.url })
    const job = jobs.define({
      ...{ name: 'items', args: (value) => value as object, maxRuntimeMs: 15, checkpointMs: 5 },
      items: (_args, cursor) => one.items(cursor as never),
      total: one.total,
      each: async (item) => {
        seen.push((item as { readonly text: string }).text)
        if (seen.length % 4 === 0) await delay(1)
      },
    })
    const { id } = await jobs.enqueue(job, {})
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await state(id)).status === 'succeeded', { timeoutMs: 30_000 })
    await jobs.close()
    expect(seen).toEqual(one.expected)
    const { done, total, interruptions, failures, crashes } = await state(id)
    expect({ done, total, failures, crashes }).toEqual({
      ...{ done: one.expected.length, total: one.expected.length, failures: 0, crashes: 0 },
    })
    expect(interruptions).toBeGreaterThanOrEqual(1)
  })

  test('a CSV file that was exchanged fails the attempt and tells why, and works on once it is back', async () => {
    const rows = Array.from({ length: 50 }, (_, n) => quoted(n))
    await write(0, rows)
    const seen: string[] = []
    const jobs = createJobs({ redis: redis.url })
    const job = jobs.define({
      ...{ name: 'file', args: (value) => value as object, retries: { baseMs: 20, maxMs: 20 }, checkpointMs: 0 },
      items: (_args, cursor: CsvCursor | null) => fromCsv(file(0), cursor),
      each: async (item) => {
        seen.push((item as { readonly text: string }).text)
        if (seen.length !== 20) return
        await write(0, ['another'])
        throw new Error('trouble of another kind')
      },
    })
    const { id } = await jobs.enqueue(job, {})
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await state(id)).failures >= 3)
    expect((await state(id)).error).toMatch(/0\.csv: it changed since row 19 was finished/)
    await write(0, rows)
    await eventually(async () => (await state(id)).status === 'succeeded')
    await jobs.close()
    // Row 20 failed in the first attempt and came again.
    expect(seen).toEqual([...rows.slice(0, 20), ...rows.slice(19)].map((_, at) => text(at < 20 ? at : at - 1)))
  })

  test('a server that asks for time makes the run step aside, as does an item: no attempt is spent', async () => {
    let refusals = 2
    const busy = createServer((request, response) => {
      const page = Number(new URL(request.url ?? '', 'http://here').searchParams.get('page') ?? 0)
      if (page === 1 && refusals > 0) {
        refusals -= 1
        response.writeHead(429, { 'retry-after': '1' }).end()
      } else response.end(JSON.stringify({ items: [page], next: page < 3 ? `?page=${page + 1}` : null }))
    })
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(busy.address() as AddressInfo).port}/`
    const seen: number[] = []
    const told: string[] = []
    const jobs = createJobs({ redis: redis.url })
    const job = jobs.define({
      ...{ name: 'busy', args: (value) => value as object, retries: { limit: 0 } },
      items: (_args, cursor: HttpCursor | null) =>
        fromHttpPages(
          {
            url: address,
            items: ({ body }) => (body as { items: readonly number[] }).items,
            next: ({ body }) => (body as { next: string | null }).next,
          },
          cursor,
        ),
      each: (item, _args, { attempt }) => {
        seen.push(item)
        expect(attempt).toBe(1)
        if (seen.length === 3) throw new ThrottledError(50, 'the mail server asks for time')
      },
      onError: () => void told.push('error'),
      onShutdown: (_args, end) => void told.push(end),
    })
    const { id } = await jobs.enqueue(job, {})
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await state(id)).status === 'throttled' && refusals === 1)
    expect(seen).toEqual([0])
    await eventually(async () => (await state(id)).status === 'succeeded', { timeoutMs: 20_000 })
    await jobs.close()
    busy.closeAllConnections()
    await new Promise((resolve) => busy.close(resolve))
    expect(seen).toEqual([0, 1, 2, 2, 3])
    expect(told).toEqual(['throttled', 'throttled', 'throttled', 'succeeded'])
    expect(await state(id)).toMatchObject({ failures: 0, crashes: 0, interruptions: 3, done: 4 })
  })
})

const absence = await postgresAbsence()

describe.skipIf(absence !== null)('pages by key of a real PostgreSQL', () => {
  let postgres: StartedPostgres
  let client: Client

  beforeAll(async () => {
    postgres = await startPostgres()
    client = new Client({ ...postgres.connection, connectionTimeoutMillis: 5_000, query_timeout: 5_000 })
    await client.connect()
  })
  afterAll(async () => {
    await client?.end()
    await postgres?.stop()
  })
  beforeEach(async () => {
    await client.query('DROP TABLE IF EXISTS orders')
    await client.query('CREATE TABLE orders (id bigint PRIMARY KEY, made_at timestamptz NOT NULL DEFAULT now())')
  })

  const byId = (cursor: string | null, limit: number, onPage?: () => Promise<unknown>) =>
    fromPages(
      {
        read: async (after: string | null, most) => {
          const sql = 'SELECT id FROM orders WHERE $1::bigint IS NULL OR id > $1 ORDER BY id LIMIT $2'
          const { rows } = await client.query<{ id: string }>(sql, [after, most])
          await onPage?.()
          return rows
        },
        keyOf: ({ id }) => id,
        limit,
      },
      cursor,
    )

  test('keys beyond the integers of JavaScript stay exact, at every stop', async () => {
    await client.query('INSERT INTO orders SELECT 9007199254740990 + n FROM generate_series(0, 9) AS n')
    const entries = await expectEveryStop((cursor: string | null) => byId(cursor, 3))
    expect(entries.map(({ item }) => item.id)).toEqual(
      Array.from({ length: 10 }, (_, n) => String(9_007_199_254_740_990n + BigInt(n))),
    )
  })

  test(`what is deleted ahead does not come, what is added ahead does, and nothing twice (seed ${SEED})`, async () => {
    const chance = seeded(SEED)
    for (let round = 0; round < 8; round += 1) {
      await client.query('TRUNCATE orders')
      await client.query('INSERT INTO orders SELECT n * 10 FROM generate_series(1, 40) AS n')
      const rows = new Set(Array.from({ length: 40 }, (_, n) => (n + 1) * 10))
      const seen: number[] = []
      const expected: number[] = []
      let cursor: string | null = null
      let isAtEnd = false
      while (!isAtEnd) {
        isAtEnd = true
        // A page at a time is held; what happens to its rows after it was read is not seen, as with any reader.
        for await (const entry of byId(cursor, 1)) {
          seen.push(Number(entry.item.id))
          cursor = JSON.parse(JSON.stringify(entry.cursor))
          const here = Number(entry.item.id)
          expected.push(Math.min(...[...rows].filter((id) => id > (expected.at(-1) ?? 0))))
          const id = Math.floor(chance() * 450)
          if (chance() < 0.5) {
            await client.query('INSERT INTO orders VALUES ($1) ON CONFLICT DO NOTHING', [id])
            rows.add(id)
          } else {
            const victim = chance() < 0.3 ? here : id - (id % 10)
            await client.query('DELETE FROM orders WHERE id = $1', [victim])
            rows.delete(victim)
          }
          // Half of the time it goes on in the same execution, else in a new one at the cursor.
          if (chance() < 0.5) continue
          isAtEnd = false
          break
        }
      }
      expect(seen).toEqual(expected)
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
      expect([...rows].filter((id) => id > (seen.at(-1) ?? 0))).toEqual([])
    }
  })

  test('a key of two columns with ties and microseconds resumes at every stop', async () => {
    await client.query(`INSERT INTO orders SELECT n, '2026-01-01T00:00:00Z'::timestamptz + (n / 4) * interval '1 microsecond'
      FROM generate_series(1, 22) AS n`)
    type Key = readonly [at: string, id: string]
    const sql = `SELECT id, made_at::text AS at FROM orders
      WHERE $1::timestamptz IS NULL OR (made_at, id) > ($1::timestamptz, $2::bigint) ORDER BY made_at, id LIMIT $3`
    const entries = await expectEveryStop((cursor: Key | null) =>
      fromPages<{ readonly id: string; readonly at: string }, Key>(
        {
          read: async (after, limit) => (await client.query(sql, [after?.[0] ?? null, after?.[1] ?? null, limit])).rows,
          keyOf: ({ at, id }) => [at, id],
          limit: 3,
        },
        cursor,
      ),
    )
    expect(entries.map(({ item }) => Number(item.id))).toEqual(Array.from({ length: 22 }, (_, n) => n + 1))
  })

  test('a Date as key is refused when it is saved: it would lose its microseconds', async () => {
    await client.query('INSERT INTO orders VALUES (1)')
    const pages = fromPages(
      {
        read: async () => (await client.query<{ made_at: Date }>('SELECT made_at FROM orders')).rows,
        keyOf: ({ made_at }) => made_at,
      },
      null,
    )
    await expect(expectEveryStop<unknown, unknown>(() => pages)).rejects.toThrow('cursor: a Date does not survive JSON')
  })
})
