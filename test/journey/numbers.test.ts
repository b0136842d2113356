import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { connect } from 'amqplib'
import { Queue, Worker } from 'bullmq'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { consumerGroupDescribe } from '../brokers/kafka-tools.ts'
import { findProgram } from '../brokers/process.ts'
import { rabbitmqctl } from '../brokers/rabbitmq.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { startServing, type TestServing } from '../support/serving.ts'

/** The numbers of the API beside those of each system's own tool, at the same quiet moment, all systems at once. */

const brokers = inject('brokers')
const isWhole = brokers.redis !== null && brokers.rabbitmq !== null && brokers.kafka !== null
const ruby = await findProgram('ruby')
const hasSidekiq = ruby !== null && (await succeeds(ruby, ['-e', 'require "sidekiq"']))
const id = `numbers-${process.pid}`
const ends: (() => unknown)[] = []
let redis: StartedRedis
let serving: TestServing

describe.skipIf(!isWhole)('with all three brokers running', () => {
  beforeAll(async () => {
    redis = await startRedis()
    const { rabbitmq, kafka } = brokers
    await rabbitmqctl(['add_vhost', id])
    await rabbitmqctl(['set_permissions', '-p', id, 'guest', '.*', '.*', '.*'])
    serving = await startServing({
      'redis-main': { url: `${redis.url}/0` },
      'rabbit-1': {
        url: `${rabbitmq?.amqpUrl.replace('amqp://', 'amqp://')}/${id}`,
        management: rabbitmq?.managementUrl,
        prometheus: rabbitmq?.prometheusUrl,
      },
      'kafka-eu': { url: `kafka://${kafka?.bootstrap}` },
    })
  })

  afterAll(async () => {
    for (const end of ends.reverse()) await end()
    await serving?.close()
    await rabbitmqctl(['delete_vhost', id]).catch(() => undefined)
    await redis?.stop()
  })

  test('a BullMQ queue shows what getJobCounts says', async () => {
    const connection = { host: redis.host, port: redis.port }
    const queue = new Queue('mail', { connection })
    ends.push(() => queue.close())
    await queue.addBulk(Array.from({ length: 40 }, (_, index) => ({ name: 'send', data: { index } })))
    await queue.add('later', {}, { delay: 3_600_000 })
    await queue.add('urgent', {}, { priority: 1 })
    let done = 0
    const worker = new Worker('mail', async () => void (++done % 5 === 0 && (await Promise.reject(new Error('no')))), {
      connection,
      concurrency: 1,
    })
    ends.push(() => worker.close())
    await eventually(() => done >= 20, { timeoutMs: 20_000 })
    await worker.pause()
    const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed')
    expect(counts.failed).toBeGreaterThan(0)
    await eventually(
      async () => {
        const { queue: row } = await serving.get('queue', '/queues/redis-main/mail')
        const waiting = (counts.wait ?? 0) + (counts.prioritized ?? 0)
        expect(row).toMatchObject({
          depth: waiting,
          active: counts.active,
          delayed: counts.delayed,
          dead: counts.failed,
          added: 42,
          consumers: 1,
        })
      },
      { timeoutMs: 10_000 },
    )
  })

  test.skipIf(!hasSidekiq)('a Sidekiq queue shows what Sidekiq::Queue#size says', async () => {
    const script = `require "sidekiq/api"
      Sidekiq.configure_client { |c| c.redis = { url: ENV["REDIS_URL"] } }
      7.times { |i| Sidekiq::Client.push("class" => "Mailer", "queue" => "critical", "args" => [i]) }
      Sidekiq::Client.push("class" => "Mailer", "queue" => "critical", "args" => [9], "at" => Time.now.to_f + 3600)
      puts Sidekiq::Queue.new("critical").size`
    const env = { ...process.env, REDIS_URL: `${redis.url}/0` }
    const { stdout } = await promisify(execFile)(ruby ?? '', ['-W0', '-e', script], { env, timeout: 30_000 })
    await eventually(
      async () => {
        const { queue: row } = await serving.get('queue', '/queues/redis-main/critical')
        expect(row).toMatchObject({ system: 'sidekiq', depth: Number(stdout), consumers: 0 })
        expect(row.oldestAgeMs).toBeGreaterThan(0)
      },
      { timeoutMs: 10_000 },
    )
  })

  test('a RabbitMQ queue shows what rabbitmqctl says', async () => {
    const connection = await connect(`${brokers.rabbitmq?.amqpUrl}/${id}`)
    connection.on('error', () => undefined)
    ends.push(() => connection.close())
    const channel = await connection.createConfirmChannel()
    await channel.assertQueue('billing', { durable: true })
    for (let index = 0; index < 25; index++) channel.publish('', 'billing', Buffer.from('x'), { persistent: true })
    await channel.waitForConfirms()
    await channel.prefetch(4)
    await channel.consume('billing', () => undefined)
    await eventually(
      async () => {
        const listed = await rabbitmqctl([
          'list_queues',
          '-p',
          id,
          '--no-table-headers',
          'name',
          'messages_ready',
          'messages_unacknowledged',
          'consumers',
        ])
        const [name, depth, active, consumers] = listed.trim().split(/\s+/)
        expect([name, depth, active]).toEqual(['billing', '21', '4'])
        const { queue: row } = await serving.get('queue', `/queues/rabbit-1/${id}%2Fbilling`)
        expect(row).toMatchObject({
          vhost: id,
          depth: Number(depth),
          active: Number(active),
          consumers: Number(consumers),
        })
      },
      { timeoutMs: 30_000 },
    )
  })

  test('a Kafka group shows what ConsumerGroupCommand says', async () => {
    const kafka = new Kafka({ clientId: id, brokers: [brokers.kafka?.bootstrap ?? ''], logLevel: logLevel.NOTHING })
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: id, numPartitions: 3 }], waitForLeaders: true })
    ends.push(async () => {
      await admin.deleteTopics({ topics: [id] })
      await admin.disconnect()
    })
    const producer = kafka.producer()
    await producer.connect()
    const messages = Array.from({ length: 90 }, (_, index) => ({ value: 'x', partition: index % 3 }))
    await producer.send({ topic: id, messages })
    const consumer = kafka.consumer({ groupId: id, maxWaitTimeInMs: 100 })
    await consumer.connect()
    ends.push(() => consumer.disconnect())
    await consumer.subscribe({ topic: id, fromBeginning: true })
    let seen = 0
    await consumer.run({ autoCommitThreshold: 1, eachMessage: async () => void seen++ })
    await eventually(() => seen >= 90, { timeoutMs: 30_000 })
    consumer.pause([{ topic: id }])
    await producer.send({ topic: id, messages: messages.slice(0, 31) })
    await producer.disconnect()

    const told = await consumerGroupDescribe(brokers.kafka?.bootstrap ?? '', id)
    expect(told?.map(({ lag }) => lag).toSorted()).toEqual([10, 10, 11])
    await eventually(
      async () => {
        const body = await serving.get('group', `/groups/kafka-eu/${id}`)
        const ours = body.positions.map(({ partition, committed, end, lag }) => ({ partition, committed, end, lag }))
        const theirs = told?.map(({ partition, currentOffset, logEndOffset, lag }) => ({
          partition,
          committed: currentOffset,
          end: logEndOffset,
          lag,
        }))
        expect(ours.toSorted((a, b) => a.partition - b.partition)).toEqual(
          theirs?.toSorted((a, b) => a.partition - b.partition),
        )
        expect(body.group).toMatchObject({ state: 'stable', members: 1, lag: 31, protocol: 'classic' })
      },
      { timeoutMs: 15_000 },
    )
    const { topic } = await serving.get('topic', `/topics/kafka-eu/${id}`)
    expect(topic).toMatchObject({ partitions: 3, records: 121, groups: 1 })
  })

  test('the overview counts all of it, each amount with its own unit', async () => {
    const { kinds, counts, sources } = await serving.get('overview')
    expect(sources.map(({ state }) => state)).toEqual(['live', 'live', 'live'])
    expect(kinds.map(({ kind, unit }) => [kind, unit])).toEqual([
      ['redis', 'jobs'],
      ['rabbitmq', 'messages'],
      ['kafka', 'records'],
    ])
    expect(counts.queues).toBeGreaterThanOrEqual(2)
    expect(counts.groups).toBeGreaterThanOrEqual(1)
  })
})

async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  try {
    await promisify(execFile)(program, [...args], { timeout: 20_000 })
    return true
  } catch {
    return false
  }
}
