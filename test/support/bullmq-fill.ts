import type { Redis } from 'ioredis'

/**
 * Writes the keys of many BullMQ 6 queues directly: with 1,000 queues and more, adding by its own client takes minutes.
 * Queue n has n % 20 jobs waiting, one prioritized when n is even, one delayed, one failed; every tenth is paused.
 */
export async function fillBullmq(admin: Redis, queues: number, prefix = 'bull'): Promise<void> {
  for (let from = 0; from < queues; from += 500) {
    const batch = admin.pipeline()
    for (let n = from; n < Math.min(queues, from + 500); n += 1) {
      const base = `${prefix}:${queueName(n)}:`
      const nowMs = Date.now()
      batch.hset(`${base}meta`, 'version', 'bullmq:6.7.0', 'opts.maxLenEvents', '10000')
      if (n % 10 === 0) batch.hset(`${base}meta`, 'paused', '1')
      const waiting = n % 20
      for (let id = 1; id <= waiting; id += 1) {
        batch.lpush(`${base}wait`, String(id))
        batch.hset(`${base}${id}`, 'name', 'ok', 'data', '{"to":"a@x.io"}', 'timestamp', String(nowMs - 60_000 + id))
      }
      batch.zadd(`${base}delayed`, (nowMs + 3_600_000) * 4096, '101')
      batch.hset(`${base}101`, 'name', 'later', 'timestamp', String(nowMs), 'atm', '1')
      batch.zadd(`${base}failed`, nowMs, '102')
      batch.hset(`${base}102`, 'name', 'bad', 'timestamp', String(nowMs))
      if (n % 2 === 0) {
        batch.zadd(`${base}prioritized`, 2 ** 32, '103')
        batch.hset(`${base}103`, 'name', 'urgent', 'timestamp', String(nowMs - 30_000))
      }
      batch.set(`${base}id`, '103')
    }
    await batch.exec()
  }
}

/** `billing-invoices-00042`: as long as names usually are. */
export function queueName(n: number): string {
  return `billing-invoices-${String(n).padStart(5, '0')}`
}
