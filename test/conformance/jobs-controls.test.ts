import { describe, expect, inject, test } from 'vitest'
import { fromRange } from '../../server/runtime/index.ts'
import { parseBeat } from '../../server/runtime/layout/worker-beat.ts'
import { eventually } from '../support/eventually.ts'
import { act, lift, placed, put } from '../support/jobs-controls.ts'
import { asIs, jobs, key, ownJobs, range, state, stats, wait } from '../support/jobs-lab.ts'
import { admin } from '../support/redis-lab.ts'

const brokers = inject('brokers')
const pause = { verb: 'pause' } as const

describe.skipIf(brokers.redis === null)('controls of jobs on a real Redis', () => {
  ownJobs()

  const subscribed = (workers: number) =>
    eventually(async () => (await admin.pubsub('NUMSUB', 'sluice:{default}:nudge'))[1] === workers)
  const noting = (seen: unknown[], name = 'note') =>
    jobs.define({ name, args: asIs, perform: ({ n }) => void seen.push(n) })

  test('a paused queue starts nothing, and what was lifted starts at once', async () => {
    const seen: unknown[] = []
    const job = noting(seen)
    expect(await put(admin, { id: 'ctl_a', order: pause })).toMatchObject({ what: 'placed', revision: 1 })
    await jobs.worker({ queues: ['default'] }).start()
    await jobs.enqueueMany(
      job,
      range(20).map((n) => ({ n })),
    )
    await wait(300)
    expect(seen).toEqual([])
    expect((await stats()).started).toBeUndefined()
    const liftedMs = performance.now()
    expect(await lift(admin, 'ctl_a')).toEqual({ was: 1, revision: 2 })
    await eventually(() => seen.length === 20)
    expect(performance.now() - liftedMs).toBeLessThan(500)
    expect(seen).toEqual(range(20))
  })

  test('a control on a job class, a tag or a run holds back only those, in their order, and others get past', async () => {
    const seen: unknown[] = []
    const [a, b] = [noting(seen, 'a'), noting(seen, 'b')]
    await put(admin, { id: 'ctl_a', order: pause, scope: 'job', name: 'a' })
    await put(admin, { id: 'ctl_t', order: pause, scope: 'tag', name: 'eu' })
    for (let n = 0; n < 700; n += 1) void jobs.enqueue(a, { n })
    for (let n = 1_000; n < 1_003; n += 1) void jobs.enqueue(b, { n }, { tags: ['vip', 'eu'] })
    await jobs.enqueueMany(b, [{ n: 2_000 }, { n: 2_001 }], { tags: ['us'] })
    await jobs.worker({ queues: ['default'], concurrency: 5 }).start()
    await eventually(() => seen.length === 2)
    expect(seen).toEqual([2_000, 2_001])
    expect((await admin.smembers(key('held'))).sort()).toEqual(['job:a', 'tag:eu'])
    expect(await admin.llen('sluice:{default}:held:job:a')).toBe(700)
    expect(await admin.llen('sluice:{default}:held:tag:eu')).toBe(3)
    await lift(admin, 'ctl_t')
    await eventually(() => seen.length === 5)
    expect(seen.slice(2)).toEqual([1_000, 1_001, 1_002])
    await jobs.enqueue(a, { n: 700 })
    await lift(admin, 'ctl_a')
    await eventually(() => seen.length === 706)
    expect(seen.slice(5)).toEqual(range(701))
    expect(await admin.exists(key('held'), 'sluice:{default}:held:job:a')).toBe(0)
    expect(await admin.hgetall(key('starts'))).toEqual({ a: '701', b: '5', '#vip': '3', '#eu': '3', '#us': '2' })
    expect(await admin.exists(key('running'))).toBe(0)
  })

  test('a limit is never exceeded, on a queue, a job class or a tag, and is used in full', async () => {
    const inHand = { all: 0, a: 0, eu: 0 }
    const most = { all: 0, a: 0, eu: 0 }
    let ended = 0
    const run = (names: readonly ('all' | 'a' | 'eu')[]) => async () => {
      for (const name of names) {
        inHand[name] += 1
        most[name] = Math.max(most[name], inHand[name])
      }
      await wait(5)
      for (const name of names) inHand[name] -= 1
      ended += 1
    }
    const a = jobs.define({ name: 'a', args: asIs, perform: run(['all', 'a']) })
    const b = jobs.define({ name: 'b', args: asIs, perform: run(['all', 'eu']) })
    const limit = (concurrency: number) => ({ verb: 'limit', concurrency }) as const
    await put(admin, { id: 'ctl_all', order: limit(6) })
    await put(admin, { id: 'ctl_a', order: limit(2), scope: 'job', name: 'a' })
    await put(admin, { id: 'ctl_eu', order: limit(3), scope: 'tag', name: 'eu' })
    for (let n = 0; n < 120; n += 1) void jobs.enqueue(a, { n })
    await jobs.enqueueMany(
      b,
      range(120).map((n) => ({ n })),
      { tags: ['eu'] },
    )
    for (let n = 0; n < 3; n += 1) await jobs.worker({ queues: ['default'], concurrency: 8 }).start()
    await eventually(() => ended === 240, { timeoutMs: 15_000 })
    expect(most).toEqual({ all: 5, a: 2, eu: 3 })
  })

  test('a throttle of 50/s gives 50/s with four workers, and a job class keeps its own rate beside it', async () => {
    const starts: Record<string, number[]> = { a: [], b: [] }
    const define = (name: string) =>
      jobs.define({ name, args: asIs, perform: () => void starts[name]?.push(performance.now()) })
    const throttle = (perSecond: number) => ({ verb: 'throttle', perSecond, fromPerSecond: null }) as const
    await put(admin, { id: 'ctl_q', order: throttle(50) })
    await put(admin, { id: 'ctl_b', order: throttle(10), scope: 'job', name: 'b' })
    const [a, b] = [define('a'), define('b')]
    for (let n = 0; n < 2_000; n += 1) void jobs.enqueue(n % 2 === 0 ? a : b, { n })
    await jobs.enqueue(a, { n: 0 })
    for (let n = 0; n < 4; n += 1) await jobs.worker({ queues: ['default'], concurrency: 10 }).start()
    await wait(6_000)
    await jobs.close()
    const all = [...starts.a!, ...starts.b!].sort((x, y) => x - y)
    const rate = (times: readonly number[]) => ((times.length - 1) / (times.at(-1)! - times[0]!)) * 1_000
    console.log(`throttle 50/s: ${rate(all).toFixed(2)}/s; its class of 10/s: ${rate(starts.b!).toFixed(2)}/s`)
    expect(rate(all)).toBeGreaterThan(47.5)
    expect(rate(all)).toBeLessThan(52.5)
    expect(rate(starts.b!)).toBeGreaterThan(9)
    expect(rate(starts.b!)).toBeLessThan(11)
  })

  test('a ramp lets work come back in a straight line', async () => {
    const starts: number[] = []
    const job = jobs.define({ name: 'a', args: asIs, perform: () => void starts.push(performance.now()) })
    await jobs.enqueueMany(
      job,
      range(2_000).map((n) => ({ n })),
    )
    await put(admin, { id: 'ctl_r', order: { verb: 'throttle', perSecond: 100, fromPerSecond: 10 }, ttlMs: 5_000 })
    await jobs.worker({ queues: ['default'], concurrency: 10 }).start()
    await eventually(() => starts.length === 2_000, { timeoutMs: 10_000 })
    const from = starts[0]!
    const within = (fromMs: number, toMs: number) =>
      starts.filter((at) => at - from >= fromMs && at - from < toMs).length
    // 10/s + 18/s per second: 19 in the first second, 91 in the fifth.
    expect(within(0, 1_000)).toBeGreaterThanOrEqual(15)
    expect(within(0, 1_000)).toBeLessThanOrEqual(24)
    expect(within(3_800, 4_800)).toBeGreaterThanOrEqual(78)
    expect(within(3_800, 4_800)).toBeLessThanOrEqual(98)
    expect(within(0, 4_800)).toBeLessThan(280)
  })

  test('an iterating run stops between two items at a pause, keeps its cursor, and goes on when it is lifted', async () => {
    const seen: unknown[] = []
    const job = jobs.define({
      ...{ name: 'walk', args: asIs },
      items: ({ n }, cursor: number | null) => fromRange({ from: 0, to: n }, cursor),
      each: async (n) => {
        seen.push(n)
        await wait(4)
      },
      onShutdown: (_, end) => void seen.push(end),
      onResume: (_, cursor) => void seen.push(`after ${cursor}`),
    })
    const { id } = await jobs.enqueue(job, { n: 60 })
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(() => seen.length > 10)
    const askedMs = performance.now()
    await put(admin, { id: 'ctl_p', order: pause, scope: 'run', name: id })
    await eventually(() => seen.includes('paused'))
    const last = seen.at(-2) as number
    expect(performance.now() - askedMs).toBeLessThan(300)
    await eventually(async () => (await admin.llen(`sluice:{default}:held:run:${id}`)) === 1)
    expect(await state(id)).toMatchObject({ status: 'paused', cursor: String(last), failures: 0, interruptions: 1 })
    await lift(admin, 'ctl_p')
    await eventually(async () => (await state(id)).status === 'succeeded')
    expect(seen.filter((one) => typeof one === 'number')).toEqual(range(60))
    expect(seen).toContain(`after ${last}`)
  })

  test('a throttle meters the items of runs: of one under way, and of two that share it; lifted, they go on at once', async () => {
    const items: number[] = []
    const job = jobs.define({
      ...{ name: 'walk', args: asIs },
      items: ({ n }, cursor: number | null) => fromRange({ from: 0, to: n }, cursor),
      each: async () => {
        items.push(performance.now())
        await wait(1)
      },
    })
    const rate = (times: readonly number[]) => ((times.length - 1) / (times.at(-1)! - times[0]!)) * 1_000
    const within = async (ms: number) => {
      const from = items.length
      await wait(ms)
      return items.slice(from)
    }
    await jobs.enqueue(job, { n: 1_000_000 }, { id: 'a' })
    await jobs.worker({ queues: ['default'], concurrency: 1 }).start()
    await eventually(() => items.length > 100)
    await put(admin, { id: 'ctl_t', order: { verb: 'throttle', perSecond: 50, fromPerSecond: null } })
    await wait(300)
    const alone = await within(4_000)
    await jobs.enqueue(job, { n: 1_000_000 }, { id: 'b' })
    await jobs.worker({ queues: ['default'], concurrency: 1 }).start()
    await eventually(async () => (await state('b')).done > 0, { timeoutMs: 10_000 })
    const shared = await within(4_000)
    console.log(`items under 50/s: ${rate(alone).toFixed(2)}/s of one run, ${rate(shared).toFixed(2)}/s of two`)
    for (const some of [alone, shared]) {
      expect(rate(some)).toBeGreaterThan(47.5)
      expect(rate(some)).toBeLessThan(52.5)
    }
    await lift(admin, 'ctl_t')
    await wait(600)
    expect(rate(await within(500))).toBeGreaterThan(200)
    await put(admin, {
      id: 'ctl_s',
      order: { verb: 'throttle', perSecond: 1, fromPerSecond: null },
      scope: 'run',
      name: 'a',
    })
    await wait(300)
    const askedMs = performance.now()
    expect(await act(admin, 'cancel', ['a', 'b'])).toEqual(['cancelling', 'cancelling'])
    await eventually(async () => (await state('a')).status === 'cancelled')
    expect(performance.now() - askedMs).toBeLessThan(1_500)
  })

  test('a worker confirms a control at once: its beat names the revision', async () => {
    const worker = jobs.worker({ queues: ['default'], leaseMs: 60_000 })
    await worker.start()
    await subscribed(1)
    const { revision } = await put(admin, { id: 'ctl_p', order: pause })
    const putMs = performance.now()
    await eventually(async () => {
      const beat = parseBeat(worker.id, await admin.hgetall(`sluice:{#}:worker:${worker.id}`))
      expect(beat).toMatchObject({ obeys: { default: revision }, obeysAt: 'claim', lastStartAtMs: null })
    })
    expect(performance.now() - putMs).toBeLessThan(500)
    const [control] = await placed(admin)
    expect(control).toMatchObject({ placedRevision: revision, startsBefore: 0, reason: 'because of a test' })
  })

  test('a control is placed once, a longer life keeps its beginning, and what was lifted does not come back', async () => {
    const first = await put(admin, { id: 'ctl_a', order: pause, ttlMs: 10_000 })
    expect(await put(admin, { id: 'ctl_a', order: pause, ttlMs: 99_000 })).toMatchObject({
      ...{ what: 'there', revision: 1, expiresAtMs: first.expiresAtMs },
    })
    const [before] = await placed(admin)
    expect(await put(admin, { id: 'ctl_a', order: pause, ttlMs: 60_000, revision: 2 })).toMatchObject({
      what: 'placed',
    })
    const [after] = await placed(admin)
    expect(after).toMatchObject({ revision: 2, issuedAtMs: before!.issuedAtMs, placedAtMs: before!.placedAtMs })
    expect(after!.expiresAtMs).toBeGreaterThan(first.expiresAtMs)
    expect(await put(admin, { id: 'ctl_a', order: pause, revision: 1 })).toMatchObject({ what: 'newer' })
    expect(await lift(admin, 'ctl_b')).toEqual({ was: 0, revision: 2 })
    expect(await lift(admin, 'ctl_a')).toEqual({ was: 1, revision: 3 })
    expect(await lift(admin, 'ctl_a')).toEqual({ was: 0, revision: 3 })
    expect(await put(admin, { id: 'ctl_a', order: pause, revision: 3 })).toMatchObject({ what: 'lifted', revision: 3 })
    expect(await placed(admin)).toEqual([])
    for (let n = 0; n < 100; n += 1) await put(admin, { id: `ctl_${n}`, order: pause })
    expect(await put(admin, { id: 'ctl_full', order: pause })).toMatchObject({ what: 'full' })
  })
})
