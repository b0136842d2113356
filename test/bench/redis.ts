import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { queuesHandler } from '@bull-board/api/dist/handlers/queues.js'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { startRedis } from '../brokers/redis.ts'
import { fillBullmq, queueName } from '../support/bullmq-fill.ts'
import { eventually } from '../support/eventually.ts'
import { collect, redisClient, redisSource } from '../support/redis.ts'
import { metered } from '../support/redis-meter.ts'
import { fillSluice } from '../support/sluice-fill.ts'

const QUEUES = 1_000
const MANY_QUEUES = 10_000
const OTHER_CLIENTS = 100
const REFRESHES = 7

interface Measured {
  readonly name: string
  readonly commands: number
  readonly bytes: number
  readonly wallMs: number
  readonly nodeCpuMs: number
  readonly redisCpuMs: number
}

/**
 * One refresh of 1,000 BullMQ queues, ours beside the one that bull-board does for its list of queues (its own handler
 * and adapter, every 5 s for each open tab). Bytes and server CPU are counted by the server (INFO), commands by MONITOR in a
 * pass of its own; times are the best of several.
 */
export async function run(): Promise<void> {
  const redis = await startRedis()
  const admin = redisClient(redis.port)
  const others = await connectOthers(redis.port, OTHER_CLIENTS)
  try {
    await fillBullmq(admin, QUEUES)
    const source = redisSource(redis.port)
    const ours = await measure('sluice', admin, REFRESHES, () => collect(source))

    const shared = redisClient(redis.port)
    const onOne = boardOf((name) => new Queue(name, { connection: shared, skipVersionCheck: true }))
    const oneConnection = await measure('bull-board, one shared connection', admin, REFRESHES, onOne.read)
    await onOne.close()
    shared.disconnect()

    const perQueue = boardOf((name) => new Queue(name, { connection: { host: '127.0.0.1', port: redis.port } }))
    await perQueue.ready()
    const perQueueConnection = await measure('bull-board, a connection per queue (its README)', admin, 2, perQueue.read)
    await perQueue.close()

    console.log(`${QUEUES} queues, ${OTHER_CLIENTS} other clients connected, one refresh:`)
    for (const one of [ours, oneConnection, perQueueConnection]) print(one, ours)

    await admin.flushdb()
    await fillBullmq(admin, MANY_QUEUES)
    const large = redisSource(redis.port)
    await eventually(async () => (await collect(large)).queues.length === MANY_QUEUES, { timeoutMs: 60_000 })
    console.log(`${MANY_QUEUES} queues, one refresh:`)
    print(await measure('sluice', admin, REFRESHES, () => collect(large)), null)
    await admin.flushdb()
    await fillSluice(admin, QUEUES)
    console.log(`${QUEUES} queues of Sluice's own jobs, each with a run and a control, one refresh:`)
    print(await measure('sluice', admin, REFRESHES, () => collect(source)), null)
    await Promise.all([source.close(), large.close()])
  } finally {
    for (const client of others) client.disconnect()
    admin.disconnect()
    await redis.stop()
  }
}

function boardOf(open: (name: string) => Queue) {
  const queues = Array.from({ length: QUEUES }, (_, n) => open(queueName(n)))
  const adapters = new Map(queues.map((queue) => [queue.name, new BullMQAdapter(queue)]))
  const request = { queues: adapters, query: {}, params: {}, uiConfig: {}, body: {}, headers: {} }
  return {
    ready: () => Promise.all(queues.map((queue) => queue.waitUntilReady())),
    read: () => queuesHandler(request as unknown as Parameters<typeof queuesHandler>[0]),
    close: () => Promise.all(queues.map((queue) => queue.close())),
  }
}

async function measure(name: string, admin: Redis, times: number, read: () => Promise<unknown>): Promise<Measured> {
  await read()
  if (times > 2) await read()
  const runs: Measured[] = []
  for (let time = 0; time < times; time += 1) {
    let wallMs = 0
    let nodeCpuMs = 0
    const served = await metered(admin, [], async () => {
      const cpu = process.cpuUsage()
      const startedMs = performance.now()
      await read()
      wallMs = performance.now() - startedMs
      const used = process.cpuUsage(cpu)
      nodeCpuMs = (used.user + used.system) / 1000
    })
    runs.push({ name, commands: 0, bytes: served.bytesOut, wallMs, nodeCpuMs, redisCpuMs: served.cpuMs })
  }
  const best = (key: 'bytes' | 'wallMs' | 'nodeCpuMs' | 'redisCpuMs') => Math.min(...runs.map((one) => one[key]))
  return {
    name,
    commands: await countCommands(admin, read),
    bytes: best('bytes'),
    wallMs: best('wallMs'),
    nodeCpuMs: best('nodeCpuMs'),
    redisCpuMs: best('redisCpuMs'),
  }
}

/** Commands that clients sent: MONITOR marks those of scripts with `lua`, and leaves CLIENT LIST out; that and INFO (which the meter asks too) are counted apart. */
async function countCommands(admin: Redis, read: () => Promise<unknown>): Promise<number> {
  const monitor = await admin.monitor()
  let sent = 0
  let isOver = false
  monitor.on('monitor', (_time: string, args: string[], source: string) => {
    if (args[0] === 'echo') isOver = args[1] === 'over'
    else if (source !== 'lua' && args[0]?.toLowerCase() !== 'info') sent += 1
  })
  const unseen = await metered(admin, ['client\\|list', 'info'], read)
  await admin.call('echo', 'over')
  await eventually(() => isOver, { timeoutMs: 30_000 })
  monitor.disconnect()
  return sent + unseen.commands
}

async function connectOthers(port: number, count: number): Promise<readonly Redis[]> {
  const clients = Array.from({ length: count }, () => redisClient(port))
  await Promise.all(clients.map((client) => client.ping()))
  return clients
}

function print(one: Measured, ours: Measured | null): void {
  const ratio = (key: 'commands' | 'bytes' | 'wallMs' | 'nodeCpuMs') =>
    ours && one !== ours ? ` (${Math.round((one[key] / ours[key]) * 10) / 10} ×)` : ''
  console.log(`  ${one.name}`)
  console.log(`    commands ${one.commands}${ratio('commands')}, bytes ${one.bytes}${ratio('bytes')}`)
  console.log(
    `    wall ${one.wallMs.toFixed(1)} ms${ratio('wallMs')}, Node CPU ${one.nodeCpuMs.toFixed(1)} ms${ratio('nodeCpuMs')}`,
  )
  console.log(`    Redis CPU ${one.redisCpuMs.toFixed(1)} ms`)
}
