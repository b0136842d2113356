import { describe, expect, inject, test } from 'vitest'
import { createJobs, type Jobs } from '../../server/runtime/index.ts'
import { eventually } from '../support/eventually.ts'
import { asIs, key } from '../support/jobs-lab.ts'
import { admin, ownRedis, redis } from '../support/redis-lab.ts'

const brokers = inject('brokers')

describe.skipIf(brokers.redis === null)('schedules on a real Redis', () => {
  ownRedis()

  /** One program that knows the schedule, with so many workers. */
  const start = async (cron: string, seen: string[], workers: number): Promise<Jobs> => {
    const jobs = createJobs({ redis: redis.url })
    const tick = jobs.define({ name: 'tick', args: asIs, perform: (_, { id }) => void seen.push(id) })
    jobs.schedule(tick, { n: 1 }, { name: 'often', cron })
    for (let n = 0; n < workers; n += 1) await jobs.worker({ queues: ['default'], leaseMs: 600 }).start()
    return jobs
  }

  test('every occurrence fires once, although three programs with two workers each know it', async () => {
    const seen: string[] = []
    const programs: Jobs[] = []
    for (let n = 0; n < 3; n += 1) programs.push(await start('* * * * * *', seen, 2))
    await eventually(() => seen.length >= 5, { timeoutMs: 10_000 })
    await Promise.all(programs.map((jobs) => jobs.close()))
    const dues = seen.map((id) => Number(id.split(':').at(-1)))
    expect(dues).toEqual(dues.map((_, n) => dues[0]! + n * 1_000))
    expect(new Set(seen).size).toBe(seen.length)
  })

  test('a schedule that has changed takes back what it had placed; what was missed comes once', async () => {
    const seen: string[] = []
    const first = await start('0 0 1 1 *', seen, 1)
    await eventually(async () => (await admin.zcard(key('delayed'))) === 1)
    await first.close()
    const second = await start('30 4 1 7 *', seen, 1)
    await eventually(async () => expect(await admin.hget('sluice:{default}:schedules', 'often')).not.toMatch(/^$/))
    await eventually(async () => {
      const [id = ''] = await admin.zrange(key('delayed'), '0', '-1')
      expect(new Date(Number(id.split(':').at(-1))).toISOString()).toMatch(/-07-01T04:30:00\.000Z$/)
    })
    expect(await admin.zcard(key('delayed'))).toBe(1)
    expect(await admin.hlen(key('jobs'))).toBe(1)
    await second.close()
    // As if all workers had been away since last year.
    const [id = ''] = await admin.zrange(key('delayed'), '0', '-1')
    await admin.zadd(key('delayed'), 1, id)
    const third = await start('30 4 1 7 *', seen, 2)
    await eventually(() => seen.length === 1)
    await third.close()
    expect(seen).toEqual([id])
  })
})
