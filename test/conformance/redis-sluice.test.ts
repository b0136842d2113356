import { describe, expect, inject, it } from 'vitest'
import { Secret } from '../../server/domain/secret.ts'
import { createJobs } from '../../server/runtime/index.ts'
import { isEmbedded } from '../brokers/redis.ts'
import { gateOf } from '../support/acting.ts'
import { eventually } from '../support/eventually.ts'
import { defineAppJobs } from '../support/jobs-app.ts'
import { jobs, ownJobs } from '../support/jobs-lab.ts'
import { collect, queueNamed, redisSource } from '../support/redis.ts'
import { admin, redis } from '../support/redis-lab.ts'
import { fillSluice } from '../support/sluice-fill.ts'
import { ownSource, source } from '../support/source-lab.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.redis === null)('the system sluice', () => {
  ownJobs()
  ownSource()

  it('is not there where it has left nothing', async () => {
    const snapshot = await collect(source)
    expect(snapshot.systems).toEqual([])
    expect(snapshot.controls).toBeUndefined()
    expect(snapshot.gaps).toEqual([])
  })

  it('figures of a queue equal what Redis holds, at work and at rest', async () => {
    const gate = gateOf()
    const job = jobs.define({
      name: 'mixed',
      queue: 'mail',
      args: (value) => value as { n: number },
      retries: { baseMs: 3_600_000 },
      perform: async ({ n }) => {
        if (n === 0) throw new Error('timeout after 12 ms')
        if (n > 2) await gate.opened
      },
    })
    for (let n = 0; n < 9; n += 1) await jobs.enqueue(job, { n }, { id: `u${n}` })
    await jobs.enqueue(job, { n: 9 }, { delayMs: 3_600_000 })
    const worker = jobs.worker({ queues: ['mail'], concurrency: 3 })
    await worker.start()
    await eventually(async () => {
      expect(queueNamed(await collect(source), 'mail')).toMatchObject({
        system: 'sluice',
        depth: 3,
        active: 3,
        delayed: 1,
        retrying: 1,
        dead: 0,
        added: 10,
        finished: 2,
        failed: 1,
        redelivered: 0,
        consumers: 1,
        pausedBy: 'nobody',
        limit: null,
        estimated: [],
      })
    })
    const { systems, workers, queues } = await collect(source)
    expect(systems).toMatchObject([
      { name: 'sluice', version: expect.any(String), levers: { pause: { by: 'workers' } } },
    ])
    expect(queues[0]?.oldestAgeMs).toBeGreaterThan(0)
    expect(queues[0]?.oldestAgeMs).toBeLessThan(10_000)
    await eventually(async () => {
      const [seen] = (await collect(source)).workers
      expect(seen).toMatchObject({
        id: worker.id,
        serves: ['mail'],
        capacity: 3,
        busy: 3,
        phase: 'running',
        pid: process.pid,
      })
    })
    expect(workers).toHaveLength(1)
    expect(Math.abs(workers[0]?.skewMs ?? 9_999)).toBeLessThan(1_000)
    gate.open()
    await eventually(async () => {
      const row = queueNamed(await collect(source), 'mail')
      expect(row).toMatchObject({ depth: 0, active: 0, finished: 8, oldestAgeMs: 0 })
    })
    await worker.stop()
    expect((await collect(source)).workers).toEqual([])
  })

  it('a worker that was not heard from for 10 s is gone, and no consumer', async () => {
    await jobs.worker({ queues: ['mail'] }).start()
    const [id = ''] = await admin.zrange('sluice:{#}:workers', '0', '-1')
    await jobs.close()
    const now = Date.now()
    await admin.sadd('sluice:{#}:queues', 'mail')
    await admin.zadd('sluice:{#}:workers', String(now - 11_000), String(id))
    await admin.hset(`sluice:{#}:worker:${id}`, beatFields({ beatAtMs: String(now - 11_000) }))
    const snapshot = await collect(source)
    expect(snapshot.workers).toMatchObject([{ id, phase: 'gone', busy: null }])
    expect(queueNamed(snapshot, 'mail').consumers).toBe(0)
  })

  it('runs tell where they stand, who has them and what became of them', async () => {
    const { walk } = defineAppJobs(jobs, () => {})
    await jobs.enqueue(walk, { count: 2_000, ms: 1 }, { id: 'long' })
    await jobs.enqueue(walk, { count: 3, ms: 0 }, { id: 'short' })
    const worker = jobs.worker({ queues: ['default'], concurrency: 5 })
    await worker.start()
    await eventually(async () => {
      const { runs } = await collect(source)
      expect(runs.map(({ id }) => id).sort()).toEqual(['long', 'short'])
      const [long, short] = [...runs].sort((one, other) => (one.id < other.id ? -1 : 1))
      expect(short).toMatchObject({
        job: 'walk',
        status: 'succeeded',
        tickCount: 3,
        tickTotal: 3,
        worker: null,
        attempt: 1,
      })
      expect(long).toMatchObject({
        job: 'walk',
        queue: 'default',
        status: 'running',
        tickTotal: 2_000,
        worker: worker.id,
      })
      expect(long?.tickCount).toBeGreaterThan(50)
      expect(Number(long?.cursor)).toBeGreaterThan(0)
    })
  })

  it('of many runs the living come first, and only living ones left out are a gap', async () => {
    const batch = admin.pipeline()
    batch.sadd('sluice:{#}:queues', 'a', 'b')
    for (let n = 0; n < 700; n += 1) {
      batch.zadd('sluice:{a}:runs', n, `a${n}`)
      batch.hset(
        `sluice:{a}:run:a${n}`,
        'status',
        n < 5 ? 'running' : 'succeeded',
        'job',
        'walk',
        'startedAtMs',
        String(n),
      )
      if (n >= 5) batch.zadd('sluice:{a}:ended', n, `a${n}`)
    }
    batch.zadd('sluice:{b}:runs', 1, 'b1')
    batch.hset(
      'sluice:{b}:run:b1',
      'status',
      'interrupted',
      'job',
      'walk',
      'startedAtMs',
      '1',
      'cursor',
      'x'.repeat(9_000),
    )
    await batch.exec()
    const { runs, gaps, cost } = await collect(source)
    expect(runs).toHaveLength(500)
    expect(
      runs
        .filter(({ status }) => status === 'running')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['a0', 'a1', 'a2', 'a3', 'a4'])
    expect(runs.find(({ id }) => id === 'b1')?.cursor).toHaveLength(200)
    expect(runs[0]?.id).toBe('a699')
    expect(gaps).toEqual([])
    expect(cost.bytesRead).toBeLessThan(150_000)
    await admin.del('sluice:{a}:ended')
    expect((await collect(source)).gaps).toMatchObject([
      { what: 'runs of sluice', message: '701 of them; at most 500 are read' },
    ])
  })

  it('queues under a second prefix have it in their names', async () => {
    const other = createJobs({ redis: redis.url, prefix: 'shop' })
    const job = other.define({ name: 'x', args: (value) => value, perform: () => {} })
    await other.enqueue(job, 1, { queue: 'mail' })
    await jobs.worker({ queues: ['mail'] }).start()
    const two = redisSource(redis.port, { sluicePrefixes: ['sluice', 'shop'] })
    const { queues } = await collect(two)
    expect(queues.map(({ name, depth, consumers }) => [name, depth, consumers])).toEqual([
      ['mail', 0, 1],
      ['shop:mail', 1, 0],
    ])
    await other.close()
    await two.close()
  })

  it.skipIf(isEmbedded)('where scripts are refused a gap says so', async () => {
    await admin.sadd('sluice:{#}:queues', 'mail')
    await admin.call(
      'ACL',
      'SETUSER',
      'noscript',
      'on',
      'nopass',
      '~*',
      '-@all',
      '+@read',
      '+info',
      '+client|setname',
      '+select',
    )
    const one = redisSource(redis.port, { username: 'noscript', password: new Secret('x') })
    const { gaps } = await collect(one)
    expect(gaps).toMatchObject([{ what: 'queues of sluice', code: 'refused' }])
    await one.close()
  })

  it('1,000 queues with controls, runs and workers are read in ≤ 25 commands', async () => {
    await fillSluice(admin, 1_000)
    await collect(source)
    const { cost, tookMs, queues, controls, gaps } = await collect(source)
    console.log('1,000 sluice queues:', { ...cost, tookMs: Math.round(tookMs) })
    expect(gaps).toEqual([])
    expect(queues).toHaveLength(1_000)
    expect(controls).toHaveLength(1)
    expect(controls?.[0]).toMatchObject({ missing: [], inHand: 0, startsSince: 0 })
    expect(controls?.[0]?.queues).toHaveLength(1_000)
    expect(cost.commands).toBeLessThanOrEqual(25)
  })
})

function beatFields(more: Record<string, string>): Record<string, string> {
  return {
    ...{ host: 'h', pid: '7', version: '0', serves: '["mail"]', capacity: '5', busy: '0', phase: 'running' },
    ...{ ownClockMs: '0', obeys: '{}', obeysAt: 'nothing', startedAtMs: '1', beatAtMs: '1', ...more },
  }
}
