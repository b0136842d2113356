/** Sidekiq as it is: what we read equals what Sidekiq's own API says; and captured databases of other versions. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Secret } from '../../server/domain/secret.ts'
import type { Source } from '../../server/domain/source.ts'
import { isEmbedded, type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { collect, queueNamed, redisClient, redisSource } from '../support/redis.ts'
import { loadSample } from '../support/redis-sample.ts'
import { hasSidekiq, type SidekiqApp, type SidekiqTold, sidekiqApp } from '../support/sidekiq-app.ts'

const brokers = inject('brokers')
const canRun = brokers.redis !== null && (await hasSidekiq())
if (!canRun) console.log('no sidekiq on this machine (Debian: ruby-sidekiq): its live tests are skipped')

describe.skipIf(!canRun)('a real Sidekiq', () => {
  let redis: StartedRedis
  let app: SidekiqApp
  let process: ReturnType<SidekiqApp['work']>
  let source: Source
  let told: SidekiqTold

  beforeAll(async () => {
    redis = await startRedis()
    app = sidekiqApp(redis.port)
    source = redisSource(redis.port)
    process = app.work()
    await app.fill()
    // At rest: 2 retries, 3 dead, 5 scheduled, 2 running (as the process says at its beat).
    told = await eventually(
      async () => {
        const now = await app.tell()
        const isAtRest = now.retry.mailers === 2 && now.dead.low === 3 && now.busy.low === 2 && now.queues.unserved
        if (!isAtRest) throw new Error(`not at rest: ${JSON.stringify(now)}`)
        return now
      },
      { timeoutMs: 40_000 },
    )
  }, 60_000)
  afterAll(async () => {
    await process?.stop('SIGKILL')
    await source?.close()
    await redis?.stop()
  })

  it('every number equals what its own API says', async () => {
    const snapshot = await collect(source)
    for (const [name, { size }] of Object.entries(told.queues)) {
      expect(queueNamed(snapshot, name), name).toMatchObject({
        system: 'sidekiq',
        depth: size,
        active: told.busy[name] ?? 0,
        retrying: told.retry[name] ?? 0,
        dead: told.dead[name] ?? 0,
        delayed: told.schedule[name] ?? 0,
        pausedBy: 'nobody',
      })
    }
    expect(queueNamed(snapshot, 'unserved')).toMatchObject({ depth: 5, consumers: 0, added: null, finished: null })
    expect(queueNamed(snapshot, 'mailers')).toMatchObject({ retrying: 2, consumers: 1, oldestAgeMs: 0 })
    expect(queueNamed(snapshot, 'low')).toMatchObject({ dead: 3, delayed: 1, active: 2 })
    expect(queueNamed(snapshot, 'default')).toMatchObject({ delayed: 4 })
    expect(snapshot.queues.map(({ name }) => name)).not.toContain('evil')
    expect(snapshot.gaps).toEqual([])
  })

  it('the age is that of the oldest waiting job, whatever its arguments look like', async () => {
    const { latency } = (await app.tell()).queues.unserved ?? { latency: 0 }
    const { oldestAgeMs } = queueNamed(await collect(source), 'unserved')
    expect(oldestAgeMs).toBeGreaterThanOrEqual(latency * 1000 - 50)
    expect(oldestAgeMs).toBeLessThan(latency * 1000 + 5_000)
  })

  it('its process is a worker with its threads and queues', async () => {
    const { workers } = await collect(source)
    expect(workers).toMatchObject([
      { id: told.processes[0], system: 'sidekiq', pid: process.pid, capacity: 3, busy: 2, phase: 'running' },
    ])
    expect([...(workers[0]?.serves ?? [])].sort()).toEqual(['default', 'low', 'mailers'])
    expect(Math.abs((workers[0]?.beatAtMs ?? 0) - Date.now())).toBeLessThan(15_000)
    expect(Math.abs((workers[0]?.startedAtMs ?? 0) - Date.now())).toBeLessThan(120_000)
  })

  it.skipIf(isEmbedded)('says the same of a server that refuses scripts', async () => {
    const admin = redisClient(redis.port)
    await admin.call('ACL', 'SETUSER', 'plain', 'on', '>pw', '~*', '+@read', '+info', '+client', '+time', '-@scripting')
    const plain = redisSource(redis.port, { username: 'plain', password: new Secret('pw') })
    const ageless = async (one: Source) => (await collect(one)).queues.map((queue) => ({ ...queue, oldestAgeMs: null }))
    expect(await ageless(plain)).toEqual(await ageless(source))
    expect((await collect(plain)).gaps).toMatchObject([{ what: 'scripts', code: 'refused' }])
    await plain.close()
    await admin.quit()
  })

  it('a pause by Sidekiq Pro or limit_fetch is seen as made elsewhere, with the limit', async () => {
    const admin = redisClient(redis.port)
    await admin.sadd('paused', 'default')
    await admin.set('limit_fetch:pause:low', '1')
    await admin.set('limit_fetch:limit:mailers', '2')
    const snapshot = await collect(source)
    expect(queueNamed(snapshot, 'default').pausedBy).toBe('elsewhere')
    expect(queueNamed(snapshot, 'low').pausedBy).toBe('elsewhere')
    expect(queueNamed(snapshot, 'mailers')).toMatchObject({
      pausedBy: 'nobody',
      limit: { concurrency: 2, perSecond: null },
    })
    await admin.del('paused', 'limit_fetch:pause:low', 'limit_fetch:limit:mailers')
    await admin.quit()
  })

  it('a quiet process is shown so; a killed one is gone when its beat has expired', async () => {
    await process.stop('SIGTSTP')
    await eventually(async () => expect((await collect(source)).workers[0]?.phase).toBe('quiet'), { timeoutMs: 15_000 })
    await process.stop('SIGKILL')
    // Its hash lives 60 s after the last beat: the test does not wait for that, it lets it expire.
    const admin = redisClient(redis.port)
    await admin.del(told.processes[0] ?? '', `${told.processes[0]}:workers`)
    const snapshot = await collect(source)
    expect(snapshot.workers).toMatchObject([{ phase: 'gone', pid: process.pid, busy: null }])
    expect(queueNamed(snapshot, 'low')).toMatchObject({ active: 0, consumers: 0 })
    await admin.quit()
  })
})

describe.skipIf(!brokers.redis)('captured Sidekiq databases', () => {
  let redis: StartedRedis

  beforeAll(async () => {
    redis = await startRedis()
    await loadSample('sidekiq-6.4.1', redis.port, 0)
    await loadSample('sidekiq-7.3.9', redis.port, 1)
    await loadSample('sidekiq-7.3.9-after-kill9', redis.port, 2)
  })
  afterAll(() => redis.stop())

  const snapshotOf = async (db: number) => {
    const source = redisSource(redis.port, { db })
    const snapshot = await collect(source)
    await source.close()
    return snapshot
  }

  it('6.4.1: running jobs lie in :workers', async () => {
    const snapshot = await snapshotOf(0)
    expect(snapshot.systems).toMatchObject([{ name: 'sidekiq', version: null }])
    expect(queueNamed(snapshot, 'low')).toMatchObject({
      depth: 0,
      active: 1,
      dead: 1,
      delayed: 1,
      retrying: 0,
      consumers: 1,
    })
    expect(queueNamed(snapshot, 'mailers')).toMatchObject({ retrying: 1, dead: 0 })
    expect(queueNamed(snapshot, 'default')).toMatchObject({ delayed: 1 })
    expect(snapshot.workers).toMatchObject([
      { host: 'worker-1', pid: 11_266, capacity: 3, busy: 1, phase: 'running', beatAtMs: 1_795_187_298_163 },
    ])
  })

  it('7.3.9: running jobs lie in :work, and the process tells its version', async () => {
    const snapshot = await snapshotOf(1)
    expect(snapshot.systems).toMatchObject([{ name: 'sidekiq', version: '7.3.9' }])
    expect(queueNamed(snapshot, 'maint')).toMatchObject({ active: 1, consumers: 1 })
    expect(queueNamed(snapshot, 'mailers')).toMatchObject({ retrying: 1 })
  })

  it('after kill -9: listed processes are shown, one stopped cleanly is not', async () => {
    const snapshot = await snapshotOf(2)
    expect(snapshot.workers.map(({ id, phase }) => ({ id, phase }))).toEqual([
      { id: 'worker-1:21243:53e24fe900df', phase: 'running' },
    ])
    const admin = redisClient(redis.port)
    await admin.select(2)
    await admin.del('worker-1:21243:53e24fe900df', 'worker-1:21243:53e24fe900df:work')
    await admin.quit()
    expect((await snapshotOf(2)).workers).toMatchObject([{ phase: 'gone', host: 'worker-1', pid: 21_243, serves: [] }])
  })

  it('more than 10,000 dead jobs are not told apart, and it says why', async () => {
    const admin = redisClient(redis.port)
    await admin.select(3)
    const job = (n: number) => `{"retry":true,"queue":"q${n % 3}","class":"A","args":[${n}],"jid":"${n}"}`
    const fill = async (from: number, to: number) => {
      const batch = admin.pipeline()
      for (let n = from; n < to; n += 1) batch.zadd('dead', n, job(n))
      await batch.exec()
    }
    await admin.sadd('queues', 'q0', 'q1', 'q2')
    await fill(0, 3_000)
    let snapshot = await snapshotOf(3)
    expect(snapshot.queues).toMatchObject([{ dead: 1_000 }, { dead: 1_000 }, { dead: 1_000 }])
    expect(snapshot.queues[0]?.estimated).toContain('dead')
    await fill(3_000, 10_002)
    snapshot = await snapshotOf(3)
    expect(snapshot.queues).toMatchObject([{ dead: null, retrying: 0 }, { dead: null }, { dead: null }])
    expect(snapshot.systems[0]?.cannotTell.dead).toContain('10002 dead jobs')
    await admin.quit()
  })

  it('a set that happens to be called queues is no Sidekiq', async () => {
    const admin = redisClient(redis.port)
    await admin.select(4)
    await admin.sadd('queues', 'a', 'b')
    expect((await snapshotOf(4)).systems).toEqual([])
    await admin.del('queues')
    await admin.set('queues', 'text')
    expect((await snapshotOf(4)).systems).toEqual([])
    await admin.quit()
  })
})
