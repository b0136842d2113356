/** A real RabbitMQ with amqplib at work: what we read equals what rabbitmqctl says. */
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Source } from '../../server/domain/source.ts'
import type { RabbitmqAddress } from '../brokers/brokers.ts'
import { rabbitmqctl } from '../brokers/rabbitmq.ts'
import { eventually } from '../support/eventually.ts'
import {
  collect,
  createVhost,
  loggingProxy,
  manage,
  queueAt,
  rabbitmqSource,
  type SourceOptions,
} from '../support/rabbitmq.ts'

const brokers = inject('brokers')
const VHOST = `conformance-${process.pid}`
/** Statistics are up to 8 s old, quorum consumers up to 10 s; the machine may be busy. */
const SETTLED = { timeoutMs: 40_000 }

describe.skipIf(!brokers.rabbitmq)('RabbitMQ', () => {
  const broker = brokers.rabbitmq as RabbitmqAddress
  let connection: ChannelModel
  let publisher: ConfirmChannel
  let worker: Channel
  const opened: Source[] = []
  const source = (options: SourceOptions = {}): Source => {
    const one = rabbitmqSource(broker, { vhost: VHOST, ...options })
    opened.push(one)
    return one
  }

  beforeAll(async () => {
    await createVhost(broker, VHOST)
    connection = await connect(`${broker.amqpUrl}/${VHOST}`, { noDelay: true })
    publisher = await connection.createConfirmChannel()
    worker = await connection.createChannel()
    await declareAll(publisher)
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })
  afterAll(async () => {
    await connection?.close()
    await manage(broker, 'DELETE', `/api/vhosts/${VHOST}`)
  })

  /** `name ready unacknowledged consumers`, as the broker's own tool prints it. */
  async function told(): Promise<Record<string, readonly (number | null)[]>> {
    const columns = ['name', 'messages_ready', 'messages_unacknowledged', 'consumers']
    const printed = await rabbitmqctl(['list_queues', '-p', VHOST, '--no-table-headers', ...columns])
    const rows = printed.trim().split('\n')
    return Object.fromEntries(
      rows.map((row) => row.split('\t')).map(([name = '', ...counts]) => [name, counts.map(Number)]),
    )
  }

  async function read(one: Source): Promise<Record<string, readonly (number | null)[]>> {
    const { queues, topics } = await collect(one)
    const ours = queues.filter(({ vhost }) => vhost === VHOST)
    const streams = topics.filter(({ vhost }) => vhost === VHOST)
    return Object.fromEntries([
      ...ours.map(({ name, depth, active, consumers }) => [name, [depth, active, consumers]] as const),
      // A stream's records are all "ready" to rabbitmqctl, and never unacknowledged.
      ...streams.map(({ name, records, readers }) => [name, [records, 0, readers]] as const),
    ])
  }

  it('depth, unacknowledged and consumers equal rabbitmqctl list_queues, by metrics and in totals mode', async () => {
    await publish(publisher, { 'c.backlog': 20, 'q.backlog': 15, stream: 30, 'c.held': 25, 'q.held': 12 })
    await worker.prefetch(10)
    await worker.consume('c.held', () => {})
    await worker.prefetch(4)
    await worker.consume('q.held', () => {})
    const [metrics, totals] = [source(), source({ prometheusUrl: 'http://127.0.0.1:1' })]
    await eventually(async () => {
      const truth = await told()
      expect(truth).toMatchObject({ 'c.held': [15, 10, 1], 'q.held': [8, 4, 1], 'q.backlog': [15, 0, 0] })
      expect(await read(metrics)).toEqual(truth)
      expect(await read(totals)).toEqual(truth)
    }, SETTLED)
    const { systems, gaps, nodes } = await collect(metrics)
    expect(gaps).toEqual([])
    expect(systems.map(({ name }) => name)).toEqual(['rabbitmq-classic', 'rabbitmq-quorum', 'rabbitmq-stream'])
    expect(nodes).toMatchObject([{ alarms: [], version: systems[0]?.version }])
    expect(nodes[0]?.memoryBytes).toBeGreaterThan(1_000_000)
  })

  it('counts what was published, finished, with and without acknowledgement, and redelivered', async () => {
    await publish(publisher, { 'c.counted': 10, 'q.counted': 10 })
    for (const name of ['c.counted', 'q.counted']) {
      for (let n = 0; n < 3; n++) {
        const again = await worker.get(name)
        if (again) worker.nack(again, false, true)
      }
      // Enough that also what a quorum queue put back at its tail is taken again.
      for (let n = 0; n < 8; n++) {
        const message = await worker.get(name)
        if (message) worker.ack(message)
      }
      await worker.get(name, { noAck: true })
    }
    const one = source()
    await eventually(async () => {
      const snapshot = await collect(one)
      for (const name of ['c.counted', 'q.counted']) {
        const queue = queueAt(snapshot, VHOST, name)
        expect(queue).toMatchObject({ added: 10, finished: 9, failed: null, depth: 1 })
        expect(queue.redelivered).toBeGreaterThanOrEqual(1)
      }
    }, SETTLED)
  })

  it('retry and dead-letter queues are known by their routes, through an exchange or the default one', async () => {
    await publish(publisher, { work: 4, 'by-exchange': 3, 'work.retry': 2 })
    for (const name of ['work', 'by-exchange', 'by-exchange']) {
      const message = await worker.get(name)
      if (message) worker.nack(message, false, false)
    }
    const one = source()
    await eventually(async () => {
      const snapshot = await collect(one)
      expect(queueAt(snapshot, VHOST, 'work')).toMatchObject({ role: 'work', depth: 3, delayed: 3, dead: null })
      expect(queueAt(snapshot, VHOST, 'work.retry')).toMatchObject({ role: 'retry', feeds: ['work'], depth: 3 })
      expect(queueAt(snapshot, VHOST, 'by-exchange')).toMatchObject({
        depth: 1,
        dead: 2,
        deadLetter: { exchange: 'dlx', routingKey: 'gone', queues: ['by-exchange.dead'] },
      })
      const dead = queueAt(snapshot, VHOST, 'by-exchange.dead')
      expect(dead).toMatchObject({ role: 'dead-letter', feeds: ['by-exchange'], depth: 2, added: null })
    }, SETTLED)
  })

  it('a reader of a stream counts while its connection lives, and no longer', async () => {
    const reading = await connect(`${broker.amqpUrl}/${VHOST}`, { noDelay: true })
    const channel = await reading.createChannel()
    await channel.prefetch(10)
    await channel.consume('stream', (message) => message && channel.ack(message))
    const one = source()
    const readers = async () => (await collect(one)).topics.find(({ vhost }) => vhost === VHOST)?.readers
    await eventually(async () => expect(await readers()).toBe(1), SETTLED)
    await reading.close()
    await eventually(async () => expect(await readers()).toBe(0), SETTLED)
  })

  it("the age of a backlog comes from the publisher's timestamp, and is called an estimate", async () => {
    const timestamp = Math.floor(Date.now() / 1000) - 3_600
    publisher.sendToQueue('c.old', Buffer.from('x'), { timestamp })
    await publisher.waitForConfirms()
    const one = source()
    await eventually(async () => {
      const { oldestAgeMs, estimated } = queueAt(await collect(one), VHOST, 'c.old')
      expect(estimated).toContain('oldestAgeMs')
      expect(oldestAgeMs).toBeGreaterThanOrEqual(3_600_000)
      expect(oldestAgeMs).toBeLessThan(3_660_000)
    }, SETTLED)
  })

  it('names with quotes, spaces, slashes and letters of other scripts are told apart', async () => {
    const names = ['a"b\\c{d}', 'ünï/co%de ', 'очередь', '..', 'a\\"b']
    for (const name of names) await publisher.assertQueue(name, { durable: false })
    await publish(publisher, { [names[0] as string]: 7 })
    const one = source()
    await eventually(async () => {
      const snapshot = await collect(one, [`${VHOST}/..`])
      for (const name of names) expect(queueAt(snapshot, VHOST, name).depth).toBe(name === names[0] ? 7 : 0)
    }, SETTLED)
    for (const name of names) await publisher.deleteQueue(name)
  })

  it('without a management API, configured queues are asked by AMQP; what is missing is a gap', async () => {
    await publish(publisher, { passive: 6 })
    const names = ['passive', 'c.held', ...Array.from({ length: 12 }, (_, n) => `missing-${n}`), 'q.held']
    const one = source({ managementUrl: null, queues: names })
    const snapshot = await collect(one)
    const { queues, gaps, cost } = snapshot
    expect(queueAt(snapshot, VHOST, 'passive')).toMatchObject({ depth: 6, consumers: 0, active: null, added: null })
    expect(queues.map(({ name }) => name).sort()).toEqual(['c.held', 'passive', 'q.held'])
    expect(gaps).toHaveLength(11)
    expect(gaps[0]).toMatchObject({ code: 'not-found' })
    expect(cost.bytesRead).toBeGreaterThan(0)
    expect((await collect(one)).queues).toHaveLength(3)
  })

  it('while the management API is closed the configured queues stay on the screen, and come back in full', async () => {
    const proxy = await loggingProxy(broker.managementUrl)
    const one = source({ managementUrl: proxy.url, queues: ['passive'] })
    expect((await collect(one)).queues.length).toBeGreaterThan(5)
    proxy.behave('drop')
    const reduced = await collect(one)
    expect(queueAt(reduced, VHOST, 'passive').depth).toBe(6)
    expect(reduced.gaps[0]).toMatchObject({ what: 'the management API', code: 'unreachable' })
    proxy.behave('pass')
    expect((await collect(one)).queues.length).toBeGreaterThan(5)
    await one.close()
    await eventually(() => proxy.open() === 0)
    await proxy.stop()
  })

  it('a wrong password is refused at once, by HTTP and by AMQP, and told nowhere', async () => {
    for (const options of [{}, { managementUrl: null, queues: ['passive'] }]) {
      const failed = await collect(source({ ...options, password: 'not-the-password' })).catch(
        (error: unknown) => error,
      )
      expect(failed).toMatchObject({ name: 'OpsError', code: 'refused' })
      expect(`${(failed as Error).stack}`).not.toContain('not-the-password')
    }
  })

  it('a management API that falls silent or drops is an error within 5 s; the next collect recovers', async () => {
    const proxy = await loggingProxy(broker.managementUrl)
    const one = source({ managementUrl: proxy.url })
    await collect(one)
    for (const [how, code] of [
      ['silent', 'timeout'],
      ['drop', 'unreachable'],
    ] as const) {
      proxy.behave(how)
      const startedMs = performance.now()
      await expect(collect(one)).rejects.toMatchObject({ code })
      expect(performance.now() - startedMs).toBeLessThan(5_000)
      proxy.behave('pass')
      expect((await collect(one)).queues.length).toBeGreaterThan(5)
    }
    await one.close()
    await eventually(() => proxy.open() === 0)
    await proxy.stop()
  })
})

