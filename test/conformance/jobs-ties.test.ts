import { beforeEach, describe, expect, inject, test } from 'vitest'
import { call, fromRange } from '../../server/runtime/index.ts'
import { eventually } from '../support/eventually.ts'
import { act, lift, put } from '../support/jobs-controls.ts'
import { asIs, jobs, key, ownJobs, range, stats, wait } from '../support/jobs-lab.ts'
import { admin } from '../support/redis-lab.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.redis === null)('units of work that are tied to each other', () => {
  let seen: unknown[]

  ownJobs()
  beforeEach(() => {
    seen = []
  })

  const noting = (name = 'note') => jobs.define({ name, args: asIs, perform: ({ n }) => void seen.push(n) })
  /** Nothing of the units themselves is left. */
  const isClean = async () =>
    (await admin.keys('sluice:{default}:*')).filter(
      (one) => !/(stats|epoch|starts|starters|idle|prioritized|turns|batch:.*)$/.test(one),
    )

  test('of units with one unique key one is there until it is done, and the next is told which', async () => {
    const job = noting()
    const unique = { key: 'customer:7' }
    const first = await jobs.enqueue(job, { n: 1 }, { unique })
    expect(await jobs.enqueue(job, { n: 2 }, { unique })).toEqual({ id: first.id, isNew: false })
    expect((await jobs.enqueue(job, { n: 3 }, { unique: { key: 'customer:8' } })).isNew).toBe(true)
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(async () => (await stats()).succeeded === '2')
    expect((await jobs.enqueue(job, { n: 4 }, { unique })).isNew).toBe(true)
    await eventually(async () => (await stats()).succeeded === '3')
    expect(seen).toEqual([1, 3, 4])
    expect(await isClean()).toEqual([])
  })

  test('a key until started is free while its unit runs; one until done is not, and death frees it', async () => {
    let end = () => {}
    const job = jobs.define({
      ...{ name: 'slow', args: asIs, retries: { limit: 0 } },
      perform: ({ n }) => {
        seen.push(n)
        if (n === 9) throw new Error('no')
        return new Promise<void>((resolve) => {
          end = resolve
        })
      },
    })
    await jobs.worker({ queues: ['default'], concurrency: 1 }).start()
    await jobs.enqueue(job, { n: 1 }, { unique: { key: 'a', until: 'started' } })
    await eventually(() => seen.length === 1)
    expect((await jobs.enqueue(job, { n: 2 }, { unique: { key: 'a', until: 'started' } })).isNew).toBe(true)
    end()
    await eventually(() => seen.length === 2)
    end()
    await jobs.enqueue(job, { n: 9 }, { unique: { key: 'b' } })
    await eventually(async () => (await stats()).died === '1')
    expect((await jobs.enqueue(job, { n: 3 }, { unique: { key: 'b' } })).isNew).toBe(true)
    await eventually(() => seen.length === 4)
    expect((await jobs.enqueue(job, { n: 4 }, { unique: { key: 'b' } })).isNew).toBe(false)
    end()
  })

  test('with replace the unit that waits takes the new arguments and keeps its place; a key ends at its time', async () => {
    const job = noting()
    const unique = { key: 'a', onConflict: 'replace' } as const
    const first = await jobs.enqueue(job, { n: 1 }, { unique })
    await jobs.enqueue(job, { n: 50 })
    expect(await jobs.enqueue(job, { n: 2 }, { unique })).toEqual({ id: first.id, isNew: false })
    const short = { key: 'b', ttlMs: 50 }
    await jobs.enqueue(job, { n: 60 }, { unique: short })
    await wait(80)
    expect((await jobs.enqueue(job, { n: 61 }, { unique: short })).isNew).toBe(true)
    await jobs.worker({ queues: ['default'] }).start()
    await eventually(() => seen.length === 4)
    expect(seen).toEqual([2, 50, 60, 61])
    await expect(jobs.enqueue(job, { n: 1 }, { unique: { key: 'a b' } })).rejects.toThrow(
      /unique\.key "a b".*white space/,
    )
  })

  test('of units with one exclusive key one is in hand at a time, in their order, and others get past', async () => {
    const inHand = new Map<string, number>()
    let most = 0
    const job = jobs.define({
      name: 'alone',
      args: (value) => value as { n: number; who: string },
      perform: async ({ n, who }) => {
        inHand.set(who, (inHand.get(who) ?? 0) + 1)
        most = Math.max(most, inHand.get(who) ?? 0)
        await wait(5)
        seen.push(`${who}${n}`)
        inHand.set(who, (inHand.get(who) ?? 0) - 1)
      },
    })
    for (let n = 0; n < 20; n += 1) {
      void jobs.enqueue(job, { n, who: 'a' }, { exclusive: 'a' })
      if (n < 10) void jobs.enqueue(job, { n, who: 'b' }, { exclusive: 'b' })
    }
    await jobs.enqueue(job, { n: 0, who: 'c' })
    for (let n = 0; n < 3; n += 1) await jobs.worker({ queues: ['default'], concurrency: 5 }).start()
    await eventually(() => seen.length === 31, { timeoutMs: 10_000 })
    expect(most).toBe(1)
    for (const who of ['a', 'b']) {
      const own = seen.filter((one) => String(one).startsWith(who))
      expect(own).toEqual(range(own.length).map((n) => `${who}${n}`))
    }
    expect(seen.indexOf('c0')).toBeLessThan(8)
    await eventually(async () => expect(await isClean()).toEqual([]))
  })

  test('strict priorities take the high ones first; weighted ones let nobody starve', async () => {
    const job = noting()
    const fill = async () => {
      for (let n = 0; n < 100; n += 1) {
        void jobs.enqueue(job, { n: 2_000 + n }, { priority: 'low' })
        void jobs.enqueue(job, { n: 1_000 + n })
        void jobs.enqueue(job, { n }, { priority: 'high' })
      }
      await eventually(async () => (await admin.llen(key('pending:low'))) === 100)
    }
    await fill()
    const strict = jobs.worker({ queues: ['default'], concurrency: 1, priorities: 'strict' })
    await strict.start()
    await eventually(() => seen.length === 300)
    await strict.stop()
    expect(seen).toEqual([...range(100), ...range(100).map((n) => 1_000 + n), ...range(100).map((n) => 2_000 + n)])
    seen.length = 0
    await fill()
    await jobs.worker({ queues: ['default'], concurrency: 1 }).start()
    await eventually(() => seen.length === 300)
    const early = seen.slice(0, 130) as number[]
    expect(early.filter((n) => n < 1_000).length).toBe(80)
    expect(early.filter((n) => n >= 2_000).length).toBe(10)
    for (const from of [0, 1_000, 2_000]) {
      expect(seen.filter((n) => Math.floor((n as number) / 1_000) * 1_000 === from)).toEqual(
        range(100).map((n) => from + n),
      )
    }
  })

  test('a unit keeps its priority through a delay, a failure and a control', async () => {
    let hasFailed = false
    const job = jobs.define({
      ...{ name: 'flaky', args: asIs, retries: { baseMs: 1 } },
      perform: ({ n }) => {
        if (n === 1 && !hasFailed) {
          hasFailed = true
          throw new Error('once')
        }
        seen.push(n)
      },
    })
    await put(admin, { id: 'ctl_t', order: { verb: 'pause' }, scope: 'tag', name: 'eu' })
    await jobs.enqueue(job, { n: 1 }, { priority: 'high', delayMs: 30 })
    await jobs.enqueue(job, { n: 2 }, { priority: 'high', tags: ['eu'] })
    const first = jobs.worker({ queues: ['default'] })
    await first.start()
    await eventually(() => seen.length === 1)
    await first.stop()
    await lift(admin, 'ctl_t')
    for (let n = 10; n < 15; n += 1) await jobs.enqueue(job, { n })
    await jobs.worker({ queues: ['default'], concurrency: 1, priorities: 'strict' }).start()
    await eventually(() => seen.length === 7)
    expect(seen).toEqual([1, 2, 10, 11, 12, 13, 14])
  })

  test('follow-ups come one after the other, in the queue of the first, each when the one before has succeeded', async () => {
    let isBad = true
    const [a, b] = [noting('a'), noting('b')]
    const walk = jobs.define({
      ...{ name: 'walk', args: asIs, retries: { limit: 0 } },
      items: ({ n }, cursor: number | null) => fromRange({ from: 100, to: n }, cursor),
      each: (n) => {
        if (isBad) throw new Error('no')
        seen.push(n)
      },
    })
    const text = { n: 3, text: 'ü"\\\n{}' } as { n: number }
    await jobs.worker({ queues: ['default'] }).start()
    await jobs.enqueue(a, { n: 1 }, { followedBy: [call(walk, { n: 102 }), call(b, text), call(a, { n: 4 })] })
    await eventually(async () => (await admin.zcard(key('dead'))) === 1)
    await wait(50)
    expect(seen).toEqual([1])
    isBad = false
    expect(await act(admin, 'retry', await admin.zrange(key('dead'), '0', '-1'))).toEqual(['done'])
    await eventually(() => seen.length === 5)
    expect(seen).toEqual([1, 100, 101, 3, 4])
  })

  test('a batch calls back once: at the first death, when all have ended, and when all have succeeded', async () => {
    let isBad = true
    const told: string[] = []
    const tell = jobs.define({
      name: 'tell',
      args: (value) => value as string,
      perform: (what) => void told.push(what),
    })
    const part = jobs.define({
      ...{ name: 'part', args: asIs, retries: { limit: 1, baseMs: 1 } },
      perform: ({ n }) => {
        if (isBad && n % 400 === 7) throw new Error('no')
        seen.push(n)
      },
    })
    const calls = {
      onSuccess: call(tell, 'success'),
      onComplete: call(tell, 'complete'),
      onDeath: call(tell, 'death'),
    }
    await jobs.worker({ queues: ['default'], concurrency: 20 }).start()
    const batch = await jobs.enqueueBatch(
      part,
      range(1_200).map((n) => ({ n })),
      calls,
    )
    await eventually(() => told.length === 2)
    expect(told).toEqual(['death', 'complete'])
    expect(await admin.hgetall(`sluice:{default}:batch:${batch}`)).toMatchObject({
      total: '1200',
      left: '0',
      dead: '3',
    })
    isBad = false
    const dead = await admin.zrange(key('dead'), '0', '-1')
    expect(await act(admin, 'retry', dead)).toEqual(['done', 'done', 'done'])
    await eventually(() => told.length === 3)
    expect(told).toEqual(['death', 'complete', 'success'])
    expect(seen.length).toBe(1_200)
    expect(await admin.ttl(`sluice:{default}:batch:${batch}`)).toBeGreaterThan(0)
  })

  test('a fan-out of iterating parts joins when all are done; an empty batch joins at once', async () => {
    const told: number[] = []
    const join = jobs.define({ name: 'join', args: asIs, perform: ({ n }) => void told.push(n + seen.length) })
    const part = jobs.define({
      name: 'part',
      args: (value) => value as { from: number; to: number },
      items: (args, cursor: number | null) => fromRange(args, cursor),
      each: async (n) => {
        await wait(1)
        seen.push(n)
      },
    })
    const parts = range(4).map((n) => ({ from: n * 50, to: n * 50 + 50 }))
    await jobs.enqueueBatch(part, parts, { onSuccess: call(join, { n: 1_000 }) })
    for (let n = 0; n < 2; n += 1) await jobs.worker({ queues: ['default'], concurrency: 2 }).start()
    await eventually(() => told.length === 1)
    expect(told).toEqual([1_200])
    expect([...seen].sort((a, b) => Number(a) - Number(b))).toEqual(range(200))
    await jobs.enqueueBatch(part, [], { onComplete: call(join, { n: 5_000 }) })
    await eventually(() => told.length === 2)
    expect(told[1]).toBe(5_200)
  })
})
