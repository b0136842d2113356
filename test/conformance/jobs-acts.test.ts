import { describe, expect, inject, test } from 'vitest'
import { fromRange } from '../../server/runtime/index.ts'
import { heldKey } from '../../server/runtime/layout/keys.ts'
import { eventually } from '../support/eventually.ts'
import { act, lift, put } from '../support/jobs-controls.ts'
import { asIs, jobs, key, ownJobs, state, stats, wait } from '../support/jobs-lab.ts'
import { admin } from '../support/redis-lab.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.redis === null)('what an operator does with units of work, by id', () => {
  ownJobs()

  const walking = (seen: unknown[], more: { failAt?: number } = {}) =>
    jobs.define({
      ...{ name: 'walk', args: asIs, retries: { limit: 0 } },
      items: ({ n }, cursor: number | null) => fromRange({ from: 0, to: n }, cursor),
      each: async (n) => {
        if (n === more.failAt) {
          more.failAt = undefined
          throw new Error(`no ${n}`)
        }
        seen.push(n)
        await wait(3)
      },
      onCancel: (_, done) => void seen.push(`cancelled at ${done}`),
      onShutdown: (_, end) => void seen.push(end),
    })

  test('a dead unit is tried again with all its attempts, a run from its cursor', async () => {
    const seen: unknown[] = []
    await jobs.enqueue(walking(seen, { failAt: 3 }), { n: 6 }, { id: 'a' })
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await state('a')).status === 'failed')
    expect(await act(admin, 'retry', ['a', 'unknown'])).toEqual(['done', 'gone'])
    await eventually(async () => (await state('a')).status === 'succeeded')
    expect(seen).toEqual([0, 1, 2, 'failed', 3, 4, 5, 'succeeded'])
    expect(await state('a')).toMatchObject({ failures: 0, deadReason: null })
    expect(await act(admin, 'retry', ['a'])).toEqual(['gone'])
    expect(await admin.zcard(key('dead'))).toBe(0)
  })

  test('a delayed unit and one that waits for its back-off are promoted, once', async () => {
    const seen: unknown[] = []
    const job = jobs.define({
      ...{ name: 'flaky', args: asIs, retries: { baseMs: 3_600_000, maxMs: 3_600_000 } },
      perform: ({ n }, { attempt }) => {
        if (attempt === 1 && n === 2) throw new Error('once')
        seen.push(n)
      },
    })
    await jobs.enqueue(job, { n: 1 }, { id: 'late', delayMs: 3_600_000 })
    await jobs.enqueue(job, { n: 2 }, { id: 'flaky' })
    await jobs.worker({ queues: ['default'], pollMs: 60_000 }).start()
    await eventually(async () => (await admin.zcard(key('retry'))) === 1)
    expect(await act(admin, 'retry', ['late'])).toEqual(['not-now it waits for its time; promote it'])
    expect(await act(admin, 'promote', ['late', 'flaky', 'no'])).toEqual(['done', 'done', 'gone'])
    await eventually(() => seen.length === 2)
    expect(await act(admin, 'promote', ['late'])).toEqual(['gone'])
    expect(seen.sort()).toEqual([1, 2])
  })

  test('what is discarded is gone from wherever it was, but not from the hands of a worker', async () => {
    const seen: unknown[] = []
    const job = jobs.define({
      ...{ name: 'slow', args: asIs },
      perform: async ({ n }) => {
        await wait(300)
        seen.push(n)
      },
    })
    for (const [n, id] of ['active', 'p1', 'p2', 'p3'].entries()) await jobs.enqueue(job, { n }, { id })
    await jobs.enqueue(job, { n: 9 }, { id: 'late', delayMs: 60_000 })
    await put(admin, { id: 'ctl_t', order: { verb: 'pause' }, scope: 'tag', name: 'eu' })
    await jobs.enqueue(job, { n: 8 }, { id: 'held', tags: ['eu'] })
    await jobs.worker({ queues: ['default'], concurrency: 1 }).start()
    await eventually(async () => (await admin.hexists(key('active'), 'active')) === 1)
    const ids = ['active', 'p2', 'late', 'no']
    expect(await act(admin, 'discard', ids)).toEqual(['not-now a worker has it in hand', 'done', 'done', 'gone'])
    await eventually(() => seen.length === 3)
    await eventually(async () => (await admin.llen(heldKey('sluice', 'default', 'tag:eu'))) === 1)
    expect(await act(admin, 'discard', ['held'])).toEqual(['done'])
    await lift(admin, 'ctl_t')
    await wait(100)
    expect(seen).toEqual([0, 1, 3])
    expect(await admin.hlen(key('jobs'))).toBe(0)
    expect(await admin.zcard(key('delayed'))).toBe(0)
  })

  test('a running run that is cancelled ends after its item; one that waits ends at once', async () => {
    const seen: unknown[] = []
    const job = walking(seen)
    await jobs.worker({ queues: ['default'], concurrency: 1 }).start()
    await jobs.enqueue(job, { n: 10_000 }, { id: 'a' })
    await jobs.enqueue(job, { n: 10_000 }, { id: 'b' })
    await eventually(() => seen.length > 10)
    const askedMs = performance.now()
    expect(await act(admin, 'cancel', ['a', 'b', 'no'])).toEqual(['cancelling', 'done', 'gone'])
    expect(await state('a')).toMatchObject({ status: 'cancelling' })
    await eventually(async () => (await state('a')).status === 'cancelled')
    expect(performance.now() - askedMs).toBeLessThan(300)
    const [told, end] = seen.slice(-2)
    expect([told, end]).toEqual([`cancelled at ${seen.length - 2}`, 'cancelled'])
    expect(await state('a')).toMatchObject({ done: seen.length - 2, failures: 0 })
    expect(await state('b')).toMatchObject({ status: 'cancelled', done: 0 })
    expect(await act(admin, 'cancel', ['a', 'b'])).toEqual(['done', 'done'])
    expect(await admin.exists(key('active'), key('pending'), key('jobs'))).toBe(0)
    expect((await stats()).succeeded).toBeUndefined()
  })

  test('a run that is cancelling and does not end is ended by force; what its worker still does is refused', async () => {
    const told: unknown[] = []
    let end = () => {}
    const job = jobs.define({
      ...{ name: 'hangs', args: asIs, exclusive: true },
      items: () => fromRange({ from: 0, to: 10 }, null),
      each: () =>
        new Promise<void>((resolve) => {
          end = resolve
        }),
    })
    const worker = jobs.worker({ queues: ['default'], leaseMs: 600 })
    worker.on('lost', ({ id }) => void told.push(id))
    await worker.start()
    await jobs.enqueue(job, { n: 1 }, { id: 'a' })
    await eventually(async () => (await admin.hexists(key('active'), 'a')) === 1)
    expect(await act(admin, 'force-cancel', ['a', 'no'])).toEqual(['not-now it is running; cancel it first', 'gone'])
    expect(await act(admin, 'cancel', ['a'])).toEqual(['cancelling'])
    expect(await act(admin, 'force-cancel', ['a'])).toEqual(['done'])
    expect(await state('a')).toMatchObject({ status: 'cancelled' })
    expect(await admin.exists(key('active'), key('running'), key('leases'))).toBe(0)
    await eventually(() => expect(told).toEqual(['a']))
    end()
    await worker.stop()
    expect(await state('a')).toMatchObject({ status: 'cancelled', done: 0 })
    expect(await admin.hlen(key('jobs'))).toBe(0)
  })

  test('a cancelled run that its worker gives back, or that fails, or whose worker vanished, does not come again', async () => {
    const given = jobs.define({
      ...{ name: 'stubborn', args: asIs },
      items: () => fromRange({ from: 0, to: 10 }, null),
      each: () => wait(1_500),
    })
    const worker = jobs.worker({ queues: ['default'], graceMs: 100 })
    await worker.start()
    await jobs.enqueue(given, { n: 1 }, { id: 'given' })
    await eventually(async () => (await admin.hexists(key('active'), 'given')) === 1)
    expect(await act(admin, 'cancel', ['given'])).toEqual(['cancelling'])
    await worker.stop()
    expect(await state('given')).toMatchObject({ status: 'cancelled' })
    expect(await admin.llen(key('pending'))).toBe(0)
  })

  test('a plain unit cannot be cancelled, and an ended run neither', async () => {
    const plain = jobs.define({ name: 'plain', args: asIs, perform: () => {} })
    await jobs.enqueue(plain, { n: 1 }, { id: 'plain' })
    expect(await act(admin, 'cancel', ['plain'])).toEqual(['not-now it is no run; discard it'])
    await jobs.enqueue(walking([]), { n: 1 }, { id: 'run' })
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await state('run')).status === 'succeeded')
    expect(await act(admin, 'cancel', ['run'])).toEqual(['not-now it has ended'])
  })

  test('a call that would walk through too much says which ids are left for the next', async () => {
    const job = jobs.define({ name: 'many', args: asIs, perform: () => {} })
    const ids: string[] = []
    for (let n = 0; n < 50_000; n += 1) {
      ids.push(`u${n}`)
      void jobs.enqueue(job, { n }, { id: `u${n}` })
    }
    await eventually(async () => (await admin.llen(key('pending'))) === 50_000, { timeoutMs: 10_000 })
    expect(await act(admin, 'discard', ids.slice(0, 500))).not.toContain('later')
    const some = ids.slice(-100)
    let [calls, left, slowestMs] = [0, some as readonly string[], 0]
    while (left.length > 0) {
      const startedMs = performance.now()
      const results = await act(admin, 'discard', left)
      slowestMs = Math.max(slowestMs, performance.now() - startedMs)
      left = left.filter((_, n) => results[n] === 'later')
      calls += 1
    }
    console.log(`discard of 100 among 50,000: ${calls} calls, the longest ${slowestMs.toFixed(1)} ms`)
    expect(calls).toBeGreaterThan(1)
    expect(await admin.llen(key('pending'))).toBe(49_400)
    expect(slowestMs).toBeLessThan(500)
  })
})
