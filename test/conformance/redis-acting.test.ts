/** Acting on our own job runtime through the Redis source: controls, single units, and the rights for both. */
import { readFile } from 'node:fs/promises'
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { Order, PlacedControl } from '../../server/domain/control.ts'
import type { Job, JobState } from '../../server/domain/job.ts'
import type { ReferenceKind } from '../../server/domain/reference.ts'
import { Secret } from '../../server/domain/secret.ts'
import type { ControlPort, ControlRequest, JobPort, Source } from '../../server/domain/source.ts'
import { createJobs, fromRange, type Jobs } from '../../server/runtime/index.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { collect, queueNamed, redisClient, redisSource } from '../support/redis.ts'

const brokers = inject('brokers')
const PAUSE: Order = { verb: 'pause' }
const never = new AbortController().signal
const asIs = (value: unknown) => value as { n: number }
let ids = 0

describe.skipIf(brokers.redis === null)('acting on the system sluice', () => {
  let redis: StartedRedis
  let admin: Redis
  let jobs: Jobs
  let source: Source
  let controls: ControlPort
  let units: JobPort

  beforeAll(async () => {
    redis = await startRedis()
    admin = redisClient(redis.port)
  })
  afterAll(async () => {
    admin.disconnect()
    await redis.stop()
  })
  beforeEach(async () => {
    await admin.flushall()
    jobs = createJobs({ redis: redis.url })
    source = redisSource(redis.port)
    if (!source.controls || !source.jobs) throw new Error('a Redis can be acted on')
    controls = source.controls
    units = source.jobs
  })
  afterEach(async () => {
    await jobs.close()
    await source.close()
  })

  const placed = async (id: string): Promise<PlacedControl | undefined> =>
    (await collect(source)).controls?.find(({ control }) => control.id === id)
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
  const act = async (act: 'retry' | 'discard' | 'promote' | 'cancel', ids: readonly string[]) => {
    const results = await units.perform({ act, queue: 'mail', ids, actor: 'ana', reason: 'because of a test' }, never)
    expect(results.map(({ id }) => id)).toEqual(ids)
    return results.map(({ result }) => result)
  }

  it('a pause is in place, confirmed, drains and is in effect, and its lift lets work go on', async () => {
    let ended = 0
    const gate = gateOf()
    const job = jobs.define({
      name: 'send',
      queue: 'mail',
      args: asIs,
      perform: async () => {
        await gate.opened
        ended += 1
      },
    })
    await jobs.enqueueMany(
      job,
      Array.from({ length: 6 }, (_, n) => ({ n })),
    )
    const worker = jobs.worker({ queues: ['mail'], concurrency: 2, leaseMs: 900 })
    await worker.start()
    await eventually(async () => queueNamed(await collect(source), 'mail').active === 2)
    const request = asked('queue', 'mail', PAUSE)
    const control = await controls.apply(request, never)
    expect(control.expiresAtMs - control.issuedAtMs).toBe(60_000)
    expect(Math.abs(control.issuedAtMs - Date.now())).toBeLessThan(2_000)
    expect(await placed(request.id)).toMatchObject({
      control,
      queues: ['mail'],
      missing: [],
      inHand: 2,
      startsSince: 0,
      disobeyedBy: [],
    })
    await eventually(async () => {
      expect(await placed(request.id)).toMatchObject({ obeyedBy: [worker.id], notYet: [], inHand: 2, startsSince: 0 })
    })
    expect(queueNamed(await collect(source), 'mail')).toMatchObject({ pausedBy: 'sluice', depth: 4 })
    gate.open()
    await eventually(async () => expect(await placed(request.id)).toMatchObject({ inHand: 0, startsSince: 0 }))
    expect(ended).toBe(2)
    expect(await controls.apply(request, never)).toEqual(control)
    await controls.lift(request.id, request.target, never)
    await eventually(() => ended === 6)
    expect(await placed(request.id)).toBeUndefined()
    expect(queueNamed(await collect(source), 'mail').pausedBy).toBe('nobody')
    await controls.lift(request.id, request.target, never)
    await expect(controls.apply(request, never)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('lifted'),
    })
    expect(await controls.putBack(control, never)).toBe('lifted')
    expect(await placed(request.id)).toBeUndefined()
  })

  it('a newer revision replaces an older one and never the other way round', async () => {
    await admin.sadd('sluice:{#}:queues', 'mail')
    const first = asked('queue', 'mail', { verb: 'throttle', perSecond: 50, fromPerSecond: null })
    await controls.apply(first, never)
    const longer = await controls.apply({ ...first, revision: 2, ttlMs: 120_000 }, never)
    await expect(controls.apply(first, never)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('revision 2'),
    })
    expect((await placed(first.id))?.control).toEqual(longer)
    expect(queueNamed(await collect(source), 'mail')).toMatchObject({ limit: { perSecond: 50, concurrency: null } })
  })

  it.each(['job-class', 'tag'] as const)(
    'a control on a %s lies in every queue, and is put back where it is missing',
    async (kind) => {
      const job = jobs.define({ name: 'slow', args: asIs, perform: () => {} })
      for (const queue of ['a', 'b', 'c']) await jobs.enqueue(job, { n: 1 }, { queue, tags: ['slow'] })
      const request = asked(kind, 'slow', PAUSE)
      const control = await controls.apply(request, never)
      expect(await placed(request.id)).toMatchObject({ control, queues: ['a', 'b', 'c'], missing: [] })
      await jobs.enqueue(job, { n: 1 }, { queue: 'd', tags: ['slow'] })
      await admin.del('sluice:{a}:controls')
      expect(await placed(request.id)).toMatchObject({ queues: ['b', 'c'], missing: ['a', 'd'] })
      expect(await controls.putBack(control, never)).toBe('placed')
      expect(await placed(request.id)).toMatchObject({ control, queues: ['a', 'b', 'c', 'd'], missing: [] })
      await jobs.worker({ queues: ['a', 'b', 'c', 'd'] }).start()
      await eventually(async () =>
        expect(await placed(request.id)).toMatchObject({ heldBack: 4, inHand: 0, startsSince: 0 }),
      )
      const { jobs: held, total } = await units.page({ queue: 'a', state: 'held', cursor: null, limit: 10 }, never)
      expect([held.map(({ job }) => job), total]).toEqual([['slow'], 1])
      await controls.lift(request.id, request.target, never)
      await eventually(async () => (await collect(source)).queues.every(({ finished }) => finished === 1))
      // Whoever has not heard of it puts it back into a queue that came later: it goes from there, too.
      await jobs.enqueue(job, { n: 1 }, { queue: 'e' })
      expect(await controls.putBack(control, never)).toBe('lifted')
      expect(await placed(request.id)).toBeUndefined()
    },
  )

  it('a run is paused where it is, and is cancelled by id', async () => {
    const walk = jobs.define({
      name: 'walk',
      queue: 'mail',
      args: asIs,
      items: (_, cursor: number | null) => fromRange({ from: 0, to: 1_000_000 }, cursor),
      each: () => new Promise<void>((resolve) => setTimeout(resolve, 5)),
    })
    await jobs.enqueue(walk, { n: 1 }, { id: 'r1' })
    await jobs.worker({ queues: ['other', 'mail'], leaseMs: 900 }).start()
    await eventually(async () => (await collect(source)).runs[0]?.status === 'running')
    const request = asked('run', 'r1', PAUSE)
    await controls.apply(request, never)
    await eventually(async () => {
      expect(await placed(request.id)).toMatchObject({ queues: ['mail'], inHand: 0, startsSince: null })
      expect((await collect(source)).runs).toMatchObject([{ id: 'r1', status: 'paused', worker: null }])
    })
    await expect(controls.apply(asked('run', 'nobody', PAUSE), never)).rejects.toMatchObject({ code: 'not-found' })
    await controls.lift(request.id, request.target, never)
    await eventually(async () => (await collect(source)).runs[0]?.status === 'running')
    expect(await act('cancel', ['r1', 'r2'])).toEqual(['cancelling', 'gone'])
    await eventually(async () =>
      expect((await collect(source)).runs).toMatchObject([{ status: 'cancelled', job: 'walk' }]),
    )
    expect(await act('cancel', ['r1'])).toEqual(['done'])
  })

  it('a stranger that takes work although it is paused is named, and not counted as obeying', async () => {
    const job = jobs.define({ name: 'send', queue: 'mail', args: asIs, perform: () => {} })
    const worker = jobs.worker({ queues: ['mail'], leaseMs: 900 })
    await worker.start()
    const request = asked('queue', 'mail', PAUSE)
    await controls.apply(request, never)
    await jobs.enqueueMany(job, [{ n: 1 }, { n: 2 }])
    await eventually(async () => expect((await placed(request.id))?.obeyedBy).toEqual([worker.id]))
    // A worker of an older version: it beats, knows no controls, and takes from the list as it always did.
    const now = Date.now()
    await admin.zadd('sluice:{#}:workers', String(now), 'old:1:a')
    await admin.hset('sluice:{#}:worker:old:1:a', {
      ...{ host: 'old', pid: '1', version: '0', serves: '["mail"]', capacity: '5', busy: '1', phase: 'running' },
      ...{ ownClockMs: String(now), obeys: '{}', startedAtMs: '1', beatAtMs: String(now) },
    })
    expect(await placed(request.id)).toMatchObject({ obeyedBy: [worker.id], notYet: ['old:1:a'], disobeyedBy: [] })
    const id = (await admin.lpop('sluice:{mail}:pending')) ?? ''
    await admin.hset('sluice:{mail}:active', id, `99 old:1:a ${now + 1_000} send`)
    await admin.zadd('sluice:{mail}:leases', String(now + 60_000), id)
    await admin.hincrby('sluice:{mail}:stats', 'started', 1)
    expect(await placed(request.id)).toMatchObject({
      disobeyedBy: ['old:1:a'],
      startsSince: 1,
      inHand: 1,
      notYet: ['old:1:a'],
    })
  })

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
      await controls.apply(asked('job-class', name, PAUSE), never)
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

  it('a Redis that lost everything gets its pause back, and then is paused', async () => {
    await admin.sadd('sluice:{#}:queues', 'mail')
    const control = await controls.apply(asked('queue', 'mail', PAUSE), never)
    await admin.flushall()
    expect(await placed(control.id)).toBeUndefined()
    expect(await controls.putBack(control, never)).toBe('placed')
    expect(await placed(control.id)).toMatchObject({ control, queues: ['mail'] })
    expect(queueNamed(await collect(source), 'mail').pausedBy).toBe('sluice')
    expect(await controls.putBack({ ...control, id: 'ctl_over', expiresAtMs: Date.now() - 1_000 }, never)).toBe(
      'expired',
    )
  })

  it('a target that is not of our runtime is refused by name', async () => {
    await expect(controls.apply(asked('queue', 'emails', PAUSE), never)).rejects.toMatchObject({ code: 'not-found' })
    await expect(controls.apply(asked('job-class', 'x', PAUSE), never)).rejects.toMatchObject({ code: 'not-found' })
    await expect(controls.apply(asked('group', 'x', PAUSE), never)).rejects.toMatchObject({ code: 'unsupported' })
    await expect(controls.apply(asked('tag', 'a%20b', PAUSE), never)).rejects.toMatchObject({ code: 'invalid' })
  })

  it('a user that may only read is told what is missing, and the rights of the README are enough', async () => {
    const readme = await readFile(new URL('../../server/source/redis/README.md', import.meta.url), 'utf8')
    const grant = (user: string) =>
      new RegExp(`ACL SETUSER ${user} on >PASSWORD (.*)`).exec(readme)?.[1]?.trim().split(' ') ?? []
    for (const user of ['sluice', 'sluice-acting'])
      await admin.call('ACL', 'SETUSER', user, 'on', '>PASSWORD', ...grant(user))
    const as = (username: string) => redisSource(redis.port, { username, password: new Secret('PASSWORD') })
    const reader = as('sluice')
    const actor = as('sluice-acting')
    let isFixed = false
    const job = jobs.define({
      name: 'send',
      queue: 'mail',
      args: asIs,
      retries: { limit: 0 },
      perform: () => (isFixed ? undefined : Promise.reject(new Error('no'))),
    })
    // With all that ties units together: acting on them writes more.
    const tied = { priority: 'low', unique: { key: 'k', ttlMs: 60_000 }, exclusive: 'e' } as const
    await jobs.enqueue(job, { n: 1 }, { id: 'u1', ...tied })
    const worker = jobs.worker({ queues: ['mail'] })
    await worker.start()
    await eventually(async () => queueNamed(await collect(source), 'mail').dead === 1)
    await worker.stop()
    isFixed = true
    await jobs.enqueue(job, { n: 1 }, { id: 'u2', delayMs: 60_000 })
    const request = asked('queue', 'mail', PAUSE)
    await expect(reader.controls?.apply(request, never)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('Rights to act'),
    })
    expect(await reader.jobs?.page({ queue: 'mail', state: 'delayed', cursor: null, limit: 5 }, never)).toMatchObject({
      total: 1,
    })
    const discard = { act: 'discard', queue: 'mail', ids: ['u1', 'u2'], actor: 'ana', reason: 'a test' } as const
    await expect(reader.jobs?.perform(discard, never)).rejects.toMatchObject({ code: 'refused' })

    const control = await actor.controls?.apply(request, never)
    if (!control) throw new Error('not placed')
    expect((await collect(actor)).gaps).toEqual([])
    expect((await collect(actor)).controls).toHaveLength(1)
    await admin.del('sluice:{mail}:controls')
    expect(await actor.controls?.putBack(control, never)).toBe('placed')
    await actor.controls?.lift(request.id, request.target, never)
    for (const act of ['promote', 'retry', 'cancel', 'discard'] as const)
      await actor.jobs?.perform({ ...discard, act }, never)
    expect(await admin.hlen('sluice:{mail}:jobs')).toBe(0)
    const other = redisClient(redis.port)
    await other.auth('sluice-acting', 'PASSWORD')
    await expect(other.set('bull:x', '1')).rejects.toThrow('NOPERM')
    await expect(other.hset('bull:mail:meta', 'paused', '1')).rejects.toThrow('NOPERM')
    other.disconnect()
    await reader.close()
    await actor.close()
  })

  it('an abort, a fault or a late page does not end the snapshots', async () => {
    await admin.sadd('sluice:{#}:queues', ...Array.from({ length: 300 }, (_, n) => `q${n}`))
    const abort = new AbortController()
    abort.abort()
    await expect(controls.apply(asked('tag', 'slow', PAUSE), abort.signal)).rejects.toMatchObject({ code: 'timeout' })
    const page = { queue: 'q1', state: 'pending', cursor: null, limit: 1 } as const
    const other = redisSource(redis.port)
    const before = (await admin.call('CLIENT', 'LIST')) as string
    await Promise.all(Array.from({ length: 5 }, () => other.jobs?.page(page, never)))
    const after = (await admin.call('CLIENT', 'LIST')) as string
    expect(after.split('\n').length - before.split('\n').length).toBe(1)
    await other.close()
    expect((await collect(source)).queues).toHaveLength(300)
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await eventually(async () => expect((await collect(source)).queues).toHaveLength(300))
    await eventually(() => controls.apply(asked('tag', 'slow', PAUSE), never))
    await source.close()
    await expect(controls.apply(asked('tag', 'slow', PAUSE), never)).rejects.toMatchObject({ code: 'closed' })
  })
})

function asked(kind: ReferenceKind, tail: string, order: Order): ControlRequest {
  ids += 1
  const target = { kind, source: 'redis-main', tail }
  return {
    id: `ctl_${String(ids).padStart(10, '0')}`,
    target,
    order,
    reason: 'disk is full',
    actor: 'ana',
    revision: 1,
    ttlMs: 60_000,
  }
}

function gateOf(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
