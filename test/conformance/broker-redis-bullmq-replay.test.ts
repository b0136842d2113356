import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RedisBroker, redisBroker } from '../../server/broker/index.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { record } from '../support/lua/recorder.ts'
import { openRaw, type RawRedis } from '../support/raw-resp.ts'

/** A real BullMQ app works on the engine; and what it sent to the real Redis, sent again to both, is answered alike. */

let redis: StartedRedis
let broker: RedisBroker

beforeAll(async () => {
  redis = await startRedis()
  broker = await redisBroker()
})
afterAll(async () => {
  await broker.close()
  await redis.stop()
})

const JOBS = 120

interface Outcome {
  readonly completed: number
  readonly failed: number
  readonly order: readonly string[]
  readonly flow: unknown
  readonly counts: unknown
}

/** Jobs with retries, delays, priorities, in bulk; a pause, a rate limit, a flow, a scheduler, a removal. */
async function shop(port: number): Promise<Outcome> {
  const connection = { host: '127.0.0.1', port }
  const queue = new Queue('shop', { connection })
  const events = new QueueEvents('shop', { connection })
  const flows = new FlowProducer({ connection })
  await events.waitUntilReady()
  await queue.pause()
  const order: string[] = []
  const priorities = await queue.addBulk(
    [3, 1, 2].map((priority) => ({ name: 'ranked', data: { priority }, opts: { priority } })),
  )
  const worker = new Worker(
    'shop',
    async (job) => {
      if (job.name === 'ranked') order.push(String(job.data.priority))
      if (job.name === 'flaky' && job.attemptsMade < 2) throw new Error('not yet')
      if (job.name === 'hopeless') throw new Error('never')
      if (job.name === 'parent') return Object.values(await job.getChildrenValues()).sort()
      await job.updateProgress(50)
      await job.log('done')
      return job.data.n ?? null
    },
    { connection, concurrency: 4 },
  )
  await worker.waitUntilReady()
  expect(await queue.isPaused()).toBe(true)
  await queue.resume()
  await Promise.all(priorities.map((job) => job.waitUntilFinished(events, 20_000)))
  const bulk = await queue.addBulk(Array.from({ length: JOBS }, (_, n) => ({ name: 'plain', data: { n } })))
  const flaky = await queue.add('flaky', {}, { attempts: 3, backoff: { type: 'fixed', delay: 20 } })
  const delayed = await queue.add('late', { n: 'é\u{1f600}' }, { delay: 50 })
  const hopeless = await queue.add('hopeless', {}, { attempts: 2 })
  await Promise.all([...bulk, flaky, delayed].map((job) => job.waitUntilFinished(events, 20_000)))
  await expect(hopeless.waitUntilFinished(events, 20_000)).rejects.toThrow('never')
  const child = (n: number) => ({ name: 'child', queueName: 'shop', data: { n } })
  const tree = await flows.add({ name: 'parent', queueName: 'shop', children: [child(1), child(2), child(3)] })
  const flow = await tree.job.waitUntilFinished(events, 20_000)
  await queue.setGlobalConcurrency(2)
  await queue.upsertJobScheduler('nightly', { every: 3_600_000 }, { name: 'tick', data: {} })
  await queue.removeJobScheduler('nightly')
  const gone = await queue.add('gone', {}, { delay: 60_000 })
  await gone.remove()
  await hopeless.retry()
  await expect(hopeless.waitUntilFinished(events, 20_000)).rejects.toThrow('never')
  await limited(connection)
  const [completed, failed] = [await queue.getCompletedCount(), await queue.getFailedCount()]
  const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'prioritized')
  for (const closing of [worker, events, flows, queue]) await closing.close()
  return { completed, failed, order, flow, counts }
}

async function limited(connection: { host: string; port: number }): Promise<void> {
  const queue = new Queue('limited', { connection })
  let done = 0
  const finished = new Promise<void>((resolve) => {
    const worker = new Worker(
      'limited',
      async () => {
        done++
        if (done === 6) setImmediate(() => void worker.close().then(resolve))
      },
      { connection, limiter: { max: 2, duration: 50 } },
    )
    void queue.addBulk(Array.from({ length: 6 }, (_, n) => ({ name: 'x', data: { n } })))
  })
  await finished
  await queue.close()
}

