/** Controls on our own job runtime through the Redis source, and the rights for acting. */
import { readFile } from 'node:fs/promises'
import { describe, expect, inject, it } from 'vitest'
import { Secret } from '../../server/domain/secret.ts'
import { fromRange } from '../../server/runtime/index.ts'
import { isEmbedded } from '../brokers/redis.ts'
import { asked, gateOf, never, PAUSE } from '../support/acting.ts'
import { eventually } from '../support/eventually.ts'
import { asIs, jobs, ownJobs } from '../support/jobs-lab.ts'
import { collect, queueNamed, redisClient, redisSource } from '../support/redis.ts'
import { admin, redis } from '../support/redis-lab.ts'
import { act, controls, ownSource, placed, source, units } from '../support/source-lab.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.redis === null)('controls on the system sluice', () => {
  ownJobs()
  ownSource()

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

  it('a Redis that lost everything gets its pause back, and then is paused', async () => {
    await admin.sadd('sluice:{#}:queues', 'mail')
    const control = await controls.apply(asked('queue', 'mail', PAUSE), never)
    await admin.flushall()
    expect(await placed(control.id)).toBeUndefined()
    expect(await controls.putBack(control, never)).toBe('placed')
    expect(await controls.putBack(control, never)).toBe('there')
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

  it.skipIf(isEmbedded)(
    'a user that may only read is told what is missing, and the rights of the README are enough',
    async () => {
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
      expect(await reader.jobs?.page({ queue: 'mail', state: 'delayed', cursor: null, limit: 5 }, never)).toMatchObject(
        {
          total: 1,
        },
      )
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
    },
  )

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
