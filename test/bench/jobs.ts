import { setTimeout as delay } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { createJobs, fromRange } from '../../server/runtime/index.ts'
import { queueKey } from '../../server/runtime/layout/keys.ts'
import { startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { redisClient } from '../support/redis.ts'
import { metered, type Served } from '../support/redis-meter.ts'

const JOBS = 20_000
const ROUNDS = 3
const CONCURRENCIES = [1, 10, 100]
const ITEMS = 2_000_000
const FLEET = 100
/** All that the two send for jobs. None of these is called by their scripts, whose calls the server would count too. */
const SENT = ['evalsha', 'eval', 'bzpopmin']

interface Measured extends Served {
  readonly jobs: number
  readonly wallMs: number
  readonly nodeCpuMs: number
}

/**
 * No-op jobs through one worker in one process, ours beside BullMQ's: the same Redis (no persistence for either), the same
 * concurrency, at-least-once with a lock or lease for each job, nothing kept of what succeeded. Then what an item of an
 * iterating job costs over a bare loop.
 */

export async function run(): Promise<void> {
  const redis = await startRedis()
  const admin = redisClient(redis.port)
  try {
    for (const concurrency of CONCURRENCIES) {
      const count = concurrency === 1 ? JOBS / 4 : JOBS
      const ours: Measured[] = []
      const theirs: Measured[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        await admin.flushall()
        ours.push(await sluice(redis.url, admin, count, concurrency))
        await admin.flushall()
        theirs.push(await bullmq(redis.port, admin, count, concurrency))
      }
      console.log(`${count} no-op jobs, concurrency ${concurrency}, best of ${ROUNDS}:`)
      const [mine, peer] = [best(ours), best(theirs)]
      print('sluice', mine)
      print('bullmq 6.7', peer)
      console.log(`  ratio ${(perSecond(mine) / perSecond(peer)).toFixed(2)} × (goal ≥ 1.5)`)
    }
    await idleFleet(redis.url, admin)
    await adding(redis.url, redis.port, admin)
    await iterating(redis.url, admin)
  } finally {
    admin.disconnect()
    await redis.stop()
  }
}

async function sluice(url: string, admin: Redis, count: number, concurrency: number): Promise<Measured> {
  const jobs = createJobs({ redis: url })
  let done = 0
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const noop = jobs.define({
    name: 'noop',
    args: (value) => value as { n: number },
    perform: () => {
      done += 1
      if (done === count) finish()
    },
  })
  await jobs.enqueueMany(
    noop,
    Array.from({ length: count }, (_, n) => ({ n })),
  )
  const worker = jobs.worker({ queues: ['default'], concurrency })
  const measured = await measure(admin, count, async () => {
    await worker.start()
    await finished
    // Handed in, not only run.
    const active = queueKey('sluice', 'default', 'active')
    await eventually(async () => (await admin.hlen(active)) === 0)
  })
  await jobs.close()
  return measured
}

async function bullmq(port: number, admin: Redis, count: number, concurrency: number): Promise<Measured> {
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
  const queue = new Queue('bench', { connection, defaultJobOptions: { removeOnComplete: true } })
  for (let from = 0; from < count; from += 1_000) {
    await queue.addBulk(Array.from({ length: 1_000 }, (_, n) => ({ name: 'noop', data: { n: from + n } })))
  }
  let done = 0
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const worker = new Worker('bench', async () => {}, { connection, concurrency, autorun: false })
  worker.on('completed', () => {
    done += 1
    if (done === count) finish()
  })
  await worker.waitUntilReady()
  const measured = await measure(admin, count, async () => {
    void worker.run()
    await finished
  })
  await worker.close()
  await queue.close()
  return measured
}

/** One unit at a time to many idle workers: what each costs, and how soon it starts. */
async function idleFleet(url: string, admin: Redis): Promise<void> {
  await admin.flushall()
  const jobs = createJobs({ redis: url })
  const started = new Map<number, number>()
  const note = jobs.define({
    name: 'note',
    args: (value) => value as { n: number },
    perform: ({ n }) => void started.set(n, performance.now()),
  })
  const workers = Array.from({ length: FLEET }, () => jobs.worker({ queues: ['default'], leaseMs: 30_000 }))
  await Promise.all(workers.map((worker) => worker.start()))
  await delay(1_000)
  const waitedMs: number[] = []
  const served = await metered(admin, SENT, async () => {
    for (let n = 0; n < FLEET; n += 1) {
      const atMs = performance.now()
      await jobs.enqueue(note, { n })
      await eventually(() => started.has(n))
      waitedMs.push((started.get(n) ?? 0) - atMs)
      await delay(5)
    }
  })
  await jobs.close()
  waitedMs.sort((a, b) => a - b)
  const at = (share: number) => (waitedMs[Math.ceil(share * waitedMs.length) - 1] ?? 0).toFixed(1)
  console.log(
    `${FLEET} idle workers, one unit after the other: ${(served.commands / FLEET).toFixed(1)} commands each (with polls and ` +
      `beats), started after p50 ${at(0.5)}, p99 ${at(0.99)} ms`,
  )
}

async function adding(url: string, port: number, admin: Redis): Promise<void> {
  const jobs = createJobs({ redis: url })
  const noop = jobs.define({ name: 'noop', args: (value) => value as { n: number }, perform: () => {} })
  const units = Array.from({ length: JOBS }, (_, n) => ({ n }))
  await admin.flushall()
  const ours = await measure(admin, JOBS, () => jobs.enqueueMany(noop, units))
  const memory = async () => Number(/^used_memory:(\d+)/m.exec(await admin.info('memory'))?.[1])
  await admin.flushall()
  const before = await memory()
  await jobs.enqueueMany(noop, units)
  const oursBytes = (await memory()) - before
  await jobs.close()
  const queue = new Queue('bench', { connection: { host: '127.0.0.1', port } })
  await queue.waitUntilReady()
  await admin.flushall()
  const peerBefore = await memory()
  const theirs = await measure(admin, JOBS, async () => {
    for (let from = 0; from < JOBS; from += 1_000) {
      await queue.addBulk(units.slice(from, from + 1_000).map((data) => ({ name: 'noop', data })))
    }
  })
  const peerBytes = (await memory()) - peerBefore
  await queue.close()
  console.log(`adding ${JOBS} jobs in bulk:`)
  print('sluice', ours)
  print('bullmq 6.7', theirs)
  const each = (bytes: number) => `${Math.round(bytes / JOBS)} B`
  console.log(`  memory of a waiting job: sluice ${each(oursBytes)}, bullmq ${each(peerBytes)}`)
}

/** The same items through a bare `for` in an async function and through a job, each item's work an empty function. */
async function iterating(url: string, admin: Redis): Promise<void> {
  await admin.flushall()
  const jobs = createJobs({ redis: url })
  const each = () => {}
  async function* later(cursor: number | null) {
    for (const entry of fromRange({ from: 0, to: ITEMS }, cursor)) yield entry
  }
  const forms = [
    ['a sync iterable', (cursor: number | null) => fromRange({ from: 0, to: ITEMS }, cursor)],
    ['an async generator', later],
  ] as const
  for (const [name, items] of forms) {
    const bareNs: number[] = []
    const ownNs: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      let startedMs = performance.now()
      await bare(items(null), each)
      bareNs.push(((performance.now() - startedMs) * 1e6) / ITEMS)
      const started = new Promise<number>((resolve) => {
        const job = jobs.define({
          name: `walk-${name.replaceAll(' ', '-')}-${round}`,
          args: (value) => value,
          items: (_, cursor: number | null) => items(cursor),
          each,
          onStart: () => {
            startedMs = performance.now()
          },
          onComplete: () => resolve(performance.now()),
        })
        void jobs.enqueue(job, null)
      })
      const worker = jobs.worker({ queues: ['default'] })
      await worker.start()
      ownNs.push((((await started) - startedMs) * 1e6) / ITEMS)
      await worker.stop()
    }
    const [bareBest, ownBest] = [Math.min(...bareNs), Math.min(...ownNs)]
    const over = (ownBest - bareBest) / 1_000
    console.log(
      `${ITEMS} items of ${name}: bare ${bareBest.toFixed(0)} ns, as a job ${ownBest.toFixed(0)} ns: ` +
        `overhead ${over.toFixed(3)} µs per item (goal ≤ 0.5)`,
    )
  }
  await jobs.close()
}

