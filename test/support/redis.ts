import { Redis } from 'ioredis'
import type { Queue } from '../../server/domain/queue.ts'
import type { Snapshot } from '../../server/domain/snapshot.ts'
import type { Source } from '../../server/domain/source.ts'
import { openRedis } from '../../server/source/redis/open.ts'
import type { RedisSettings } from '../../server/source/settings.ts'

export const realClock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }
export const noLog = { debug() {}, info() {}, warn() {}, error() {} }

/** A source on one loopback port, with the defaults of the configuration. */
export function redisSource(port: number, more: Partial<RedisSettings> = {}, clock = realClock): Source {
  const settings: RedisSettings = {
    kind: 'redis',
    mode: 'standalone',
    nodes: [{ host: '127.0.0.1', port }],
    master: null,
    db: 0,
    username: null,
    password: null,
    sentinelPassword: null,
    tls: null,
    prefixes: ['bull'],
    sluicePrefixes: ['sluice'],
    queues: null,
    ...more,
  }
  return openRedis(settings, { id: 'redis-main', clock, log: noLog })
}

export function collect(source: Source, watched: readonly string[] = []): Promise<Snapshot> {
  return source.collect({ signal: AbortSignal.timeout(5_000), watched })
}

export function queueNamed(snapshot: Snapshot, name: string): Queue {
  const queue = snapshot.queues.find((one) => one.name === name)
  if (!queue) throw new Error(`no queue "${name}" among ${snapshot.queues.map((one) => one.name)}`)
  return queue
}

/** A client for the test itself; close it. */
export function redisClient(port: number): Redis {
  return new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null, retryStrategy: null })
}
