/** BullMQ 5 and 6 as they are: what we read equals what BullMQ's own client says. */
import type { JobType } from 'bullmq'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { Secret } from '../../server/domain/secret.ts'
import type { RedisSettings } from '../../server/source/settings.ts'
import { isEmbedded, type StartedRedis, startRedis } from '../brokers/redis.ts'
import { type BullmqApp, startBullmqApp } from '../support/bullmq-app.ts'
import { eventually } from '../support/eventually.ts'
import { manualClock } from '../support/manual-clock.ts'
import { collect, queueNamed, redisClient, redisSource } from '../support/redis.ts'

const brokers = inject('brokers')

describe.skipIf(!brokers.redis).each([5, 6] as const)('BullMQ %i', (major) => {
  let redis: StartedRedis
  let app: BullmqApp
  const opened: { close(): Promise<unknown> }[] = []
  const source = (more: Partial<RedisSettings> = {}, clock?: ReturnType<typeof manualClock>) => {
    const one = redisSource(redis.port, more, clock)
    opened.push(one)
    return one
  }

  beforeAll(async () => {
    redis = await startRedis()
    app = await startBullmqApp(major, redis.port)
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })
  afterAll(async () => {
    await app.close()
    await redis.stop()
  })

  /** What BullMQ itself says, in our words. */
  async function told(queue: BullmqApp['emails']) {
    const states = ['waiting', 'paused', 'prioritized', 'active', 'delayed', 'failed']
    const counts = await queue.getJobCounts(...(states as JobType[]))
    const count = (name: string) => counts[name] ?? 0
    return {
      depth: count('waiting') + count('paused') + count('prioritized'),
      active: count('active'),
      delayed: count('delayed'),
      dead: count('failed'),
      consumers: (await queue.getWorkers()).length,
      pausedBy: (await queue.isPaused()) ? 'elsewhere' : 'nobody',
    }
  }

  it('every number equals what getJobCounts says', async () => {
    const snapshot = await collect(source())
    expect(queueNamed(snapshot, 'emails')).toMatchObject(await told(app.emails))
    expect(queueNamed(snapshot, 'emails')).toMatchObject({ depth: 5, active: 2, delayed: 3, dead: 2, consumers: 1 })
    expect(queueNamed(snapshot, 'images')).toMatchObject(await told(app.images))
    expect(queueNamed(snapshot, 'images')).toMatchObject({ depth: 4, active: 0, pausedBy: 'elsewhere', consumers: 1 })
    expect(snapshot.gaps).toEqual([])
    expect(snapshot.systems).toMatchObject([{ name: 'bullmq', version: major === 5 ? '5.81.5' : '6.7.0' }])
  })

  it('counts what was added and finished, and what the workers with metrics failed', async () => {
    const emails = queueNamed(await collect(source()), 'emails')
    expect(emails).toMatchObject({ added: 17, finished: 5, failed: 2 })
    const images = queueNamed(await collect(source()), 'images')
    expect(images).toMatchObject({ added: 4, finished: 0, failed: null })
  })

  it('finished jobs are counted when the app keeps none of them, and a retry takes none back', async () => {
    const shop = await app.finishing('orders', { ok: 7, bad: 3 })
    const one = source()
    const { added = 0, finished, dead } = queueNamed(await collect(one), 'orders')
    expect(await shop.queue.getJobCounts('completed')).toEqual({ completed: 0 })
    expect({ added, finished, dead }).toEqual({ added: 10, finished: 7, dead: 3 })
    await shop.queue.retryJobs({ state: 'failed' })
    expect(queueNamed(await collect(one), 'orders')).toMatchObject({ finished: 7, dead: 0, depth: 3 })
    await shop.queue.add('ok', {}, { jobId: 'known' })
    await shop.queue.add('ok', {}, { jobId: 'known' })
    // The second add was ignored, yet BullMQ counted it: it comes in and goes out at once.
    expect(queueNamed(await collect(one), 'orders')).toMatchObject({ added: 12, finished: 8, depth: 4 })
    await shop.queue.close()
  })

  it('the oldest waiting job gives the age', async () => {
    const [first] = await app.emails.getWaiting(0, 0)
    const before = Date.now() - (first?.timestamp ?? 0)
    const { oldestAgeMs } = queueNamed(await collect(source()), 'emails')
    expect(oldestAgeMs).toBeGreaterThanOrEqual(before - 5)
    expect(oldestAgeMs).toBeLessThanOrEqual(Date.now() - (first?.timestamp ?? 0) + 5)
  })

  it('the workers are known by their connections', async () => {
    const { workers } = await collect(source())
    expect(workers.map(({ serves, phase, host }) => ({ serves, phase, host }))).toEqual(
      expect.arrayContaining([
        { serves: ['emails'], phase: 'running', host: '127.0.0.1' },
        { serves: ['images'], phase: 'running', host: '127.0.0.1' },
      ]),
    )
    expect(workers).toHaveLength(2)
    expect(new Set(workers.map(({ id }) => id)).size).toBe(2)
  })

  it('retries are counted for a queue that somebody looks at, and not told for others', async () => {
    const one = source()
    expect(queueNamed(await collect(one), 'emails').retrying).toBeNull()
    expect(queueNamed(await collect(one, ['emails']), 'emails').retrying).toBe(1)
    expect(queueNamed(await collect(one, ['bullmq:emails']), 'emails').retrying).toBe(1)
  })

  it.skipIf(isEmbedded)('says the same of a server that refuses scripts, with a gap that tells so', async () => {
    const admin = redisClient(redis.port)
    await admin.call('ACL', 'SETUSER', 'plain', 'on', '>pw', '~*', '+@read', '+info', '+client', '+select', '+time')
    await admin.call('ACL', 'SETUSER', 'plain', '-@scripting')
    const usual = await collect(source())
    const plain = await collect(source({ username: 'plain', password: new Secret('pw') }))
    const figures = (name: string, from: typeof usual) => ({ ...queueNamed(from, name), oldestAgeMs: null })
    expect(figures('emails', plain)).toEqual(figures('emails', usual))
    expect(figures('images', plain)).toEqual(figures('images', usual))
    expect(queueNamed(plain, 'emails').oldestAgeMs).toBeGreaterThanOrEqual(queueNamed(usual, 'emails').oldestAgeMs ?? 0)
    expect(plain.gaps).toMatchObject([{ what: 'scripts', code: 'refused' }])
    await admin.quit()
  })

  it.skipIf(isEmbedded)(
    'a server without EVALSHA_RO (before 7.0, or forbidden) is read by EVALSHA, with nothing missing',
    async () => {
      const admin = redisClient(redis.port)
      await admin.call('ACL', 'SETUSER', 'older', 'on', '>pw', '~*', '+@all', '-evalsha_ro')
      const snapshot = await collect(source({ username: 'older', password: new Secret('pw') }))
      expect(queueNamed(snapshot, 'emails')).toMatchObject(await told(app.emails))
      expect(snapshot.gaps).toEqual([])
      await admin.quit()
    },
  )

  it.skipIf(isEmbedded)('a server that refuses CLIENT LIST leaves the consumers unknown, not 0', async () => {
    const admin = redisClient(redis.port)
    await admin.call('ACL', 'SETUSER', 'blind', 'on', '>pw', '~*', '+@read', '+info', '+@scripting', '+time')
    const snapshot = await collect(source({ username: 'blind', password: new Secret('pw') }))
    expect(queueNamed(snapshot, 'emails')).toMatchObject({ ...(await told(app.emails)), consumers: null })
    expect(snapshot.gaps).toMatchObject([{ what: 'workers of bullmq', code: 'refused' }])
    await admin.quit()
  })

  it('a queue that appears and one that vanishes are noticed by the next walk', async () => {
    const clock = manualClock(Date.now())
    const one = source({}, clock)
    await collect(one)
    const admin = redisClient(redis.port)
    await admin.hset('bull:brand-new:meta', 'opts.maxLenEvents', '10000')
    clock.advance(1_000)
    expect((await collect(one)).queues.map(({ name }) => name)).not.toContain('brand-new')
    clock.advance(1_000)
    expect(queueNamed(await collect(one), 'brand-new')).toMatchObject({ depth: 0, oldestAgeMs: 0, pausedBy: 'nobody' })
    await admin.del('bull:brand-new:meta')
    expect((await collect(one)).queues.map(({ name }) => name)).not.toContain('brand-new')
    await admin.quit()
  })

  it('a new queue with a worker is known at once, without a walk', async () => {
    const one = source({}, manualClock(Date.now()))
    await collect(one)
    const { queue, end } = await app.working('fresh')
    await eventually(async () => {
      const snapshot = await collect(one)
      expect(queueNamed(snapshot, 'fresh')).toMatchObject({ depth: 0, consumers: 1 })
    })
    await end()
    await queue.close()
  })

  it('a configured list of queues needs no walk, and a name that does not exist is a gap', async () => {
    const snapshot = await collect(source({ queues: ['emails', 'nope'] }))
    expect(snapshot.queues.map(({ name }) => name)).toEqual(['emails'])
    expect(snapshot.gaps).toMatchObject([{ what: 'queue nope', code: 'not-found' }])
  })
})
