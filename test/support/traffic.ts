import { setTimeout as delay } from 'node:timers/promises'
import { connect } from 'amqplib'
import { Queue, Worker } from 'bullmq'
import { Kafka, logLevel } from 'kafkajs'
import { createJobs, fromRange } from '../../server/runtime/index.ts'
import type { KafkaAddress, RabbitmqAddress, RedisAddress } from '../brokers/brokers.ts'

/** Everything a small shop does, on three real brokers, until it is stopped: something to look at. */
export interface Traffic {
  stop(): Promise<void>
}

interface Shop {
  readonly name: string
  /** Jobs added per second, and how many its workers finish; 0 workers = its consumer is gone. */
  readonly perSecond: number
  readonly workers: number
  readonly takesMs: number
  readonly failEvery: number
}

const JOBS: readonly Shop[] = [
  { name: 'thumbnails', perSecond: 30, workers: 4, takesMs: 40, failEvery: 0 },
  { name: 'payments-sync', perSecond: 4, workers: 0, takesMs: 0, failEvery: 0 },
  { name: 'webhooks', perSecond: 45, workers: 2, takesMs: 120, failEvery: 40 },
  { name: 'search-index', perSecond: 12, workers: 2, takesMs: 30, failEvery: 0 },
  { name: 'nightly-report', perSecond: 0, workers: 1, takesMs: 10, failEvery: 0 },
]

export async function startRedisTraffic({ host, port }: RedisAddress): Promise<Traffic> {
  const connection = { host, port }
  const ends: (() => Promise<unknown>)[] = []
  for (const { name, perSecond, workers, takesMs, failEvery } of JOBS) {
    const queue = new Queue(name, { connection })
    await queue.add('later', {}, { delay: 3_600_000 })
    if (name === 'nightly-report') await queue.pause()
    let started = 0
    const work = async () => {
      await delay(takesMs)
      started++
      if (failEvery > 0 && started % failEvery === 0) throw new Error('SMTP 429: too many requests')
    }
    const running = Array.from(
      { length: workers },
      () => new Worker(name, work, { connection, concurrency: 2, removeOnComplete: { count: 100 } }),
    )
    const timer = perSecond > 0 ? everySecond(() => queue.addBulk(jobs(perSecond))) : null
    ends.push(async () => {
      if (timer) clearInterval(timer)
      await Promise.all(running.map((worker) => worker.close(true)))
      await queue.close()
    })
  }
  return stopAll(ends)
}

/** Work on our own runtime, in the same Redis: mails of which some fail, a newsletter, and a long import. */
export async function startJobsTraffic({ url }: RedisAddress): Promise<Traffic> {
  const jobs = createJobs({ redis: url })
  const args = (value: unknown) => value as { n: number }
  const mail = jobs.define({
    ...{ name: 'SendMail', queue: 'emails', args, retries: { limit: 1, baseMs: 500 } },
    async perform({ n }) {
      await delay(60)
      if (n % 11 === 0) throw new Error(`SMTP 429: too many requests, customer ${n}`)
    },
  })
  const letter = jobs.define({ name: 'Newsletter', queue: 'bulk-mail', args, perform: () => delay(40) })
  const backfill = jobs.define({
    ...{ name: 'BackfillInvoices', queue: 'imports', args, total: ({ n }: { n: number }) => n },
    items: ({ n }: { n: number }, cursor: number | null) => fromRange({ from: 0, to: n }, cursor),
    each: () => delay(4),
  })
  await jobs.worker({ queues: ['emails', 'bulk-mail'], concurrency: 6 }).start()
  await jobs.worker({ queues: ['emails', 'bulk-mail'], concurrency: 6 }).start()
  await jobs.worker({ queues: ['imports'], concurrency: 2 }).start()
  await jobs.enqueue(backfill, { n: 1_200_000 })
  let n = 0
  const timer = everySecond(async () => {
    const some = (count: number) => Array.from({ length: count }, () => ({ n: n++ }))
    await jobs.enqueueMany(mail, some(50))
    await jobs.enqueueMany(letter, some(20))
  })
  return stopAll([async () => clearInterval(timer), () => jobs.close()])
}

