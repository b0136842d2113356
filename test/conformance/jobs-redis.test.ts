import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster } from 'ioredis'
import { describe, expect, inject, test } from 'vitest'
import { call, createJobs, fromRange } from '../../server/runtime/index.ts'
import { freePort } from '../brokers/port.ts'
import { startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { act, lift, put } from '../support/jobs-controls.ts'
import { redisClient } from '../support/redis.ts'

const brokers = inject('brokers')
const asIs = (value: unknown) => value as { n: number }
const range = (count: number) => Array.from({ length: count }, (_, n) => n)
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** What the runtime does when Redis itself is the trouble. */
describe.skipIf(brokers.redis === null)('jobs and the Redis below them', () => {
  test('a Redis that is killed and comes back loses nothing that was acknowledged; workers are back within a second', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-aof-'))
    const args = ['--dir', dir, '--appendonly', 'yes', '--appendfsync', 'always']
    let redis = await startRedis({ args })
    const jobs = createJobs({ redis: redis.url })
    try {
      const done = new Set<number>()
      const job = jobs.define({ name: 'note', args: asIs, perform: ({ n }) => void done.add(n) })
      const seen: number[] = []
      const walk = jobs.define({
        ...{ name: 'walk', args: asIs },
        items: ({ n }, cursor: number | null) => fromRange({ from: 0, to: n }, cursor),
        each: async (n) => {
          seen.push(n)
          await wait(5)
        },
      })
      const worker = jobs.worker({ queues: ['default'], leaseMs: 1_000 })
      await worker.start()
      await jobs.enqueue(walk, { n: 500 })
      const acknowledged: number[] = []
      const backMs: number[] = []
      for (let round = 0; round < 3; round += 1) {
        for (let n = round * 100; n < round * 100 + 100; n += 1) {
          await jobs.enqueue(job, { n }, { delayMs: 1 })
          acknowledged.push(n)
        }
        process.kill(redis.pid, 'SIGKILL')
        await wait(300)
        const before = done.size
        redis = await startRedis({ port: redis.port, args })
        const upMs = performance.now()
        const probe = 1_000 + round
        await eventually(() => jobs.enqueue(job, { n: probe }))
        await eventually(() => done.has(probe), { timeoutMs: 10_000 })
        backMs.push(performance.now() - upMs)
        expect(done.size).toBeGreaterThan(before)
      }
      console.log(`workers at work ${backMs.map((ms) => ms.toFixed(0)).join(', ')} ms after Redis was back`)
      await eventually(() => seen.at(-1) === 499, { timeoutMs: 20_000 })
      expect(acknowledged.filter((n) => !done.has(n))).toEqual([])
      expect([...new Set(seen)].sort((a, b) => a - b)).toEqual(range(500))
      expect(Math.max(...backMs)).toBeLessThan(2_500)
    } finally {
      await jobs.close()
      // Its data lies in a folder of ours, by which `stop` does not know it again.
      process.kill(redis.pid, 'SIGKILL')
      await redis.stop()
      await rm(dir, { recursive: true, force: true })
    }
  }, 60_000)

  test('in a Cluster every script stays within the slot of its queue', async () => {
    const bus = ['--cluster-port', String(await freePort())]
    const redis = await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', ...bus] })
    const admin = redisClient(redis.port)
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await eventually(async () => /cluster_state:ok/.test(String(await admin.call('CLUSTER', 'INFO'))))
    const options = { enableOfflineQueue: false, redisOptions: { maxRetriesPerRequest: 0 } }
    const jobs = createJobs({ redis: () => new Cluster([{ host: '127.0.0.1', port: redis.port }], options) })
    try {
      const seen: unknown[] = []
      const faults: unknown[] = []
      const note = jobs.define({ name: 'note', args: asIs, perform: ({ n }) => void seen.push(n) })
      const walk = jobs.define({
        ...{ name: 'walk', args: asIs },
        items: ({ n }, cursor: number | null) => fromRange({ from: 0, to: n }, cursor),
        each: (n) => void seen.push(`item ${n}`),
      })
      jobs.schedule(note, { n: 99 }, { name: 'often', cron: '* * * * * *' })
      const worker = jobs.worker({ queues: ['default', 'other'], leaseMs: 600 })
      worker.on('fault', (fault) => faults.push(fault))
      await worker.start()
      await put(admin, { id: 'ctl_t', order: { verb: 'pause' }, scope: 'tag', name: 'eu' })
      await jobs.enqueue(note, { n: 1 }, { tags: ['eu'], unique: { key: 'a' }, priority: 'high' })
      await jobs.enqueue(note, { n: 2 }, { queue: 'other', exclusive: 'b', followedBy: [call(walk, { n: 2 })] })
      await jobs.enqueueBatch(note, [{ n: 3 }, { n: 4 }], { onSuccess: call(note, { n: 5 }) })
      await jobs.enqueue(note, { n: 6 }, { id: 'late', delayMs: 60_000 })
      expect(await act(admin, 'promote', ['late'])).toEqual(['done'])
      await eventually(() => expect(seen).toEqual(expect.arrayContaining([2, 'item 0', 'item 1', 3, 4, 5, 6, 99])))
      expect(seen).not.toContain(1)
      await lift(admin, 'ctl_t')
      await eventually(() => seen.includes(1))
      expect(faults).toEqual([])
    } finally {
      await jobs.close()
      admin.disconnect()
      await redis.stop()
    }
  }, 60_000)
})
