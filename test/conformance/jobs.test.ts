import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, inject, test } from 'vitest'
import { createJobs, FinalError, type Jobs } from '../../server/runtime/index.ts'
import { parseBeat } from '../../server/runtime/layout/worker-beat.ts'
import { eventually } from '../support/eventually.ts'
import { defineAppJobs } from '../support/jobs-app.ts'
import { asIs, jobs, key, ownJobs, state, stats } from '../support/jobs-lab.ts'
import { JobsProcesses } from '../support/jobs-process.ts'
import { admin, redis } from '../support/redis-lab.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.redis === null)('jobs on a real Redis', () => {
  ownJobs()

  /** Nothing of a queue is left but its counters and registries. */
  const leftKeys = async () =>
    (await admin.keys('sluice:{default}:*')).filter((key) => !/(stats|epoch|starts|starters|idle)$/.test(key)).sort()

  test('what is enqueued runs once, in order, and leaves nothing behind', async () => {
    const seen: number[] = []
    const job = jobs.define({ name: 'see', args: asIs, perform: ({ n }) => void seen.push(n) })
    await jobs.enqueueMany(
      job,
      Array.from({ length: 1_200 }, (_, n) => ({ n })),
    )
    expect(await admin.llen(key('pending'))).toBe(1_200)
    await jobs.worker({ queues: ['default'], concurrency: 50 }).start()
    await eventually(async () => (await stats()).succeeded === '1200')
    expect(seen.every((n, at) => n === at)).toBe(true)
    expect(await leftKeys()).toEqual([])
    expect(await stats()).toMatchObject({ enqueued: '1200', started: '1200', succeeded: '1200' })
  })

  test('an id that is still there is not added again', async () => {
    const job = jobs.define({ name: 'once', args: asIs, perform: () => {} })
    expect(await jobs.enqueue(job, { n: 1 }, { id: 'a' })).toEqual({ id: 'a', isNew: true })
    expect(await jobs.enqueue(job, { n: 2 }, { id: 'a' })).toEqual({ id: 'a', isNew: false })
    expect(await admin.llen(key('pending'))).toBe(1)
  })

  test('the trace of who enqueued a unit comes to its worker, and what is no traceparent is refused', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const other = trace.replace('0af7', 'ffff')
    const traced = createJobs({ redis: redis.url, traceparent: () => trace })
    const seen: unknown[] = []
    const define = (runtime: Jobs) =>
      runtime.define({ name: 'traced', args: asIs, perform: (_, context) => void seen.push(context.trace) })
    await traced.enqueue(define(traced), { n: 1 })
    const job = define(jobs)
    await jobs.enqueue(job, { n: 2 }, { trace: other })
    await jobs.enqueue(job, { n: 3 })
    await expect(jobs.enqueue(job, { n: 4 }, { trace: 'x' })).rejects.toThrow(/trace: expected a W3C traceparent/)
    const worker = jobs.worker({ queues: ['default'] })
    const told: unknown[] = []
    worker.on('started', (event) => told.push(event.trace))
    await worker.start()
    await eventually(() => seen.length === 3)
    expect(seen).toEqual([trace, other, null])
    expect(told).toEqual(seen)
    await traced.close()
  })

  test('a delayed unit starts when it is due and not before', async () => {
    const starts: number[] = []
    const job = jobs.define({ name: 'later', args: asIs, perform: () => void starts.push(performance.now()) })
    const worker = jobs.worker({ queues: ['default'], pollMs: 10_000 })
    await worker.start()
    const enqueuedMs = performance.now()
    await jobs.enqueue(job, { n: 1 }, { delayMs: 300 })
    await jobs.enqueue(job, { n: 2 }, { atMs: Date.now() + 600 })
    await eventually(() => starts.length === 2)
    expect(starts[0]! - enqueuedMs).toBeGreaterThanOrEqual(295)
    expect(starts[0]! - enqueuedMs).toBeLessThan(550)
    expect(starts[1]! - enqueuedMs).toBeGreaterThanOrEqual(590)
  })

  test('wrong or too large arguments are refused before anything is sent', async () => {
    const args = (value: unknown) => {
      if (typeof value !== 'string') throw new Error('expected a string')
      return value
    }
    const job = jobs.define({ name: 'strict', args, perform: () => {} })
    await expect(jobs.enqueue(job, 7 as unknown as string)).rejects.toThrow(/"strict".*expected a string/)
    await expect(jobs.enqueue(job, 'x'.repeat(300_000))).rejects.toThrow(/300002 bytes.*262144/)
    await expect(jobs.enqueue(job, 'x', { queue: 'a{b}' })).rejects.toThrow(/brace/)
    await expect(jobs.enqueue(job, 'x', { delayMs: Number.NaN })).rejects.toThrow(/delayMs/)
    expect(await admin.keys('*')).toEqual([])
  })

  test('arguments of an older version come with it; those of a newer one wait for a worker that knows it', async () => {
    const newer = createJobs({ redis: redis.url })
    const define = (version: number, runtime: Jobs, seen: unknown[]) =>
      runtime.define({
        name: 'versioned',
        version,
        args: (value, from) => ({ ...(value as { n: number }), from }),
        perform: (args) => void seen.push(args),
      })
    const [old, young]: [unknown[], unknown[]] = [[], []]
    await jobs.enqueue(define(1, jobs, old), { n: 1, from: 0 })
    const second = define(2, newer, young)
    await newer.worker({ queues: ['default'] }).start()
    await eventually(() => young.length === 1)
    expect(young).toEqual([{ n: 1, from: 1 }])
    await newer.close()
    const again = createJobs({ redis: redis.url })
    await again.enqueue(define(2, again, []), { n: 2, from: 0 }, { id: 'new' })
    await again.close()
    expect(second.version).toBe(2)
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await state('new')).failures > 0)
    expect((await state('new')).error).toMatch(/version 2.*up to 1/)
    expect(old).toEqual([])
  })

  test('a failing unit is tried again until it succeeds, and its failures are counted', async () => {
    const attempts: number[] = []
    const job = jobs.define({
      name: 'flaky',
      args: asIs,
      retries: { baseMs: 20, maxMs: 50 },
      perform: (_, { attempt }) => {
        attempts.push(attempt)
        if (attempt < 4) throw new Error(`no ${attempt}`)
      },
    })
    await jobs.enqueue(job, { n: 1 })
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await stats()).succeeded === '1')
    expect(attempts).toEqual([1, 2, 3, 4])
    expect((await stats()).failed).toBe('3')
    expect(await leftKeys()).toEqual([])
  })

  test('a unit without retries left, with wrong arguments, or judged so is kept with the dead', async () => {
    const basics = { args: asIs, retries: { limit: 1, baseMs: 1 } }
    const failing = (): never => {
      throw new Error('always')
    }
    const exhausted = jobs.define({ ...basics, name: 'exhausted', perform: failing })
    const judged = jobs.define({ ...basics, name: 'judged', classify: () => 'dead', perform: failing })
    const final = jobs.define({
      ...basics,
      name: 'final',
      perform: () => {
        throw new FinalError('no-such-customer', 'customer 7 is gone')
      },
    })
    for (const job of [exhausted, judged, final]) await jobs.enqueue(job, { n: 1 }, { id: job.name })
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await stats()).died === '3')
    expect(await state('exhausted')).toMatchObject({ failures: 2, deadReason: 'retries-exhausted', error: 'always' })
    expect(await state('judged')).toMatchObject({ failures: 1, deadReason: 'refused-by-classifier' })
    expect(await state('final')).toMatchObject({ deadReason: 'no-such-customer', error: 'customer 7 is gone' })
    expect(await admin.hlen(key('jobs'))).toBe(3)
  })

  test('the dead are kept up to their cap, the oldest go first', async () => {
    const job = jobs.define({
      name: 'doomed',
      args: asIs,
      retries: { limit: 0 },
      perform: () => {
        throw new Error('no')
      },
    })
    await jobs.worker({ queues: ['default'], deadCap: 5, concurrency: 1 }).start()
    for (let n = 0; n < 20; n += 1) await jobs.enqueue(job, { n }, { id: `u${n}` })
    await eventually(async () => (await stats()).died === '20')
    const dead = await admin.zrange(key('dead'), '0', '-1')
    expect(dead.sort()).toEqual(['u15', 'u16', 'u17', 'u18', 'u19'])
    expect(await admin.hlen(key('jobs'))).toBe(5)
    expect((await admin.keys('sluice:{default}:run:*')).length).toBe(5)
  })

  test('thousands of units that end in one moment are all handed in', async () => {
    const UNITS = 9_000
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const job = jobs.define({ name: 'gated', args: asIs, perform: () => gate })
    await jobs.enqueueMany(
      job,
      Array.from({ length: UNITS }, (_, n) => ({ n })),
    )
    const worker = jobs.worker({ queues: ['default'], concurrency: 10_000 })
    await worker.start()
    await eventually(() => worker.busy === UNITS, { timeoutMs: 20_000 })
    open()
    await eventually(async () => (await stats()).succeeded === String(UNITS), { timeoutMs: 10_000 })
    expect(await admin.hlen(key('active'))).toBe(0)
  })

  test('a worker holds at most its concurrency, and its queues take turns', async () => {
    let now = 0
    let most = 0
    const ended: string[] = []
    const job = jobs.define({
      name: 'held',
      args: asIs,
      perform: async (_, { queue }) => {
        now += 1
        most = Math.max(most, now)
        await new Promise((resolve) => setTimeout(resolve, 2))
        now -= 1
        ended.push(queue)
      },
    })
    for (const queue of ['a', 'b'])
      await jobs.enqueueMany(
        job,
        Array.from({ length: 60 }, (_, n) => ({ n })),
        { queue },
      )
    await jobs.worker({ queues: ['a', 'b'], concurrency: 3 }).start()
    await eventually(() => ended.length === 120)
    expect(most).toBe(3)
    expect(ended.slice(0, 60).filter((queue) => queue === 'b').length).toBeGreaterThan(15)
  })

  test('a shutdown waits for work in hand, then gives back at the front what did not end; no attempt is used', async () => {
    const started: string[] = []
    const job = jobs.define({
      name: 'slow',
      args: asIs,
      perform: (_, { id, signal }) => {
        started.push(id)
        if (id === 'short') return new Promise((resolve) => setTimeout(resolve, 150))
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
      },
    })
    const worker = jobs.worker({ queues: ['default'], concurrency: 2, graceMs: 500 })
    for (const id of ['short', 'endless', 'waiting']) await jobs.enqueue(job, { n: 1 }, { id })
    await worker.start()
    await eventually(() => started.length === 2)
    const stoppedMs = performance.now()
    await worker.stop()
    expect(performance.now() - stoppedMs).toBeLessThan(1_500)
    expect(started).toEqual(['short', 'endless'])
    expect(await admin.lrange(key('pending'), 0, -1)).toEqual(['endless', 'waiting'])
    expect(await state('endless')).toMatchObject({ failures: 0, interruptions: 1, crashes: 0 })
    expect(await stats()).toMatchObject({ succeeded: '1', interrupted: '1' })
    expect(await admin.hlen(key('active'))).toBe(0)
    expect(await admin.exists(`sluice:{#}:worker:${worker.id}`)).toBe(0)
  })

  test('a worker reports what it is and holds', async () => {
    const job = jobs.define({ name: 'wait', args: asIs, perform: () => new Promise((done) => setTimeout(done, 900)) })
    const worker = jobs.worker({ queues: ['default', 'mail'], concurrency: 7, leaseMs: 600 })
    await worker.start()
    await jobs.enqueue(job, { n: 1 })
    const beat = await eventually(async () => {
      const found = parseBeat(worker.id, await admin.hgetall(`sluice:{#}:worker:${worker.id}`))
      expect(found).toMatchObject({ busy: 1, obeys: { default: 0, mail: 0 } })
      return found!
    })
    expect(beat).toMatchObject({ pid: process.pid, serves: ['default', 'mail'], capacity: 7, phase: 'running' })
    expect(Math.abs(beat.beatAtMs - beat.ownClockMs)).toBeLessThan(1_000)
    expect(await admin.zscore('sluice:{#}:workers', worker.id)).toBe(String(beat.beatAtMs))
    expect((await admin.smembers('sluice:{#}:queues')).sort()).toEqual(['default', 'mail'])
  })

  test('work longer than the lease is not taken away while its worker beats', async () => {
    let runs = 0
    const job = jobs.define({
      name: 'long',
      args: asIs,
      perform: () => {
        runs += 1
        return new Promise((resolve) => setTimeout(resolve, 1_500))
      },
    })
    await jobs.enqueue(job, { n: 1 })
    for (let n = 0; n < 3; n += 1) await jobs.worker({ queues: ['default'], leaseMs: 450 }).start()
    await eventually(async () => (await stats()).succeeded === '1')
    expect(runs).toBe(1)
    expect((await stats()).crashed).toBeUndefined()
  })

  test('the work of a killed worker runs again within two leases, and counts as a crash, not as a failure', async () => {
    const processes = new JobsProcesses({ url: redis.url, leaseMs: 1_000 })
    try {
      const { note } = defineAppJobs(jobs, () => {})
      const { id } = await jobs.enqueue(note, { text: 'x', ms: 60_000 })
      const child = await processes.start()
      await eventually(() => processes.count(`start ${id}`) === 1)
      const second = await processes.start()
      child.kill('SIGKILL')
      const killedMs = performance.now()
      await eventually(() => processes.count(`start ${id}`) === 2, { timeoutMs: 5_000 })
      expect(performance.now() - killedMs).toBeLessThan(2_000)
      expect(await state(id)).toMatchObject({ failures: 0, crashes: 1, crashesHere: 1 })
      expect(processes.lines().filter((line) => line.startsWith(`start ${id}`))[1]).toMatch(/ 1 x$/)
      second.kill('SIGKILL')
    } finally {
      await processes.close()
    }
  })

  test('a unit that kills its worker is parked as poisoned after three crashes, and others go on', async () => {
    const processes = new JobsProcesses({ url: redis.url, leaseMs: 450 })
    try {
      const { kill, note } = defineAppJobs(jobs, () => {})
      const { id } = await jobs.enqueue(kill, { text: 'bang' })
      const good = await jobs.enqueue(note, { text: 'good', ms: 0 })
      for (let n = 1; n <= 3; n += 1) {
        const child = processes.spawn()
        await eventually(() => child.signalCode === 'SIGKILL', { timeoutMs: 20_000 })
      }
      await processes.start()
      await eventually(() => processes.count(`end ${good.id}`) === 1, { timeoutMs: 10_000 })
      await eventually(async () => (await state(id)).deadReason === 'poisoned')
      expect(await state(id)).toMatchObject({ failures: 0, crashes: 3, crashesHere: 3 })
      expect(processes.count(`start ${id}`)).toBe(3)
      expect(await stats()).toMatchObject({ crashed: '3', poisoned: '1', died: '1' })
    } finally {
      await processes.close()
    }
  }, 90_000)

  test('a worker that was stopped past its lease cannot end what another has taken over', async () => {
    const processes = new JobsProcesses({ url: redis.url, leaseMs: 1_000 })
    try {
      const { note } = defineAppJobs(jobs, () => {})
      // Longer than a second process takes to start on a busy machine.
      const { id } = await jobs.enqueue(note, { text: 'x', ms: 4_000 })
      const zombie = await processes.start()
      await eventually(() => processes.count(`start ${id}`) === 1)
      const other = await processes.start()
      zombie.kill('SIGSTOP')
      await eventually(() => processes.count(`start ${id}`) === 2, { timeoutMs: 5_000 })
      zombie.kill('SIGCONT')
      await eventually(() => processes.count('lost') === 1)
      await eventually(async () => (await stats()).succeeded === '1', { timeoutMs: 15_000 })
      expect(await stats()).toMatchObject({ crashed: '1', started: '2', succeeded: '1' })
      expect(processes.count(`end ${id}`)).toBe(2)
      other.kill('SIGKILL')
    } finally {
      await processes.close()
    }
  })

  test('a Redis that accepts and stays silent costs an error within its deadline, never a hang', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address() as AddressInfo
    const lonely = createJobs({ redis: `redis://127.0.0.1:${address.port}` })
    const job = lonely.define({ name: 'x', args: asIs, perform: () => {} })
    const startedMs = performance.now()
    await expect(lonely.enqueue(job, { n: 1 })).rejects.toMatchObject({ code: 'timeout' })
    await expect(lonely.worker({ queues: ['default'] }).start()).rejects.toMatchObject({ code: 'timeout' })
    expect(performance.now() - startedMs).toBeLessThan(10_000)
    await lonely.close()
    silent.close()
  })
})