export async function startRabbitmqTraffic({ amqpUrl }: RabbitmqAddress, vhost: string): Promise<Traffic> {
  const connection = await connect(`${amqpUrl}/${vhost}`)
  connection.on('error', () => undefined)
  const channel = await connection.createConfirmChannel()
  channel.on('error', () => undefined)
  await channel.assertExchange('orders', 'topic', { durable: true })
  const dead = { 'x-queue-type': 'quorum', 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'billing.dead' }
  await channel.assertQueue('billing.dead', { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  await channel.assertQueue('billing', { durable: true, arguments: dead })
  await channel.assertQueue('audit', { durable: true })
  await channel.assertQueue('shipping', { durable: true })
  await channel.assertQueue('events', { durable: true, arguments: { 'x-queue-type': 'stream' } })
  for (const queue of ['billing', 'audit', 'shipping', 'events']) await channel.bindQueue(queue, 'orders', 'order.#')
  await channel.prefetch(20)
  let taken = 0
  await channel.consume('billing', (message) => {
    if (message) ++taken % 50 === 0 ? channel.reject(message, false) : channel.ack(message)
  })
  let isOpen = true
  const later = (work: () => void) => void setTimeout(() => isOpen && work(), 400)
  await channel.consume('shipping', (message) => message && later(() => channel.ack(message)))
  const timer = everySecond(async () => {
    for (let index = 0; index < 40; index++)
      channel.publish('orders', 'order.placed', Buffer.from('{}'), { persistent: true })
  })
  return stopAll([
    async () => {
      clearInterval(timer)
      isOpen = false
      for (const queue of ['billing', 'billing.dead', 'audit', 'shipping', 'events']) await channel.deleteQueue(queue)
      await connection.close()
    },
  ])
}

export async function startKafkaTraffic({ bootstrap }: KafkaAddress): Promise<Traffic> {
  const kafka = new Kafka({ clientId: 'shop', brokers: [bootstrap], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const topics = ['shop.orders', 'shop.clicks', 'shop.prices']
  await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 6 })), waitForLeaders: true })
  const producer = kafka.producer()
  await producer.connect()
  const consumers = await Promise.all(
    [
      { groupId: 'shop-invoices', topic: 'shop.orders', takesMs: 1 },
      { groupId: 'shop-search', topic: 'shop.prices', takesMs: 0 },
      { groupId: 'shop-analytics', topic: 'shop.clicks', takesMs: 25 },
    ].map(async ({ groupId, topic, takesMs }) => {
      const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500 })
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await consumer.run({
        autoCommitInterval: 1_000,
        eachMessage: async () => void (takesMs > 0 && (await delay(takesMs))),
      })
      return consumer
    }),
  )
  const timer = everySecond(() =>
    producer.sendBatch({
      topicMessages: topics.map((topic) => ({
        topic,
        messages: Array.from({ length: topic === 'shop.clicks' ? 90 : 40 }, () => ({ value: '{}' })),
      })),
    }),
  )
  return stopAll([
    async () => clearInterval(timer),
    async () => {
      await producer.disconnect()
      await Promise.all(consumers.map((consumer) => consumer.disconnect()))
      await admin.deleteGroups(['shop-invoices', 'shop-search', 'shop-analytics']).catch(() => undefined)
      await admin.deleteTopics({ topics })
      await admin.disconnect()
    },
  ])
}

function jobs(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    name: 'job',
    data: { index },
    opts: { attempts: 2, backoff: { type: 'fixed', delay: 20_000 } },
  }))
}

/** What fails because everything is being stopped is nobody's concern. */
function everySecond(work: () => Promise<unknown>): NodeJS.Timeout {
  return setInterval(() => void work().catch(() => undefined), 1_000)
}

function stopAll(ends: readonly (() => Promise<unknown>)[]): Traffic {
  return {
    stop: async () => {
      for (const end of ends) await end()
    },
  }
}
