import { setTimeout as delay } from 'node:timers/promises'
import { connect } from 'amqplib'
import { Kafka, logLevel } from 'kafkajs'
import type { KafkaAddress, RabbitmqAddress } from '../brokers/brokers.ts'

/** What a small shop does on RabbitMQ and Kafka, until it is stopped: something to look at. Its Redis is that of `sluice demo`. */
export interface Traffic {
  stop(): Promise<void>
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
  return {
    stop: async () => {
      clearInterval(timer)
      isOpen = false
      for (const queue of ['billing', 'billing.dead', 'audit', 'shipping', 'events']) await channel.deleteQueue(queue)
      await connection.close()
    },
  }
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
  return {
    stop: async () => {
      clearInterval(timer)
      await producer.disconnect()
      await Promise.all(consumers.map((consumer) => consumer.disconnect()))
      await admin.deleteGroups(['shop-invoices', 'shop-search', 'shop-analytics']).catch(() => undefined)
      await admin.deleteTopics({ topics })
      await admin.disconnect()
    },
  }
}

/** What fails because everything is being stopped is nobody's concern. */
function everySecond(work: () => Promise<unknown>): NodeJS.Timeout {
  return setInterval(() => void work().catch(() => undefined), 1_000)
}
