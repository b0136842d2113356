import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createJobs, createOutbox, type Jobs, type RelayEvent } from '../../server/runtime/index.ts'
import { queueKey } from '../../server/runtime/layout/keys.ts'
import { postgresAbsence } from '../brokers/postgres.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { buildApp } from '../support/built-app.ts'
import { eventually } from '../support/eventually.ts'
import type { RelaySettings } from '../support/outbox-relay.ts'
import { type Driver, openStore, startDatabase } from '../support/outbox-stores.ts'
import { redisClient } from '../support/redis.ts'

const brokers = inject('brokers')
const ROWS_PER_KILL = 40

/** With 50 SQLite holds too; it is slow here, and its relay is the same code. */
const DRIVERS: readonly (readonly [Driver, number, boolean])[] = [
  ['pg', 50, (await postgresAbsence()) === null],
  ['node-sqlite3-wasm', 20, true],
]

describe.each(DRIVERS)('a relay that is killed again and again: %s', (driver, kills, isHere) => {
  describe.skipIf(!isHere || brokers.redis === null)('', () => {
    let redis: StartedRedis
    let admin: Redis
    let server: Awaited<ReturnType<typeof startDatabase>>
    let jobs: Jobs
    let app: Awaited<ReturnType<typeof buildApp>>
    const children = new Set<ChildProcess>()

    beforeAll(async () => {
      app = await buildApp('outbox-relay')
      redis = await startRedis()
      admin = redisClient(redis.port)
      server = await startDatabase(driver)
      jobs = createJobs({ redis: redis.url })
    })
    afterAll(async () => {
      app?.remove()
      for (const child of children) child.kill('SIGKILL')
      await jobs?.close()
      admin?.disconnect()
      await server?.stop()
      await redis?.stop()
    })

    const startRelay = (onEvent: (event: RelayEvent) => void): ChildProcess => {
      const settings: RelaySettings = { url: redis.url, store: server.address, batch: 5, leaseMs: 1_000 }
      const args = [app.file, JSON.stringify(settings)]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      children.add(child)
      let rest = ''
      child.stdout?.on('data', (chunk) => {
        const lines = `${rest}${chunk}`.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) onEvent(JSON.parse(line) as RelayEvent)
      })
      child.once('exit', () => children.delete(child))
      return child
    }

    const rows = kills * ROWS_PER_KILL

    test(`${kills} SIGKILLs over ${rows} rows: each committed unit runs once, no other does`, async () => {
      const seen = new Map<string, number>()
      const job = jobs.define({
        name: 'see',
        args: (value) => value as { n: number },
        perform: (_, { id }) => void seen.set(id, (seen.get(id) ?? 0) + 1),
      })
      const first = openStore(server.address)
      const outbox = createOutbox({ jobs, dialect: first.dialect })
      await first.exec(outbox.schemaSql())
      await first.close()
      await jobs.worker({ queues: ['default'], concurrency: 50, pollMs: 50 }).start()
      const committed: string[] = []
      let again = 0
      let moved = 0
      /** Stages some and lets others go, while no relay has the file open: this SQLite locks by process. */
      const stage = async (count: number) => {
        const writer = openStore(server.address)
        for (let n = 0; n < count; n += 10) {
          const units = Array.from({ length: 10 }, (_, at) => ({ n: n + at }))
          await writer.transaction(async (tx) => {
            for (const { id } of await outbox.enqueueMany(tx, job, units)) committed.push(id)
          })
          const undone = writer.transaction(async (tx) => {
            await outbox.enqueue(tx, job, { n: -1 }, { id: `undone-${committed.length}` })
            throw new Error('undone')
          })
          await undone.catch(() => {})
        }
        await writer.close()
      }
      const onEvent = (event: RelayEvent) => {
        if (event.what !== 'sent') return
        again += event.again
        moved += event.units
      }
      for (let kill = 0; kill < kills; kill += 1) {
        await stage(ROWS_PER_KILL)
        let begun = () => {}
        const hasBegun = new Promise<void>((resolve) => {
          begun = resolve
        })
        const child = startRelay((event) => {
          onEvent(event)
          begun()
        })
        const ended = once(child, 'exit')
        const tooEarly = ended.then(() => expect.fail('the relay ended by itself'))
        await Promise.race([hasBegun, tooEarly])
        await delay(Math.random() * (driver === 'pg' ? 60 : 200))
        child.kill('SIGKILL')
        await Promise.all([ended, tooEarly.catch(() => {})])
      }
      const movedUnderFire = moved
      const last = startRelay(onEvent)
      await eventually(() => seen.size === rows, { timeoutMs: 30_000 })
      const ended = once(last, 'exit')
      last.kill('SIGKILL')
      await ended
      const reader = openStore(server.address)
      const stats = await outbox.stats(reader.database)
      await reader.close()
      console.log(`${driver}: ${movedUnderFire} rows moved between ${kills} kills, ${again} found in Redis again`)
      expect([...seen.keys()].sort()).toEqual([...committed].sort())
      expect([...seen.values()].filter((times) => times !== 1)).toEqual([])
      expect(await admin.hget(queueKey('sluice', 'default', 'stats'), 'enqueued')).toBe(String(rows))
      expect(stats).toMatchObject({ parked: 0 })
    }, 180_000)
  })
})
