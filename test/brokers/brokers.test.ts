import { existsSync } from 'node:fs'
import { readdir, readlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { Client } from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { startKafka } from './kafka.ts'
import { consumerGroupDescribe, kafkaToolsLibs, parseDescribed } from './kafka-tools.ts'
import { postgresAbsence, startPostgres } from './postgres.ts'
import { isAlive } from './process.ts'
import { rabbitmqctl, startRabbitmq } from './rabbitmq.ts'
import { startRedis } from './redis.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.redis === null)('a Redis of our own', () => {
  test('answers as soon as it was started and is gone when it was stopped', async () => {
    const redis = await startRedis()
    expect(isAlive(redis.pid)).toBe(true)
    expect(await canConnect(redis.port)).toBe(true)
    await redis.stop()
    expect(isAlive(redis.pid)).toBe(false)
    expect(await canConnect(redis.port)).toBe(false)
    await redis.stop()
  })

  test('that was killed can still be stopped, and started again on its port', async () => {
    const first = await startRedis({ args: ['--requirepass', 'secret'] })
    process.kill(first.pid, 'SIGKILL')
    await first.stop()
    const second = await startRedis({ port: first.port })
    expect(second.port).toBe(first.port)
    await second.stop()
  })

  test('that cannot start says why', async () => {
    await expect(startRedis({ args: ['--no-such-setting', '1'] })).rejects.toThrow(/no-such-setting/)
  })
})

test.skipIf(brokers.rabbitmq === null)(
  'a RabbitMQ that was killed leaves no process behind when it is stopped',
  async () => {
    const rabbitmq = await startRabbitmq({ config: ['collect_statistics_interval = 1000'] })
    expect(await rabbitmq.ctl(['environment'])).toContain('{collect_statistics_interval,1000}')
    process.kill(rabbitmq.pid, 'SIGKILL')
    await rabbitmq.stop()
    expect(await canConnect(Number(new URL(rabbitmq.amqpUrl).port))).toBe(false)
    expect(await processesIn(rabbitmq.folder)).toEqual([])
    expect(existsSync(rabbitmq.folder)).toBe(false)
  },
)

test.skipIf(brokers.kafka === null)('a Kafka of our own takes the properties it is given', async () => {
  const kafka = await startKafka({ properties: ['auto.create.topics.enable=false'] })
  expect(await canConnect(Number(kafka.bootstrap.split(':')[1]))).toBe(true)
  await kafka.stop()
  expect(isAlive(kafka.pid)).toBe(false)
})

test.skipIf((await postgresAbsence()) !== null)('a PostgreSQL of our own answers, and is gone after', async () => {
  const postgres = await startPostgres()
  const client = new Client(postgres.connection)
  await client.connect()
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await client.end()
  await postgres.stop()
  expect(await canConnect(postgres.connection.port)).toBe(false)
})

test.skipIf(brokers.rabbitmq === null)('rabbitmqctl speaks with the shared node', async () => {
  expect(await rabbitmqctl(['list_vhosts', 'name', '--no-table-headers'])).toContain('/')
})

const hasTools = existsSync(kafkaToolsLibs())
test.skipIf(brokers.kafka === null || !hasTools)('ConsumerGroupCommand refuses a group that nobody knows', async () => {
  await expect(consumerGroupDescribe(brokers.kafka!.bootstrap, 'nobody')).rejects.toThrow(/Group nobody not found/)
})

test('a described group is read by its headings, and a dash is unknown', () => {
  const output = `
GROUP  TOPIC   PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST        CLIENT-ID
mail   orders  0          7               10              3    c-1          /127.0.0.1  c
mail   orders  1          -               4               -    -            -           -
`
  expect(parseDescribed(output)).toEqual([
    { group: 'mail', topic: 'orders', partition: 0, currentOffset: 7, logEndOffset: 10, lag: 3, consumerId: 'c-1' },
    { group: 'mail', topic: 'orders', partition: 1, currentOffset: null, logEndOffset: 4, lag: null, consumerId: null },
  ])
})

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** The process ids that work in a folder; none where the system has no /proc. */
async function processesIn(folder: string): Promise<readonly string[]> {
  const pids = await readdir('/proc').catch((): string[] => [])
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
  return pids.filter((_, at) => folders[at]?.startsWith(folder))
}