async function bare(items: Iterable<unknown> | AsyncIterable<unknown>, each: (item: unknown) => void): Promise<void> {
  if (Symbol.asyncIterator in items) for await (const item of items) each(item)
  else for (const item of items) each(item)
}

async function measure(admin: Redis, jobs: number, work: () => Promise<unknown>): Promise<Measured> {
  let [wallMs, cpu] = [0, process.cpuUsage()]
  const served = await metered(admin, SENT, async () => {
    const startedMs = performance.now()
    const startedCpu = process.cpuUsage()
    await work()
    wallMs = performance.now() - startedMs
    cpu = process.cpuUsage(startedCpu)
  })
  return { ...served, jobs, wallMs, nodeCpuMs: (cpu.user + cpu.system) / 1_000 }
}

function perSecond({ jobs, wallMs }: Measured): number {
  return (jobs / wallMs) * 1_000
}

function best(measured: readonly Measured[]): Measured {
  return measured.reduce((one, other) => (perSecond(other) > perSecond(one) ? other : one))
}

function print(name: string, measured: Measured): void {
  const { jobs, commands, bytesIn, bytesOut, cpuMs, nodeCpuMs } = measured
  const per = (value: number, digits: number) => (value / jobs).toFixed(digits)
  console.log(
    `  ${name.padEnd(11)}${perSecond(measured).toFixed(0).padStart(8)} jobs/s  ${per(commands, 3)} commands, ` +
      `${per(bytesIn, 0)} B in, ${per(bytesOut, 0)} B out, Redis CPU ${per(cpuMs * 1e3, 1)} µs, ` +
      `client CPU ${per(nodeCpuMs * 1e3, 1)} µs per job`,
  )
}
