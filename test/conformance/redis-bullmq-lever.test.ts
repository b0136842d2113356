/** BullMQ's own levers, driven by Sluice, with real apps of both majors: nothing is lost, others' settings come back. */
import { readFile } from 'node:fs/promises'
import * as bullmq6 from 'bullmq'
import * as bullmq5 from 'bullmq5'
import { afterEach, describe, expect, inject, it } from 'vitest'
import type { Order } from '../../server/domain/control.ts'
import { Secret } from '../../server/domain/secret.ts'
import { isEmbedded } from '../brokers/redis.ts'
import { asked, never } from '../support/acting.ts'
import { eventually } from '../support/eventually.ts'
import { collect, queueNamed, redisSource } from '../support/redis.ts'
import { admin, ownRedis, redis } from '../support/redis-lab.ts'
import { controls, ownSource, placed, source } from '../support/source-lab.ts'

const brokers = inject('brokers')
const MAJORS = { 5: bullmq5 as unknown as typeof bullmq6, 6: bullmq6 } as const
const paused = (tail: string) => asked('queue', tail)

describe.skipIf(brokers.redis === null)('BullMQ’s own levers', () => {
  const ends: (() => unknown)[] = []

  ownRedis()
  ownSource()
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  const connection = () => ({ host: '127.0.0.1', port: redis.port, maxRetriesPerRequest: null })
  const open = (major: 5 | 6, name = 'emails') => {
    const queue = new MAJORS[major].Queue(name, { connection: connection(), skipVersionCheck: true })
    ends.push(() => queue.close())
    return queue
  }
  const work = (major: 5 | 6, seen: unknown[], name = 'emails') => {
    const worker = new MAJORS[major].Worker(name, async ({ data }) => void seen.push(data.n), {
      connection: connection(),
      concurrency: 1,
    })
    ends.push(() => worker.close())
    return worker
  }
  const jobs = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({ name: 'x', data: { n: from + n } }))

  it.each([5, 6] as const)(
    'version %i: nothing starts, what is added waits, and after the lift all run in order',
    async (major) => {
      const queue = open(major)
      await queue.addBulk(jobs(0, 100))
      const request = paused('emails')
      const control = await controls.apply(request, never)
      expect(await queue.isPaused()).toBe(true)
      const seen: unknown[] = []
      const worker = work(major, seen)
      await worker.waitUntilReady()
      await queue.addBulk(jobs(100, 7))
      await eventually(async () =>
        expect(await placed(request.id)).toMatchObject({ control, queues: ['emails'], missing: [], inHand: 0 }),
      )
      await eventually(async () => expect((await placed(request.id))?.obeyedBy).toHaveLength(1))
      const { systems, queues } = await collect(source)
      expect(systems).toMatchObject([
        { name: 'bullmq', levers: { pause: { by: 'system' }, throttle: { by: 'system' } } },
      ])
      expect(queues).toMatchObject([{ depth: 107, active: 0, pausedBy: 'sluice' }])
      expect(seen).toEqual([])
      expect(await controls.apply(request, never)).toEqual(control)
      await controls.lift(request.id, request.target, never)
      await eventually(() => seen.length === 107)
      expect(seen).toEqual(Array.from({ length: 107 }, (_, n) => n))
      expect(await queue.isPaused()).toBe(false)
      expect(await placed(request.id)).toBeUndefined()
      expect(queueNamed(await collect(source), 'emails').pausedBy).toBe('nobody')
      // An idle worker takes what comes next: its marker is as BullMQ leaves it.
      await queue.add('x', { n: 107 })
      await eventually(() => seen.length === 108)
    },
  )

  it.each([
    { wrote: 5, fed: 6 },
    { wrote: 6, fed: 5 },
  ] as const)('a queue of version $wrote, fed by $fed while it is paused, loses nothing', async ({ wrote, fed }) => {
    const first = open(wrote)
    await first.addBulk(jobs(0, 2_500))
    const request = paused('emails')
    await controls.apply(request, never)
    await open(fed).addBulk(jobs(2_500, 300))
    expect(queueNamed(await collect(source), 'emails').depth).toBe(2_800)
    await controls.lift(request.id, request.target, never)
    const seen: unknown[] = []
    work(wrote, seen)
    await eventually(() => seen.length === 2_800, { timeoutMs: 20_000 })
    expect(new Set(seen).size).toBe(2_800)
  })

  it('a queue that somebody else had paused stays paused when our control ends', async () => {
    const queue = open(6)
    await queue.add('x', { n: 1 })
    await queue.pause()
    const request = paused('emails')
    await controls.apply(request, never)
    expect(queueNamed(await collect(source), 'emails').pausedBy).toBe('sluice')
    await controls.lift(request.id, request.target, never)
    expect(await queue.isPaused()).toBe(true)
    expect(queueNamed(await collect(source), 'emails').pausedBy).toBe('elsewhere')
  })

  it('of two controls the first that ends leaves the other in force', async () => {
    const queue = open(6)
    await queue.add('x', { n: 1 })
    const [one, two] = [paused('emails'), paused('bullmq:emails')]
    await controls.apply(one, never)
    await controls.apply(two, never)
    await controls.lift(one.id, one.target, never)
    expect(await queue.isPaused()).toBe(true)
    await controls.lift(one.id, one.target, never)
    expect(await queue.isPaused()).toBe(true)
    await controls.lift(two.id, two.target, never)
    expect(await queue.isPaused()).toBe(false)
  })

  it('a flag that somebody took away is missing, and is put back', async () => {
    const queue = open(6)
    await queue.add('x', { n: 1 })
    const request = paused('emails')
    const control = await controls.apply(request, never)
    await queue.resume()
    expect(await placed(request.id)).toMatchObject({ queues: [], missing: ['emails'] })
    expect(await controls.putBack(control, never)).toBe('placed')
    expect(await placed(request.id)).toMatchObject({ queues: ['emails'], missing: [] })
    expect(await queue.isPaused()).toBe(true)
    await controls.lift(request.id, request.target, never)
    expect(await controls.putBack(control, never)).toBe('lifted')
    expect(await queue.isPaused()).toBe(false)
  })

  it('past its end it is overdue until somebody lifts it: BullMQ’s flag does not end by itself', async () => {
    const queue = open(6)
    await queue.add('x', { n: 1 })
    const request = { ...paused('emails'), ttlMs: 300 }
    const control = await controls.apply(request, never)
    expect((await placed(request.id))?.isOverdue).toBeUndefined()
    await eventually(async () => expect(await placed(request.id)).toMatchObject({ control, isOverdue: true }))
    expect(queueNamed(await collect(source), 'emails').pausedBy).toBe('sluice')
    await controls.lift(request.id, request.target, never)
    expect(await placed(request.id)).toBeUndefined()
    expect(await queue.isPaused()).toBe(false)
  })

  it.skipIf(isEmbedded)(
    'the rights that the README adds for it are enough, and without them it is refused',
    async () => {
      const readme = await readFile(new URL('../../server/source/redis/README.md', import.meta.url), 'utf8')
      const [acting, more] = [/ACL SETUSER sluice-acting on >PASSWORD (.*)/, /ACL SETUSER sluice-acting (~bull.*)/].map(
        (pattern) => pattern.exec(readme)?.[1]?.trim().split(' ') ?? [],
      )
      await admin.call('ACL', 'SETUSER', 'sluice-acting', 'on', '>PASSWORD', ...(acting ?? []))
      const queue = open(5)
      await queue.addBulk(jobs(0, 3))
      const one = redisSource(redis.port, { username: 'sluice-acting', password: new Secret('PASSWORD') })
      ends.push(() => one.close())
      const request = paused('emails')
      await expect(one.controls?.apply(request, never)).rejects.toMatchObject({ code: 'refused' })
      expect(await queue.isPaused()).toBe(false)
      await admin.call('ACL', 'SETUSER', 'sluice-acting', ...(more ?? []))
      await one.controls?.apply(request, never)
      expect(await queue.isPaused()).toBe(true)
      await open(6).addBulk(jobs(3, 3))
      await one.controls?.lift(request.id, request.target, never)
      expect(await queue.isPaused()).toBe(false)
      expect(queueNamed(await collect(one), 'emails').depth).toBe(6)
    },
  )

  it.each([5, 6] as const)(
    'version %i: a limit holds jobs in hand down, and what stood there before comes back',
    async (major) => {
      const queue = open(major, 'slow')
      await queue.setGlobalConcurrency(9)
      let [active, most] = [0, 0]
      const worker = new MAJORS[major].Worker(
        'slow',
        async () => {
          active += 1
          most = Math.max(most, active)
          await new Promise((resolve) => setTimeout(resolve, 20))
          active -= 1
        },
        { connection: connection(), concurrency: 8 },
      )
      ends.push(() => worker.close())
      const limit = (concurrency: number) => ({ ...asked('queue', 'slow', { verb: 'limit', concurrency }) })
      const [loose, strict] = [limit(4), limit(2)]
      await controls.apply(loose, never)
      await controls.apply(strict, never)
      await queue.addBulk(jobs(0, 60))
      await eventually(async () => (await queue.getJobCounts('completed')).completed === 60, { timeoutMs: 20_000 })
      expect(most).toBe(2)
      expect((await collect(source)).controls?.map(({ missing, queues }) => [missing, queues])).toEqual([
        [[], ['slow']],
        [[], ['slow']],
      ])
      await controls.lift(strict.id, strict.target, never)
      expect(queueNamed(await collect(source), 'slow').limit).toEqual({ concurrency: 4, perSecond: null })
      // Somebody changes it meanwhile: a stricter one counts, and is what comes back.
      await queue.setGlobalConcurrency(3)
      await controls.putBack({ ...loose, issuedAtMs: Date.now(), expiresAtMs: Date.now() + 60_000 }, never)
      expect(await queue.getGlobalConcurrency()).toBe(3)
      await controls.lift(loose.id, loose.target, never)
      expect(await queue.getGlobalConcurrency()).toBe(3)
    },
  )

  it.each([5, 6] as const)('version %i: a throttle lets so many start, and its lift lets all go', async (major) => {
    const queue = open(major)
    const request = asked('queue', 'emails', { verb: 'throttle', perSecond: 20, fromPerSecond: null })
    await queue.addBulk(jobs(0, 200))
    await controls.apply(request, never)
    const seen: unknown[] = []
    const startedMs = performance.now()
    work(major, seen)
    await eventually(() => seen.length > 40, { timeoutMs: 20_000 })
    // 20 at once in the first window and 20 in the second: the 41st begins the third.
    expect(performance.now() - startedMs).toBeGreaterThan(1_900)
    expect(await placed(request.id)).toMatchObject({ queues: ['emails'], missing: [] })
    expect(queueNamed(await collect(source), 'emails').limit).toEqual({ concurrency: null, perSecond: 20 })
    await controls.lift(request.id, request.target, never)
    await eventually(() => seen.length === 200, { timeoutMs: 20_000 })
    expect(await admin.hmget('bull:emails:meta', 'max', 'duration')).toEqual([null, null])
  })

  it('what Sluice does not drive is refused, and a vanished queue does not become one of ours', async () => {
    await open(6).add('x', { n: 1 })
    const throttle: Order = { verb: 'throttle', perSecond: 5, fromPerSecond: 1 }
    await expect(controls.apply({ ...paused('emails'), order: throttle }, never)).rejects.toMatchObject({
      code: 'unsupported',
    })
    const control = await controls.apply(paused('emails'), never)
    await admin.flushall()
    await expect(controls.putBack(control, never)).rejects.toMatchObject({ code: 'not-found' })
    expect(await admin.exists('sluice:{#}:queues')).toBe(0)
  })
})