const EXPECTED: Outcome = {
  completed: 3 + JOBS + 2 + 4 + 1,
  failed: 1,
  order: ['1', '2', '3'],
  flow: [1, 2, 3],
  counts: { wait: 0, active: 0, delayed: 0, prioritized: 0 },
}

let recorded: readonly (readonly string[])[] = []

test('BullMQ works on the engine as on redis-server', async () => {
  const recorder = await record(redis.port)
  const real = await shop(redis.port)
  recorded = recorder.stop()
  const ours = await shop(broker.port)
  expect({ ...ours, completed: 0 }).toEqual({ ...EXPECTED, completed: 0 })
  expect(ours).toEqual(real)
})

/** Of connections, waiting and time: nothing that a script's answer depends on. */
const LEFT_OUT =
  /^(multi|exec|hello|client|info|monitor|subscribe|unsubscribe|quit|ping|select|auth|xread|echo|script|command)$/i

test('what a BullMQ run sent is answered alike, and leaves the same keys', async () => {
  expect(recorded.filter(([name]) => /^evalsha$/i.test(name ?? '')).length).toBeGreaterThan(300)
  const sides = [await openRaw(redis.port), await openRaw(broker.port)] as const
  for (const side of sides) await side.ask([['FLUSHALL'], ['SCRIPT', 'FLUSH']])
  for (const [i, args] of recorded.entries()) {
    // What the rate limit answers is a remaining time: the run above shows that it works.
    if (LEFT_OUT.test(args[0] ?? '') || args.some((arg) => arg.startsWith('bull:limited'))) continue
    const sent = /^bzpopmin$/i.test(args[0] ?? '') ? ['zpopmin', args[1] ?? ''] : args
    const [expected, got] = await Promise.all(sides.map((side) => answerOf(side, sent)))
    const [wanted, given] = [masked(expected!), masked(got!)]
    // The fields of a long hash come in no order in Redis: then the lines must be the same, in any order.
    if (given !== wanted) expect({ i, args, lines: lines(given) }).toEqual({ i, args, lines: lines(wanted) })
  }
  const [real, ours] = await Promise.all(sides.map(contents))
  expect(ours).toEqual(real)
  for (const side of sides) side.close()
})

async function answerOf(side: RawRedis, request: readonly string[]): Promise<string> {
  const [reply] = await side.ask([request])
  return reply!
}

/** The ids of streams are times; the order of keys in an encoded table is nobody's promise. */
function masked(bytes: string): string {
  const lines = bytes.replace(/\d{13}-\d+/g, '<id>').split('\r\n')
  return lines.map((line) => (/^[{[].*[}\]]$/.test(line) ? canonical(line) : line)).join('\r\n')
}

function lines(bytes: string): readonly string[] {
  return bytes.split('\r\n').sort()
}

function canonical(line: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(line)))
  } catch {
    return line
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}

const READS: Readonly<Record<string, readonly string[]>> = {
  string: ['GET', '?'],
  hash: ['HGETALL', '?'],
  list: ['LRANGE', '?', '0', '-1'],
  set: ['SMEMBERS', '?'],
  zset: ['ZRANGE', '?', '0', '-1', 'WITHSCORES'],
  stream: ['XRANGE', '?', '-', '+'],
}

async function contents(side: RawRedis): Promise<ReadonlyMap<string, string>> {
  const names = (await answerOf(side, ['KEYS', '*'])).split('\r\n').filter((line) => line.startsWith('bull:'))
  const found = new Map<string, string>()
  for (const name of names.sort()) {
    const type = (await answerOf(side, ['TYPE', name])).slice(1).trim()
    const read = (READS[type] ?? []).map((word) => (word === '?' ? name : word))
    const text = masked(await answerOf(side, read)).replace(/\$\d+\r\n/g, '')
    found.set(name, type + (type === 'hash' || type === 'set' ? lines(text).join('\n') : text))
  }
  return found
}
