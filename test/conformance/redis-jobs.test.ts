import { describe, expect, inject, it } from 'vitest'
import type { Job, JobState } from '../../server/domain/job.ts'
import { asked, gateOf, never } from '../support/acting.ts'
import { eventually } from '../support/eventually.ts'
import { asIs, jobs, ownJobs } from '../support/jobs-lab.ts'
import { collect, queueNamed } from '../support/redis.ts'
import { admin } from '../support/redis-lab.ts'
import { act, controls, ownSource, source, units } from '../support/source-lab.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.redis === null)('units of the system sluice', () => {
  ownJobs()
  ownSource()

  const all = async (state: JobState, limit: number): Promise<readonly Job[]> => {
    const jobs: Job[] = []
    let cursor: string | null = null
    do {
      const page = await units.page({ queue: 'mail', state, cursor, limit }, never)
      expect(page.jobs.length).toBeLessThanOrEqual(limit)
      jobs.push(...page.jobs)
      cursor = page.next
    } while (cursor !== null)
    return jobs
  }

  it('pages of every state hold each unit once, also while others are taken', async () => {
    const gate = gateOf()
    const job = jobs.define({
      name: 'send',
      queue: 'mail',
      args: asIs,
      retries: { limit: 2, baseMs: 3_600_000 },
      perform: ({ n }) => (n < 0 ? Promise.reject(new Error(`no ${n}`)) : gate.opened),
    })
    await jobs.enqueueMany(
      job,
      Array.from({ length: 25 }, (_, n) => ({ n })),
      { tags: ['eu'] },
    )
    await jobs.enqueueMany(
      job,
      Array.from({ length: 12 }, (_, n) => ({ n })),
      { delayMs: 60_000 },
    )
    await jobs.enqueueMany(
      job,
      Array.from({ length: 7 }, () => ({ n: -1 })),
      { queue: 'mail' },
    )
    for (const limit of [1, 4, 100]) {
      const pending = await all('pending', limit)
      expect(pending.map(({ args }) => JSON.parse(args ?? '').n)).toEqual([
        ...Array.from({ length: 25 }, (_, n) => n),
        ...Array(7).fill(-1),
      ])
      expect(new Set((await all('delayed', limit)).map(({ id }) => id)).size).toBe(12)
    }
    const first = await units.page({ queue: 'mail', state: 'pending', cursor: null, limit: 10 }, never)
    expect(first).toMatchObject({ total: 32 })
    expect(first.jobs[0]).toMatchObject({
      job: 'send',
      tags: ['eu'],
      attempt: 0,
      worker: null,
      args: '{"n":0}',
      argsBytes: 7,
      version: 1,
    })
    // Four of those that were seen are taken, and one of them comes back: the next page goes on all the same.
    const taken = await admin.lpop('sluice:{mail}:pending', 4)
    const second = await units.page({ queue: 'mail', state: 'pending', cursor: first.next, limit: 10 }, never)
    expect(second.jobs.map(({ args }) => args)).toEqual(Array.from({ length: 10 }, (_, at) => `{"n":${10 + at}}`))
    // All that were seen are taken, and more: what is left begins at the front.
    await admin.lpop('sluice:{mail}:pending', 19)
    const third = await units.page({ queue: 'mail', state: 'pending', cursor: second.next, limit: 3 }, never)
    expect(third.jobs.map(({ args }) => args)).toEqual(['{"n":23}', '{"n":24}', '{"n":-1}'])
    await admin.rpush('sluice:{mail}:pending', ...(taken ?? []))
    await expect(
      units.page({ queue: 'mail', state: 'dead', cursor: first.next, limit: 3 }, never),
    ).rejects.toMatchObject({ code: 'invalid' })
    await expect(units.page({ queue: 'mail', state: 'pending', cursor: 'x', limit: 3 }, never)).rejects.toMatchObject({
      code: 'invalid',
    })
    await expect(units.page({ queue: 'none', state: 'pending', cursor: null, limit: 3 }, never)).rejects.toMatchObject({
      code: 'not-found',
    })

    const worker = jobs.worker({ queues: ['mail'], concurrency: 20 })
    await worker.start()
    await eventually(async () => queueNamed(await collect(source), 'mail').retrying === 7)
    const active = await all('active', 2)
    expect(active).toHaveLength(6)
    expect(active[0]).toMatchObject({ worker: worker.id, attempt: 1, state: 'active', atMs: expect.any(Number) })
    const [retrying] = await all('retrying', 3)
    expect(retrying).toMatchObject({ attempt: 1, error: 'no -1', deadReason: null })
    expect(retrying?.atMs).toBeGreaterThan(Date.now())
    gate.open()
  })

  it('what several controls hold back is paged as one, each unit once', async () => {
    for (const [name, count] of [
      ['a', 3],
      ['b', 5],
      ['c', 1],
    ] as const) {
      const job = jobs.define({ name, queue: 'mail', args: asIs, perform: () => {} })
      await jobs.enqueueMany(
        job,
        Array.from({ length: count }, (_, n) => ({ n })),
      )
      await controls.apply(asked('job-class', name), never)
    }
    await jobs.worker({ queues: ['mail'] }).start()
    await eventually(async () => queueNamed(await collect(source), 'mail').depth === 0)
    for (const limit of [1, 2, 3, 4, 8, 9, 100]) {
      expect((await all('held', limit)).map(({ job, args }) => `${job}${args}`)).toEqual([
        ...[0, 1, 2].map((n) => `a{"n":${n}}`),
        ...[0, 1, 2, 3, 4].map((n) => `b{"n":${n}}`),
        'c{"n":0}',
      ])
    }
  })

  it('units of every priority are counted, paged and acted on', async () => {
    const job = jobs.define({ name: 'send', queue: 'mail', args: asIs, perform: () => {} })
    for (const [priority, n] of [
      ['low', 3],
      ['high', 1],
      ['normal', 2],
      ['high', 1],
    ] as const) {
      await jobs.enqueue(job, { n }, { priority })
    }
    const row = queueNamed(await collect(source), 'mail')
    expect(row).toMatchObject({ depth: 4, added: 4 })
    // The first of the low ones was there before all others.
    expect(row.oldestAgeMs).toBeGreaterThan(0)
    for (const limit of [1, 2, 3, 9]) {
      expect((await all('pending', limit)).map(({ args }) => JSON.parse(args ?? '').n)).toEqual([1, 1, 2, 3])
    }
    const { total } = await units.page({ queue: 'mail', state: 'pending', cursor: null, limit: 1 }, never)
    expect(total).toBe(4)
    expect(
      new Set(
        await act(
          'discard',
          (await all('pending', 9)).map(({ id }) => id),
        ),
      ),
    ).toEqual(new Set(['done']))
    expect(queueNamed(await collect(source), 'mail')).toMatchObject({ depth: 0, oldestAgeMs: 0 })
  })

  it('a queue of another system is not said to be missing', async () => {
    await admin.hset('bull:emails:meta', 'version', 'bullmq:6.7.0')
    await admin.sadd('queues', 'critical')
    const page = (queue: string) => units.page({ queue, state: 'pending', cursor: null, limit: 3 }, never)
    await expect(page('emails')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('BullMQ'),
    })
    await expect(page('sidekiq:critical')).rejects.toMatchObject({ code: 'unsupported' })
    await expect(page('none')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('a text is read as the layout reads it, also with what stands behind its version', async () => {
    const traced = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    await admin.sadd('sluice:{#}:queues', 'mail')
    await admin.rpush('sluice:{mail}:pending', 'u1', 'u2')
    await admin.hset(
      'sluice:{mail}:jobs',
      'u1',
      `5\nsend eu\nplain\n3 ${traced}\n{"n":1}`,
      'u2',
      '5\nsend\niterating\n2\n7',
    )
    expect(await all('pending', 5)).toMatchObject([
      { id: 'u1', job: 'send', tags: ['eu'], version: 3, args: '{"n":1}', argsBytes: 7, enqueuedAtMs: 5 },
      { id: 'u2', job: 'send', tags: [], version: 2, args: '7' },
    ])
  })

  it('arguments are cut by Redis and shown without secrets, errors too', async () => {
    const job = jobs.define({
      name: 'send',
      queue: 'mail',
      args: (value) => value as object,
      retries: { limit: 0 },
      perform: () => Promise.reject(new Error('GET /x?token=abc123 failed')),
    })
    await jobs.enqueue(job, { user: 'ana', password: 'hunter2', text: 'ü'.repeat(20_000) })
    const [unit] = await all('pending', 1)
    expect(unit?.args).toMatch(/^\{"user":"ana","password":"\[redacted 7 chars\]","text":"ü+$/)
    expect(Buffer.byteLength(unit?.args ?? '')).toBeLessThanOrEqual(16_384 + 20)
    expect(unit?.argsBytes).toBeGreaterThan(40_000)
    await jobs.worker({ queues: ['mail'] }).start()
    await eventually(async () => {
      expect(await all('dead', 1)).toMatchObject([
        { error: 'GET /x?token=[redacted 6 chars] failed', deadReason: 'retries-exhausted' },
      ])
    })
  })

  it('failures that look alike are one group, with what can be done to all of them', async () => {
    const make = (name: string, limit: number, message: (n: number) => string) =>
      jobs.define({
        name,
        queue: 'mail',
        args: asIs,
        retries: { limit, baseMs: 3_600_000 },
        perform: ({ n }) => Promise.reject(new Error(message(n))),
      })
    const a = make('a', 0, (n) => `timeout after ${n} ms`)
    const b = make('b', 5, (n) => `timeout after ${n} ms`)
    const c = make('c', 0, (n) => `no file "/tmp/${n}"`)
    const range = Array.from({ length: 600 }, (_, n) => ({ n }))
    await jobs.enqueueMany(a, range)
    await jobs.enqueueMany(b, range.slice(0, 30))
    await jobs.enqueueMany(c, range.slice(0, 3))
    await jobs.worker({ queues: ['mail'], concurrency: 100 }).start()
    await eventually(async () =>
      expect(queueNamed(await collect(source), 'mail')).toMatchObject({ dead: 603, retrying: 30 }),
    )
    const groups = await units.errorGroups('mail', never)
    expect(groups).toMatchObject([
      { job: 'a', pattern: 'timeout after # ms', count: 600, dead: 600, retrying: 0 },
      { job: 'b', pattern: 'timeout after # ms', count: 30, dead: 0, retrying: 30, firstAtMs: null },
      { job: 'c', pattern: 'no file "…"', count: 3, dead: 3, sample: expect.stringMatching(/^no file "\/tmp\/\d"$/) },
    ])
    expect(groups[0]?.ids).toHaveLength(600)
    expect(groups[0]?.lastAtMs).toBeGreaterThan(Date.now() - 60_000)
    expect(new Set(groups.map(({ fingerprint }) => fingerprint)).size).toBe(3)
    expect((await units.errorGroups('mail', never)).map(({ fingerprint }) => fingerprint)).toEqual(
      groups.map(({ fingerprint }) => fingerprint),
    )
  })

  it('retry, discard and promote do it once, and say why not', async () => {
    let isFixed = false
    const done: number[] = []
    const job = jobs.define({
      name: 'send',
      queue: 'mail',
      args: asIs,
      retries: { limit: 0 },
      perform: ({ n }) => (isFixed ? void done.push(n) : Promise.reject(new Error('no'))),
    })
    const worker = jobs.worker({ queues: ['mail'] })
    for (let n = 0; n < 150; n += 1) void jobs.enqueue(job, { n }, { id: `u${n}` })
    await jobs.enqueue(job, { n: 900 }, { id: 'later', delayMs: 3_600_000 })
    await worker.start()
    await eventually(async () => queueNamed(await collect(source), 'mail').dead === 150)
    isFixed = true
    expect(await act('discard', ['u0', 'u1', 'nobody', 'u0'])).toEqual(['done', 'done', 'gone', 'done'])
    expect(await act('promote', ['u2', 'later'])).toEqual(['not-now', 'done'])
    const rest = Array.from({ length: 148 }, (_, n) => `u${n + 2}`)
    expect(new Set(await act('retry', rest))).toEqual(new Set(['done']))
    await eventually(() => done.length === 149)
    expect(done).toContain(900)
    expect(await act('retry', ['u2'])).toEqual(['gone'])
    const [result] = await units.perform(
      { act: 'cancel', queue: 'mail', ids: ['u9'], actor: 'ana', reason: 'a test' },
      never,
    )
    expect(result).toEqual({ id: 'u9', result: 'gone', why: null })
  })
})