/** Classic, quorum and stream, and a topology of retries and dead letters. */
async function declareAll(channel: Channel): Promise<void> {
  for (const name of ['c.backlog', 'c.held', 'c.counted', 'c.old', 'passive']) await channel.assertQueue(name)
  for (const name of ['q.backlog', 'q.held', 'q.counted']) {
    await channel.assertQueue(name, { arguments: { 'x-queue-type': 'quorum' } })
  }
  await channel.assertQueue('stream', { arguments: { 'x-queue-type': 'stream' } })
  await channel.assertQueue('work', { deadLetterExchange: '', deadLetterRoutingKey: 'work.retry' })
  const retry = { deadLetterExchange: '', deadLetterRoutingKey: 'work', messageTtl: 600_000 }
  await channel.assertQueue('work.retry', retry)
  await channel.assertExchange('dlx', 'direct')
  await channel.assertQueue('by-exchange', { deadLetterExchange: 'dlx', deadLetterRoutingKey: 'gone' })
  await channel.assertQueue('by-exchange.dead')
  await channel.bindQueue('by-exchange.dead', 'dlx', 'gone')
}

async function publish(channel: ConfirmChannel, counts: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, count] of Object.entries(counts)) {
    for (let n = 0; n < count; n++) channel.sendToQueue(name, Buffer.from(`${n}`), { persistent: true })
  }
  await channel.waitForConfirms()
}
