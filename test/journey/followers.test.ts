import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { startServing, type TestServing } from '../support/serving.ts'

/** Screens are served from the board: however many look, each broker is read once. */

const REFRESHES = 4
const FOLLOWERS = 20

describe.skipIf(inject('brokers').redis === null)('a Redis with many viewers', () => {
  let redis: StartedRedis
  let serving: TestServing
  let client: Redis

  beforeAll(async () => {
    redis = await startRedis()
    client = new Redis(redis.port, redis.host)
    await client.hset('bull:mail:meta', 'version', 'bullmq:6.7.0')
    await client.lpush('bull:mail:wait', '1', '2', '3')
    serving = await startServing({ 'redis-main': redis.url }, { collect: { redis: '500ms' } })
    await eventually(async () => expect((await serving.get('queues')).total).toBe(1))
  })

  afterAll(async () => {
    client?.disconnect()
    await serving?.close()
    await redis?.stop()
  })

  test('twenty followers and a storm of requests cost it not one command more', async () => {
    const alone = await commandsOver(REFRESHES)
    const ends = new AbortController()
    const path = encodeURIComponent('/queues?trend=1')
    const url = `${serving.url}/api/v1/live?path=${path}&path=/overview`
    const streams = await Promise.all(Array.from({ length: FOLLOWERS }, () => fetch(url, { signal: ends.signal })))
    expect(streams.map(({ status }) => status)).toEqual(Array(FOLLOWERS).fill(200))
    const followed = commandsOver(REFRESHES)
    for (let index = 0; index < 100; index++) await serving.get('queues')
    expect(await followed).toBeLessThanOrEqual(alone + 1)
    ends.abort()
  })

  /** Commands that the server counted over some refreshes, ours aside. */
  async function commandsOver(refreshes: number): Promise<number> {
    const observed = async () => (await serving.get('source', '/sources/redis-main')).source.observedAtMs ?? 0
    const counted = async () => Number(/total_commands_processed:(\d+)/.exec(await client.info('stats'))?.[1])
    let last = await observed()
    const before = await counted()
    for (let seen = 0; seen < refreshes; seen++) {
      last = await eventually(async () => {
        const now = await observed()
        expect(now).toBeGreaterThan(last)
        return now
      })
    }
    return (await counted()) - before - 1
  }
})
