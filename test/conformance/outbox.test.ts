import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import {
  createJobs,
  createOutbox,
  type Database,
  type Job,
  type Outbox,
  type Relay,
  type RelayEvent,
  type RelayOptions,
} from '../../server/runtime/index.ts'
import { postgresAbsence } from '../brokers/postgres.ts'
import { startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { asIs, jobs, key, ownJobs } from '../support/jobs-lab.ts'
import { type Driver, hasBuiltInSqlite, openStore, type Store, startDatabase } from '../support/outbox-stores.ts'
import { admin } from '../support/redis-lab.ts'

const brokers = inject('brokers')

const DRIVERS: readonly (readonly [Driver, boolean])[] = [
  ['pg', (await postgresAbsence()) === null],
  ['node-sqlite3-wasm', true],
  ['node:sqlite', hasBuiltInSqlite()],
]

describe.each(DRIVERS)('an outbox in a real database: %s', (driver, isHere) => {
  describe.skipIf(!isHere || brokers.redis === null)('', () => {
    let server: Awaited<ReturnType<typeof startDatabase>>
    let store: Store
    let outbox: Outbox
    let job: Job<{ n: number }>
    let events: RelayEvent[]
    let relays: Relay[]

    ownJobs()
    beforeAll(async () => {
      server = await startDatabase(driver)
      store = openStore(server.address)
      await store.exec('CREATE TABLE orders (n INTEGER)')
    })
    afterAll(async () => {
      await store?.close()
      await server?.stop()
    })
    beforeEach(async () => {
      outbox = createOutbox({ jobs, dialect: store.dialect })
      job = jobs.define({ name: 'see', args: asIs, perform: () => {} })
      events = []
      relays = []
      await store.exec(outbox.schemaSql())
      await store.exec('DELETE FROM sluice_outbox')
    })
    afterEach(async () => {
      await Promise.all(relays.map((relay) => relay.stop()))
    })

    const start = (options: Partial<RelayOptions> = {}): Relay => {
      const onEvent = (event: RelayEvent) => void events.push(event)
      const relay = outbox.relay({ database: store.database, pollMs: 20, leaseMs: 1_000, onEvent, ...options })
      relays.push(relay)
      relay.start()
      return relay
    }
    const pending = () => admin.lrange(key('pending'), 0, -1)
    const rows = async (sql: string) => {
      const answer = await store.database.query(sql, [])
      return 'rows' in answer ? answer.rows : answer
    }
    const waiting = async () => (await outbox.stats(store.database)).waiting

    test('the schema can be made again, and its table name is checked', async () => {
      await store.exec(outbox.schemaSql())
      for (const table of ['', 'a b', 'x;drop', "x'", 'A', 'a.b.c', '1a', 'x'.repeat(41)]) {
        expect(() => createOutbox({ jobs, dialect: store.dialect, table })).toThrow(/table: expected/)
      }
    })

    test('a rollback leaves no job; a commit leads to exactly one', async () => {
      const rolledBack = store.transaction(async (tx) => {
        await tx.query('INSERT INTO orders VALUES (1)', [])
        await outbox.enqueue(tx, job, { n: 1 })
        throw new Error('no')
      })
      await expect(rolledBack).rejects.toThrow('no')
      let id = ''
      await store.transaction(async (tx) => {
        await tx.query('INSERT INTO orders VALUES (2)', [])
        const staged = await outbox.enqueue(tx, job, { n: 2 }, { tags: ['eu'] })
        id = staged.id
        expect(staged.isNew).toBe(true)
      })
      expect(await outbox.stats(store.database)).toMatchObject({ waiting: 1, parked: 0 })
      start()
      await eventually(async () => (await waiting()) === 0)
      expect(await pending()).toEqual([id])
      expect(await admin.hget(key('jobs'), id)).toMatch(/^\d+\nsee eu\nplain\n1\n\{"n":2\}$/)
      const [row] = await rows('SELECT state, sent_at_ms - staged_at_ms AS took_ms FROM sluice_outbox')
      expect(row?.state).toBe('sent')
      expect(Number(row?.took_ms)).toBeGreaterThanOrEqual(0)
      expect(await outbox.stats(store.database)).toEqual({ waiting: 0, oldestAgeMs: null, parked: 0 })
    })

    test('arguments are checked when they are staged; an id is taken once', async () => {
      const strict = jobs.define({
        name: 'strict',
        args: (value) => {
          if (typeof value !== 'string') throw new Error('expected a string')
          return value
        },
        perform: () => {},
      })
      const { database } = store
      await expect(outbox.enqueue(database, strict, 7 as unknown as string)).rejects.toThrow(/"strict".*a string/)
      await expect(outbox.enqueue(database, strict, 'x', { queue: 'a{b}' })).rejects.toThrow(/brace/)
      expect(await outbox.enqueue(database, strict, 'x', { id: 'a' })).toEqual({ id: 'a', isNew: true })
      expect(await outbox.enqueue(database, strict, 'y', { id: 'a' })).toEqual({ id: 'a', isNew: false })
      expect(await outbox.enqueue(database, strict, 'y', { id: 'a', queue: 'other' })).toEqual({ id: 'a', isNew: true })
      expect(await waiting()).toBe(2)
    })

    test('a delay counts from the staging, order is kept, and an iterating job comes with its run', async () => {
      const walk = jobs.define({ name: 'walk', args: asIs, items: () => [], each: () => {} })
      const { database } = store
      const staged = await outbox.enqueueMany(
        database,
        job,
        Array.from({ length: 250 }, (_, n) => ({ n })),
      )
      await outbox.enqueue(database, job, { n: 1 }, { id: 'later', delayMs: 60_000 })
      await outbox.enqueue(database, walk, { n: 1 }, { id: 'walk' })
      const dueMs = Date.now() + 60_000
      start({ batch: 100 })
      await eventually(async () => (await waiting()) === 0)
      expect(await pending()).toEqual([...staged.map(({ id }) => id), 'walk'])
      expect(await admin.hget('sluice:{default}:run:walk', 'status')).toBe('queued')
      const due = Number(await admin.zscore(key('delayed'), 'later'))
      expect(Math.abs(due - dueMs)).toBeLessThan(2_000)
    })

    test('a unique key, a priority and tags hold for staged units too', async () => {
      const { database } = store
      await outbox.enqueue(database, job, { n: 1 }, { id: 'one', unique: { key: 'k' } })
      await outbox.enqueue(database, job, { n: 2 }, { id: 'two', unique: { key: 'k' } })
      await outbox.enqueue(database, job, { n: 3 }, { id: 'first', priority: 'high', tags: ['eu'] })
      start()
      await eventually(async () => (await waiting()) === 0)
      expect((await admin.hkeys(key('jobs'))).sort()).toEqual(['first', 'one'])
      const order: string[] = []
      const worker = jobs.worker({ queues: ['default'], concurrency: 1 })
      worker.on('started', ({ id }) => order.push(id))
      await worker.start()
      await eventually(() => order.length === 2)
      expect(order).toEqual(['first', 'one'])
    })

    test('what was moved and has run is not moved again when the report was lost', async () => {
      const performed: number[] = []
      const counted = jobs.define({ name: 'count', args: asIs, perform: ({ n }) => void performed.push(n) })
      await outbox.enqueueMany(
        store.database,
        counted,
        Array.from({ length: 100 }, (_, n) => ({ n })),
      )
      let lost = 0
      const forgetful: Database = {
        query: (sql, params) => {
          if (!sql.includes("SET state = 'sent'") || lost === 3) return store.database.query(sql, params)
          lost += 1
          throw new Error('the connection broke')
        },
      }
      await jobs.worker({ queues: ['default'] }).start()
      start({ database: forgetful, batch: 30 })
      await eventually(async () => (await waiting()) === 0, { timeoutMs: 20_000 })
      await eventually(() => performed.length === 100)
      expect(performed).toEqual(Array.from({ length: 100 }, (_, n) => n))
      const again = events.reduce((sum, event) => sum + (event.what === 'sent' ? event.again : 0), 0)
      expect(again).toBeGreaterThanOrEqual(30)
    })

    test('a relay that was frozen between claim and move is refused, although everything else has been forgotten', async () => {
      const performed: number[] = []
      const counted = jobs.define({ name: 'count', args: asIs, perform: ({ n }) => void performed.push(n) })
      await outbox.enqueue(store.database, counted, { n: 1 })
      let isFrozen = false
      const freezing: Database = {
        async query(sql, params) {
          const claimedMs = performance.now()
          const answer = await store.database.query(sql, params)
          if (isFrozen || !sql.includes('SET claim = ')) return answer
          isFrozen = true
          // The lease ends, another relay moves the row, it runs, and nothing in Redis remembers it.
          start()
          await eventually(() => performed.length === 1)
          await eventually(async () => (await waiting()) === 0)
          await admin.del('sluice:{default}:staged')
          // Nothing of this process runs, so that its own deadline cannot save it.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_300 - (performance.now() - claimedMs))
          return answer
        },
      }
      await jobs.worker({ queues: ['default'] }).start()
      start({ database: freezing })
      await eventually(() => events.some((event) => event.what === 'fault'), { timeoutMs: 10_000 })
      expect(events.find((event) => event.what === 'fault')).toMatchObject({
        error: { message: expect.stringContaining('claim was too old') },
      })
      expect(performed).toEqual([1])
    })

    test('two relays at once double nothing', async () => {
      const seen = new Map<string, number>()
      const counted = jobs.define({
        name: 'count',
        args: asIs,
        perform: (_, { id }) => void seen.set(id, (seen.get(id) ?? 0) + 1),
      })
      await jobs.worker({ queues: ['default'], concurrency: 50 }).start()
      start({ batch: 7 })
      start({ batch: 11 })
      for (let n = 0; n < 20; n += 1) {
        await outbox.enqueueMany(
          store.database,
          counted,
          Array.from({ length: 50 }, (_, at) => ({ n: at })),
        )
      }
      await eventually(async () => (await waiting()) === 0, { timeoutMs: 20_000 })
      await eventually(() => seen.size === 1_000)
      expect([...seen.values()].every((times) => times === 1)).toBe(true)
      expect(await admin.hget(key('stats'), 'enqueued')).toBe('1000')
    })

    test('while Redis is away rows wait, use no attempt, and go when it is back', async () => {
      const away = await startRedis()
      const own = createJobs({ redis: away.url })
      const ownOutbox = createOutbox({ jobs: own, dialect: store.dialect })
      await away.stop()
      await outbox.enqueueMany(store.database, job, [{ n: 1 }, { n: 2 }])
      const relay = ownOutbox.relay({
        database: store.database,
        pollMs: 20,
        onEvent: (event) => void events.push(event),
      })
      relay.start()
      try {
        await eventually(() => events.filter(({ what }) => what === 'fault').length >= 2, { timeoutMs: 15_000 })
        expect(await waiting()).toBe(2)
        expect((await outbox.stats(store.database)).oldestAgeMs).toBeGreaterThan(0)
        const back = await startRedis({ port: away.port })
        try {
          await eventually(async () => (await waiting()) === 0, { timeoutMs: 20_000 })
          expect(await rows('SELECT max(attempts) AS most FROM sluice_outbox')).toMatchObject([{ most: 0 }])
        } finally {
          await back.stop()
        }
      } finally {
        await relay.stop()
        await own.close()
      }
    }, 90_000)

    test('a poison row is tried, parked and shown, and others go on; it can be tried again or discarded', async () => {
      const { database } = store
      const good = await outbox.enqueueMany(database, job, [{ n: 1 }, { n: 2 }, { n: 3 }])
      const [, poison] = good.map(({ id }) => id)
      await store.exec(`UPDATE sluice_outbox SET args = '{"n":' WHERE id = '${poison}'`)
      await store.exec(
        "INSERT INTO sluice_outbox (id, queue, job, kind, version, args, options, staged_at_ms) VALUES ('odd', 'a{b', 'see', 'plain', 1, '{}', '{}', 0)",
      )
      // A queue whose key is of another type.
      await admin.set('sluice:{broken}:pending', 'x')
      await outbox.enqueueMany(database, job, [{ n: 4 }, { n: 5 }], { queue: 'broken' })
      start({ retries: { limit: 2, baseMs: 20, maxMs: 40 } })
      await eventually(async () => (await outbox.stats(database)).parked === 4, { timeoutMs: 15_000 })
      expect(await pending()).toEqual([good[0]?.id, good[2]?.id])
      const parked = await outbox.parked(database)
      expect(parked.map(({ queue, attempts }) => [queue, attempts])).toEqual([
        ['default', 3],
        ['a{b', 3],
        ['broken', 3],
        ['broken', 3],
      ])
      expect(parked.map(({ error }) => error)).toEqual([
        'column args: not JSON',
        expect.stringContaining('brace'),
        expect.stringContaining('WRONGTYPE'),
        expect.stringContaining('WRONGTYPE'),
      ])
      expect(await admin.hlen('sluice:{broken}:jobs')).toBe(0)
      expect(await admin.smembers('sluice:{#}:queues')).not.toContain('a{b')
      await admin.del('sluice:{broken}:pending')
      const ids = parked.map(({ id }) => id)
      expect(await outbox.retry(database, 'broken', ids)).toBe(2)
      expect(await outbox.discard(database, 'default', ids)).toBe(1)
      await eventually(async () => (await admin.llen('sluice:{broken}:pending')) === 2)
      await eventually(async () => expect(await outbox.stats(database)).toMatchObject({ waiting: 0, parked: 1 }))
    })

    test('sent rows are removed by age, and only after Redis has forgotten them', async () => {
      await outbox.enqueueMany(store.database, job, [{ n: 1 }, { n: 2 }])
      const first = start()
      await eventually(async () => (await waiting()) === 0)
      await first.stop()
      const staged = 'sluice:{default}:staged'
      const scores = await admin.zrange(staged, '0', '-1', 'WITHSCORES')
      expect(scores).toHaveLength(4)
      for (const score of [scores[1], scores[3]])
        expect(Math.abs(Number(score) - Date.now() - 60_000)).toBeLessThan(5_000)
      // As a crash before the last step leaves it.
      await admin.zadd(staged, '+inf', scores[0]!)
      await store.exec('UPDATE sluice_outbox SET sent_at_ms = sent_at_ms - 86400001')
      start()
      await eventually(async () => (await rows('SELECT id FROM sluice_outbox')).length === 0)
      expect(await admin.zcard(staged)).toBe(0)
    })

    test.skipIf(driver !== 'pg')('a listening relay moves at once what a slow poll would find later', async () => {
      const loud = createOutbox({ jobs, dialect: 'postgres', notify: true })
      const { Client } = await import('pg')
      const { address } = store
      if (address.driver !== 'pg') throw new Error('not PostgreSQL')
      const client = new Client(address.connection)
      await client.connect()
      start({
        pollMs: 30_000,
        listen: async (nudge) => {
          client.on('notification', nudge)
          await client.query(`LISTEN ${loud.channel}`)
          return () => client.end()
        },
      })
      await eventually(async () => (await client.query('SELECT pg_listening_channels()')).rowCount === 1)
      const startedMs = performance.now()
      for (let n = 1; n <= 5; n += 1) {
        await store.transaction(async (tx) => void (await loud.enqueue(tx, job, { n })))
        await eventually(async () => (await pending()).length === n)
      }
      expect(performance.now() - startedMs).toBeLessThan(3_000)
    })
  })
})
