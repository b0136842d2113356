/** A RabbitMQ of our own that may be filled, alarmed, stopped and killed; and servers that only pretend to be one. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Source } from '../../server/domain/source.ts'
import type { RabbitmqAddress } from '../brokers/brokers.ts'
import { type StartedRabbitmq, startRabbitmq } from '../brokers/rabbitmq.ts'
import { eventually } from '../support/eventually.ts'
import {
  closingServer,
  dripServer,
  garbageServer,
  type HostileServer,
  refusingPort,
  silentServer,
} from '../support/hostile.ts'
import {
  collect,
  createQueues,
  createVhost,
  loggingProxy,
  rabbitmqSource,
  type SourceOptions,
} from '../support/rabbitmq.ts'

const brokers = inject('brokers')
const MANY = 5_000
/** What RabbitMQ sends first: connection.start, cut after its header. */
const GREETING = Buffer.from([1, 0, 0, 0, 0, 1, 255, 0, 10, 0, 10, 0, 9])

const opened: Source[] = []
const source = (broker: RabbitmqAddress, options: SourceOptions = {}): Source => {
  const one = rabbitmqSource(broker, options)
  opened.push(one)
  return one
}
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

describe.skipIf(!brokers.rabbitmq)('RabbitMQ in trouble', () => {
  let broker: StartedRabbitmq
  beforeAll(async () => {
    broker = await startRabbitmq()
    await createVhost(broker, 'few')
    await createQueues(broker, 'few', 1)
  })
  afterAll(async () => {
    await broker?.stop()
  })

  it('a memory alarm is named on its node', async () => {
    const one = source(broker)
    await broker.ctl(['set_vm_memory_high_watermark', '0.00001'])
    await eventually(async () => expect((await collect(one)).nodes[0]?.alarms).toEqual(['memory alarm']), {
      timeoutMs: 20_000,
    })
    await broker.ctl(['set_vm_memory_high_watermark', '0.6'])
    await eventually(async () => expect((await collect(one)).nodes[0]?.alarms).toEqual([]), { timeoutMs: 20_000 })
  })

  it('stopped and started again: an error within 5 s, then figures again without anybody helping', async () => {
    const one = source(broker)
    await collect(one)
    await broker.ctl(['stop_app'])
    const startedMs = performance.now()
    await expect(collect(one)).rejects.toMatchObject({ name: 'OpsError', code: 'unreachable' })
    expect(performance.now() - startedMs).toBeLessThan(5_000)
    await broker.ctl(['start_app'])
    await eventually(async () => (await collect(one)).queues.length === 1, { timeoutMs: 60_000 })
  }, 120_000)

  it('5,000 queues: a steady refresh is three requests, and never the bare list', async () => {
    await createVhost(broker, 'many')
    await createQueues(broker, 'many', MANY)
    const proxy = await loggingProxy(broker.managementUrl)
    const one = source(broker, { managementUrl: proxy.url })
    await eventually(async () => (await collect(one)).queues.length === MANY + 1, { timeoutMs: 30_000 })
    const steady = []
    for (let round = 0; round < 5; round++) {
      proxy.asked.length = 0
      const { cost, tookMs, queues, gaps } = await collect(one)
      expect({ queues: queues.length, gaps }).toEqual({ queues: MANY + 1, gaps: [] })
      expect(proxy.asked.filter((path) => /^\/api\/queues(\?|$)/.test(path) && !path.includes('columns='))).toEqual([])
      if (!proxy.asked.some((path) => path.startsWith('/api/queues'))) steady.push({ ...cost, tookMs })
    }
    expect(steady.length).toBeGreaterThanOrEqual(3)
    for (const { commands } of steady) expect(commands).toBe(3)
    const best = steady.reduce((one, other) => (other.tookMs < one.tookMs ? other : one))
    console.log(`5,000 queues, steady refresh: ${JSON.stringify(best)}`)
    await one.close()
    await proxy.stop()
  }, 120_000)

  it('killed: an error within 5 s, also while queues are asked by AMQP', async () => {
    const [one, passive] = [source(broker), source(broker, { managementUrl: null, vhost: 'few', queues: ['q.0'] })]
    await collect(one)
    expect((await collect(passive)).queues).toHaveLength(1)
    process.kill(broker.pid, 'SIGKILL')
    const startedMs = performance.now()
    await expect(collect(one)).rejects.toMatchObject({ name: 'OpsError', code: 'unreachable' })
    await expect(collect(passive)).rejects.toMatchObject({ name: 'OpsError', code: 'unreachable' })
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })
})

describe('servers that only pretend to be RabbitMQ', () => {
  const nowhere: RabbitmqAddress = {
    amqpUrl: 'amqp://127.0.0.1:1',
    managementUrl: 'http://127.0.0.1:1',
    prometheusUrl: 'http://127.0.0.1:1',
    username: 'ann',
    password: 'correct-horse',
  }
  const kinds: readonly [string, () => Promise<HostileServer>, RegExp][] = [
    ['silent', silentServer, /^timeout$/],
    ['garbage', () => garbageServer(3), /^(malformed|unreachable)$/],
    ['a greeting without end', () => dripServer(GREETING), /^(timeout|malformed)$/],
    ['closing', closingServer, /^unreachable$/],
  ]

  it.each(kinds)('%s on the AMQP port: a named error within 5 s, and no connection left', async (_, start, codes) => {
    const server = await start()
    const one = source(nowhere, { managementUrl: null, amqpPort: server.port, queues: ['mail'] })
    const startedMs = performance.now()
    const failed = await collect(one).catch((error: unknown) => error)
    expect(failed).toMatchObject({ name: 'OpsError', code: expect.stringMatching(codes) })
    expect(performance.now() - startedMs).toBeLessThan(5_000)
    expect(`${(failed as Error).stack}`).not.toContain(nowhere.password)
    await one.close()
    // The closing server never reads, so it does not see our end of the connection go.
    if (start !== closingServer) await eventually(() => server.open() === 0)
    await server.stop()
  })

  it('nobody listening at all is unreachable', async () => {
    const { port } = await refusingPort()
    for (const options of [{}, { managementUrl: null, amqpPort: port, queues: ['mail'] }]) {
      await expect(collect(source(nowhere, options))).rejects.toMatchObject({ code: 'unreachable' })
    }
  })
})
