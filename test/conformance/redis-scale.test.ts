/** 1,000 and 10,000 BullMQ queues: what a refresh costs, counted by the server itself. */
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Source } from '../../server/domain/source.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { fillBullmq, queueName } from '../support/bullmq-fill.ts'
import { eventually } from '../support/eventually.ts'
import { manualClock } from '../support/manual-clock.ts'
import { collect, queueNamed, redisClient, redisSource } from '../support/redis.ts'
import { metered } from '../support/redis-meter.ts'

const brokers = inject('brokers')

/** All that the source can send at the top level. INFO is also what the meter asks, but it subtracts that. */
const SENT = ['info', 'scan', 'client\\|list', 'evalsha_ro', 'evalsha', 'script\\|load', 'exists', 'auth', 'select']

describe.skipIf(!brokers.redis)('many queues', () => {
  let redis: StartedRedis
  let admin: Redis
  let source: Source

  beforeAll(async () => {
    redis = await startRedis()
    admin = redisClient(redis.port)
    await fillBullmq(admin, 1_000)
    source = redisSource(redis.port)
  })
  afterAll(async () => {
    await source.close()
    admin.disconnect()
    await redis.stop()
  })

  it('1,000 are read in one steady refresh of ≤ 25 commands and ≤ 150 KB', async () => {
    await collect(source)
    let cost = { commands: 0, bytesSent: 0, bytesRead: 0 }
    const served = await metered(admin, SENT, async () => {
      cost = (await collect(source)).cost
    })
    expect(served.commands).toBeLessThanOrEqual(25)
    expect(served.bytesOut).toBeLessThanOrEqual(150_000)
    // What the snapshot says of its own cost is what the server has counted.
    expect(cost.commands).toBe(served.commands)
    expect(Math.abs(cost.bytesRead - served.bytesOut)).toBeLessThan(300)
    expect(Math.abs(cost.bytesSent - served.bytesIn)).toBeLessThan(300)
    console.log('1,000 queues, steady refresh:', cost)
  })

  it('the dearest refresh of all (a walk in progress, queues looked at) stays within both too', async () => {
    const clock = manualClock(Date.now())
    const one = redisSource(redis.port, {}, clock)
    await collect(one, [queueName(7)])
    clock.advance(31_000)
    const { cost, queues } = await collect(one, [queueName(7), queueName(8)])
    expect(cost.commands).toBeLessThanOrEqual(25)
    expect(cost.bytesRead).toBeLessThanOrEqual(150_000)
    expect(queues.find(({ name }) => name === queueName(7))?.retrying).toBe(1)
    await one.close()
  })

  it('with 500 other clients a steady refresh is as cheap: their list is not read each time', async () => {
    const others = Array.from({ length: 500 }, () => redisClient(redis.port))
    await Promise.all(others.map((client) => client.ping()))
    const clock = manualClock(Date.now())
    const one = redisSource(redis.port, {}, clock)
    const first = await collect(one)
    clock.advance(2_000)
    const { cost, queues } = await collect(one)
    expect(cost.bytesRead).toBeLessThanOrEqual(150_000)
    // What was counted at an earlier refresh is marked as an estimate.
    expect(first.queues[0]?.estimated).not.toContain('consumers')
    expect(queues[0]?.estimated).toContain('consumers')
    clock.advance(10_000)
    expect((await collect(one)).queues[0]?.estimated).not.toContain('consumers')
    for (const client of others) client.disconnect()
    await one.close()
  })

  it('10,000 are all found and right, and a refresh stays far below its deadline', async () => {
    await admin.flushdb()
    await fillBullmq(admin, 10_000)
    const one = redisSource(redis.port)
    // The first walk takes 250 ms of each refresh: on a busy machine it needs several.
    const snapshot = await eventually(
      async () => {
        const found = await collect(one)
        expect(found.gaps).toEqual([])
        return found
      },
      { timeoutMs: 30_000 },
    )
    expect(snapshot.queues).toHaveLength(10_000)
    for (const n of [0, 1, 4_999, 9_998, 9_999]) {
      expect(queueNamed(snapshot, queueName(n))).toMatchObject({
        depth: (n % 20) + (n % 2 === 0 ? 1 : 0),
        delayed: 1,
        dead: 1,
        pausedBy: n % 10 === 0 ? 'elsewhere' : 'nobody',
      })
    }
    const { tookMs, cost } = await collect(one)
    expect(tookMs).toBeLessThan(2_000)
    console.log('10,000 queues, steady refresh:', { tookMs: Math.round(tookMs), ...cost })
    await one.close()
  })

  it('a database too large for one walk says how far it is, and gets there', async () => {
    const clock = { nowMs: () => Date.now(), monotonicMs: () => (ticks += 25) }
    let ticks = 0
    const one = redisSource(redis.port, {}, clock) // each look at the clock is 25 ms: the walk stops after 10 calls
    const first = await collect(one)
    expect(first.gaps).toMatchObject([{ what: 'queue discovery' }])
    expect(first.gaps[0]?.message).toMatch(/about \d+ % of \d+ keys/)
    let found = first.queues.length
    expect(found).toBeLessThan(10_000)
    for (let round = 0; round < 200; round += 1) {
      const { queues, gaps } = await collect(one)
      expect(queues.length).toBeGreaterThanOrEqual(found)
      found = queues.length
      if (gaps.length === 0) break
    }
    expect(found).toBe(10_000)
    await one.close()
  })
})
