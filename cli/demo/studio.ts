import { setTimeout as delay } from 'node:timers/promises'
import { FlowProducer, Queue, Worker } from 'bullmq'
import { arrivals, busyness } from './day.ts'
import type { StartRole } from './role.ts'

const TICK_MS = 2_000
/** Products that get new pictures, a second, at the busiest hour. */
const GALLERIES = 0.35
const PICTURES = 5
const FEED_EVERY_MS = 45_000
/** A picture of 12 megapixels takes so long, ms: at least, and by chance more. */
const RESIZE_MS = { least: 120, more: 500 } as const

/** The pictures, on BullMQ: other people's code beside our own. A gallery is published when its thumbnails are made. */
export const startStudio: StartRole = async ({ redis, outside, chance }) => {
  const connection = { url: redis }
  const kept = { removeOnComplete: { count: 50 }, removeOnFail: { count: 100 } }
  const resize = async ({ data }: { data: { readonly file: string } }) => {
    await delay(RESIZE_MS.least + RESIZE_MS.more * chance())
    if (data.file.endsWith('.psd')) throw new Error('unsupported image: CMYK profile')
  }
  const settings = { connection, ...kept, metrics: { maxDataPoints: 60 }, drainDelay: 30 }
  const workers = [
    new Worker('thumbnails', resize, { ...settings, concurrency: 4, name: 'resizer-1' }),
    new Worker('thumbnails', resize, { ...settings, concurrency: 4, name: 'resizer-2' }),
    new Worker('galleries', () => outside.query(), { ...settings, concurrency: 2, name: 'publisher' }),
    new Worker('price-feed', () => outside.query(3), { ...settings, concurrency: 1, name: 'feed' }),
  ]
  const flows = new FlowProducer({ connection })
  const feed = new Queue('price-feed', { connection })
  // Each complains when Redis goes away; the dashboard says it better.
  for (const worker of workers) worker.on('error', () => undefined)
  flows.on('error', () => undefined)
  feed.on('error', () => undefined)

  const attempts = { attempts: 3, backoff: { type: 'exponential', delay: 3_000 } }
  const publish = (product: number) => {
    const pictures = Array.from({ length: PICTURES }, (_, n) => {
      const file = `${product}-${n}.${chance() < 0.02 ? 'psd' : 'jpg'}`
      return {
        name: 'resize',
        queueName: 'thumbnails',
        data: { file },
        opts: { ...attempts, ignoreDependencyOnFailure: true },
      }
    })
    return flows.add({ name: 'publish', queueName: 'galleries', data: { product }, opts: attempts, children: pictures })
  }
  const startedMs = performance.now()
  const tick = async () => {
    const share = busyness(performance.now() - startedMs)
    for (let left = arrivals((GALLERIES * share * TICK_MS) / 1_000, chance); left > 0; left--)
      await publish(Math.floor(9_000 * chance()))
  }
  await feed.upsertJobScheduler('prices', { every: FEED_EVERY_MS }, { name: 'fetch-prices' })
  await Promise.all([1, 2, 3, 4].map(publish))
  const timer = setInterval(() => void tick().catch(() => undefined), TICK_MS)
  return async () => {
    clearInterval(timer)
    await Promise.all([...workers.map((worker) => worker.close(true)), flows.close(), feed.close()])
  }
}
