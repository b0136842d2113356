import { afterEach, describe, expect, inject, test } from 'vitest'
import { fromRange } from '../../server/runtime/index.ts'
import { eventually } from '../support/eventually.ts'
import { defineAppJobs } from '../support/jobs-app.ts'
import { jobs, key, ownJobs, range, state, stats, wait } from '../support/jobs-lab.ts'
import { JobsProcesses } from '../support/jobs-process.ts'
import { admin, redis } from '../support/redis-lab.ts'
import { metered } from '../support/redis-meter.ts'

const brokers = inject('brokers')
const asIs = (value: unknown) => value as { to: number }

describe.skipIf(brokers.redis === null)('iterating jobs on a real Redis', () => {
  ownJobs()

  const items = ({ to }: { to: number }, cursor: number | null) => fromRange({ from: 0, to }, cursor)

  test('a run goes through all items in order, with its hooks around them, and is kept as succeeded', async () => {
    const seen: unknown[] = []
    const job = jobs.define({
      ...{ name: 'walk', args: asIs, items },
      total: ({ to }) => to,
      onStart: () => void seen.push('start'),
      each: (n) => void seen.push(n),
      around: async (work, n) => {
        seen.push(`around ${n}`)
        await work()
      },
      onComplete: (_, done) => void seen.push(`complete ${done}`),
      onShutdown: (_, end) => void seen.push(end),
      onResume: () => void seen.push('resume'),
      onError: () => void seen.push('error'),
    })
    const { id } = await jobs.enqueue(job, { to: 5 })
    expect(await state(id)).toMatchObject({ status: 'queued', startedAtMs: null })
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await stats()).succeeded === '1')
    const worked = range(5).flatMap((n) => [`around ${n}`, n])
    expect(seen).toEqual(['start', ...worked, 'complete 5', 'succeeded'])
    expect(await state(id)).toMatchObject({ status: 'succeeded', done: 5, total: 5, cursor: '4', failures: 0 })
    expect(await admin.zrange(key('runs'), '0', '-1')).toEqual([id])
    expect(await admin.hlen(key('jobs'))).toBe(0)
  })

  test('an item that fails is tried again from its own place, and what is done is not done again', async () => {
    const seen: number[] = []
    const told: unknown[] = []
    const job = jobs.define({
      ...{ name: 'walk', args: asIs, items, retries: { baseMs: 10, maxMs: 20 } },
      each: (n, _, { attempt }) => {
        if (n === 3 && attempt < 3) throw new Error(`not yet ${attempt}`)
        seen.push(n)
      },
      onError: (_, error) => void told.push((error as Error).message),
      onResume: (_, cursor) => void told.push(cursor),
    })
    const { id } = await jobs.enqueue(job, { to: 6 })
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await state(id)).status === 'succeeded')
    expect(seen).toEqual(range(6))
    expect(told).toEqual(['not yet 1', 2, 'not yet 2', 2])
    expect(await state(id)).toMatchObject({ failures: 2, interruptions: 0, done: 6 })
  })

  test('a run gives its place up after its longest time and goes on later', async () => {
    const seen: string[] = []
    const job = jobs.define({
      ...{ name: 'long', args: asIs, items, maxRuntimeMs: 60, checkpointMs: 20 },
      each: async (n) => {
        seen.push(`item ${n}`)
        await wait(20)
      },
      onShutdown: (_, end) => void seen.push(end),
    })
    const short = jobs.define({ name: 'short', args: asIs, perform: () => void seen.push('short') })
    const { id } = await jobs.enqueue(job, { to: 8 })
    await jobs.enqueue(short, { to: 0 })
    await jobs.worker({ queues: ['default'], concurrency: 1 }).start()
    await eventually(async () => (await state(id)).status === 'succeeded')
    expect(seen.filter((line) => line.startsWith('item'))).toEqual(range(8).map((n) => `item ${n}`))
    expect(seen.indexOf('short')).toBeLessThan(seen.indexOf('item 7'))
    const { interruptions, failures } = await state(id)
    expect(interruptions).toBeGreaterThanOrEqual(1)
    expect(failures).toBe(0)
  })

  test('a run steps aside while its condition says so, and asks again after the back-off', async () => {
    let isBusy = true
    const seen: number[] = []
    const job = jobs.define({
      ...{ name: 'polite', args: asIs, items, checkpointMs: 0 },
      each: (n) => {
        seen.push(n)
        isBusy = n === 2
      },
      throttleOn: [{ condition: () => isBusy, backoffMs: 150 }],
    })
    const { id } = await jobs.enqueue(job, { to: 5 })
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await state(id)).status === 'throttled')
    expect(seen).toEqual([])
    isBusy = false
    await eventually(async () => (await state(id)).status === 'throttled' && seen.length === 3)
    isBusy = false
    await eventually(async () => (await state(id)).status === 'succeeded')
    expect(seen).toEqual(range(5))
    expect((await state(id)).failures).toBe(0)
  })

  test('count, total, rate and running time are known while it runs', async () => {
    const job = jobs.define({
      ...{ name: 'told', args: asIs, items },
      total: ({ to }) => to,
      each: () => wait(5),
    })
    const { id } = await jobs.enqueue(job, { to: 200 })
    await jobs.worker({ queues: ['default'] }).start()
    const told = await eventually(async () => {
      const now = await state(id)
      expect(now.done).toBeGreaterThan(30)
      return now
    })
    expect(told).toMatchObject({ status: 'running', total: 200, cursor: String(told.done - 1) })
    expect(told.runningMs).toBeGreaterThan(100)
    expect(told.perSecond).toBeGreaterThan(20)
    expect(told.perSecond).toBeLessThan(200)
  })

  test('a cursor that JSON would change fails the attempt, by name, before it is saved', async () => {
    const job = jobs.define({
      ...{ name: 'dated', args: asIs, retries: { limit: 0 }, checkpointMs: 0 },
      items: () => [{ item: 1, cursor: { at: new Date(0) as unknown as string } }],
      each: () => {},
    })
    const { id } = await jobs.enqueue(job, { to: 1 })
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await state(id)).status === 'failed')
    expect((await state(id)).error).toMatch(/cursor\.at: a Date does not survive JSON/)
  })

  test('an item that takes long is told once, and the run goes on', async () => {
    const job = jobs.define({
      ...{ name: 'slow', args: asIs, items, checkpointMs: 0 },
      each: (n) => wait(n === 1 ? 700 : 1),
    })
    const { id } = await jobs.enqueue(job, { to: 3 })
    const worker = jobs.worker({ queues: ['default'], leaseMs: 300, stuckMs: 300 })
    const told: string[] = []
    worker.on('stuck', (event) => told.push(`${event.job} ${event.id} ${event.sinceMs >= 300}`))
    await worker.start()
    await eventually(async () => (await state(id)).status === 'succeeded')
    expect(told).toEqual([`slow ${id} true`])
  })

  test('while it runs it costs one command per checkpoint', async () => {
    const job = jobs.define({ name: 'cheap', args: asIs, items, each: () => wait(10) })
    let checkpoints = 0
    const worker = jobs.worker({ queues: ['default'], leaseMs: 60_000, pollMs: 60_000, concurrency: 1 })
    worker.on('checkpointed', () => {
      checkpoints += 1
    })
    await worker.start()
    await jobs.enqueue(job, { to: 10_000 })
    await eventually(() => checkpoints > 0)
    let counted = 0
    const { commands } = await metered(admin, ['evalsha', 'eval'], async () => {
      const before = checkpoints
      await wait(1_000)
      counted = checkpoints - before
    })
    expect(counted).toBeGreaterThan(4)
    expect(counted).toBeLessThanOrEqual(10)
    // The meter's readings take time too: a checkpoint may fall into them.
    expect(Math.abs(commands - counted)).toBeLessThanOrEqual(1)
  })

  describe('in a process that is told to end', () => {
    let processes: JobsProcesses
    const open = (leaseMs: number) => {
      processes = new JobsProcesses({ url: redis.url, leaseMs })
      return defineAppJobs(jobs, () => {}).walk
    }
    afterEach(() => processes.close())
    const numbers = (start: string) =>
      processes
        .lines()
        .filter((line) => line.startsWith(`${start} `))
        .map((line) => Number(line.split(' ')[2]))

    test('SIGTERM loses and repeats nothing', async () => {
      const { id } = await jobs.enqueue(open(2_000), { count: 600, ms: 2 })
      for (let n = 1; n <= 4; n += 1) {
        const child = await processes.start()
        const before = processes.count('finish')
        await eventually(() => processes.count('finish') > before + 50, { timeoutMs: 20_000 })
        const gone = new Promise((resolve) => child.once('exit', resolve))
        const askedMs = performance.now()
        child.kill('SIGTERM')
        await gone
        expect(performance.now() - askedMs).toBeLessThan(2_000)
      }
      await processes.start()
      await eventually(() => processes.count('complete') === 1, { timeoutMs: 20_000 })
      expect(numbers('begin')).toEqual(range(600))
      expect(numbers('finish')).toEqual(range(600))
      await eventually(async () => (await state(id)).status === 'succeeded')
      expect(await state(id)).toMatchObject({ failures: 0, crashes: 0, interruptions: 4, done: 600 })
    }, 60_000)

    test('SIGKILL repeats at most one checkpoint window and loses nothing', async () => {
      const { id } = await jobs.enqueue(open(600), { count: 400, ms: 2 })
      const child = await processes.start()
      const other = await processes.start()
      await eventually(() => processes.count('finish') > 120, { timeoutMs: 20_000 })
      const holder = (await admin.hget(key('active'), id))?.split(' ')[1]?.split(':')[1]
      const [killed, heir] = String(child.pid) === holder ? [child, other] : [other, child]
      killed.kill('SIGKILL')
      await eventually(() => processes.count('complete') === 1, { timeoutMs: 20_000 })
      expect([...new Set(numbers('finish'))].sort((a, b) => a - b)).toEqual(range(400))
      // 100 ms of items of at least 2 ms each, and the one in hand.
      expect(numbers('begin').length - 400).toBeLessThanOrEqual(51)
      await eventually(async () => (await state(id)).status === 'succeeded')
      expect(await state(id)).toMatchObject({ failures: 0, crashes: 1, crashesHere: 0 })
      heir.kill('SIGTERM')
    }, 60_000)

    test('a zombie writes nothing and stops after the item in hand', async () => {
      const { id } = await jobs.enqueue(open(600), { count: 900, ms: 2 })
      const zombie = await processes.start()
      await eventually(() => processes.count('finish') > 50, { timeoutMs: 20_000 })
      const heir = await processes.start()
      zombie.kill('SIGSTOP')
      const before = processes.count('resume')
      await eventually(() => processes.count('resume') === before + 1, { timeoutMs: 10_000 })
      zombie.kill('SIGCONT')
      await eventually(() => processes.count('lost') === 1, { timeoutMs: 10_000 })
      const tokens = processes.lines().filter((line) => line.startsWith('begin'))
      const epochs = tokens.map((line) => Number(line.split(' ')[3]))
      const [first, second] = [...new Set(epochs)]
      const takenOver = epochs.indexOf(second!)
      expect(epochs.slice(takenOver).filter((epoch) => epoch === first).length).toBeLessThanOrEqual(1)
      await eventually(() => processes.count('complete') === 1, { timeoutMs: 20_000 })
      const refused = processes.lines().slice(processes.lines().indexOf(`lost ${id}`))
      expect(refused.filter((line) => line.startsWith('begin') && line.endsWith(` ${first}`))).toEqual([])
      await eventually(async () => (await state(id)).status === 'succeeded')
      expect(await state(id)).toMatchObject({ done: 900, crashes: 1 })
      heir.kill('SIGTERM')
    }, 60_000)

    test('a worker whose event loop is blocked past its lease is fenced, says so, and stops after that item', async () => {
      const { id } = await jobs.enqueue(open(600), { count: 300, ms: 2, busyAt: 50, busyMs: 2_500 })
      await processes.start()
      await processes.start()
      await eventually(() => processes.count('complete') === 1, { timeoutMs: 20_000 })
      await eventually(() => processes.count('lost') === 1, { timeoutMs: 10_000 })
      await eventually(() => processes.count('stalled true') > 0)
      const begun = processes.lines().filter((line) => line.startsWith('begin'))
      const first = begun.filter((line) => line.split(' ')[3] === '1')
      expect(Number(first.at(-1)?.split(' ')[2])).toBeLessThanOrEqual(51)
      await eventually(async () => (await state(id)).status === 'succeeded')
      expect(await state(id)).toMatchObject({ done: 300, crashes: 1, failures: 0 })
    }, 60_000)

    test('an item that kills its worker parks the run at that place after three crashes, cursor kept', async () => {
      const { id } = await jobs.enqueue(open(450), { count: 50, ms: 2, deadlyAt: 30 })
      for (let n = 1; n <= 6; n += 1) {
        if ((await state(id)).status === 'failed') break
        const child = processes.spawn()
        await eventually(async () => child.signalCode === 'SIGKILL' || (await state(id)).status === 'failed', {
          timeoutMs: 20_000,
        })
      }
      await eventually(async () => (await state(id)).status === 'failed', { timeoutMs: 10_000 })
      expect(await state(id)).toMatchObject({ deadReason: 'poisoned', cursor: '29', crashesHere: 3, failures: 0 })
      expect(await admin.zscore(key('dead'), id)).not.toBeNull()
    }, 90_000)
  })
})
