import type { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { redisClient } from './redis.ts'

/** Of the test file that called `ownRedis`; there once its first test begins. */
export let redis: StartedRedis
/** A client to look and to prepare with. */
export let admin: Redis

/** A Redis of its own for one test file, empty before each test. */
export function ownRedis(): void {
  beforeAll(async () => {
    redis = await startRedis()
    admin = redisClient(redis.port)
  })
  afterAll(async () => {
    admin.disconnect()
    await redis.stop()
  })
  beforeEach(async () => {
    await admin.flushall()
  })
}
