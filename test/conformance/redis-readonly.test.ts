/** What the source sends, as the server saw it: on captured data, with no app running, so every command is ours. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Secret } from '../../server/domain/secret.ts'
import { isEmbedded, type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { collect, queueNamed, redisClient, redisSource } from '../support/redis.ts'
import { loadSample } from '../support/redis-sample.ts'

const brokers = inject('brokers')

describe.skipIf(!brokers.redis)('reading captured databases', () => {
  let redis: StartedRedis

  beforeAll(async () => {
    redis = await startRedis()
    await loadSample('bullmq-6.7.0', redis.port, 0)
    await loadSample('bullmq-5.81.5', redis.port, 1)
  })
  afterAll(() => redis.stop())

  it.each([
    { version: '6.7.0', db: 0 },
    { version: '5.81.5', db: 1 },
  ])('every field of the BullMQ $version capture is read', async ({ version, db }) => {
    const source = redisSource(redis.port, { db })
    const snapshot = await collect(source, ['emails'])
    await source.close()
    expect(queueNamed(snapshot, 'emails')).toMatchObject({
      depth: 3,
      active: 1,
      delayed: 3,
      retrying: 1,
      dead: 1,
      added: 11,
      finished: 2,
      failed: 1,
      consumers: 0,
      pausedBy: 'nobody',
      limit: { concurrency: 1, perSecond: 100 },
      estimated: ['finished', 'failed'],
    })
    expect(queueNamed(snapshot, 'images')).toMatchObject({
      depth: 2,
      active: 0,
      added: 2,
      finished: 0,
      failed: null,
      limit: null,
    })
    expect(snapshot.systems).toMatchObject([{ name: 'bullmq', version }])
    expect(snapshot.nodes).toMatchObject([{ role: 'master', alarms: [] }])
    expect(snapshot.gaps).toEqual([])
  })

  it.skipIf(isEmbedded)(
    'the rights that the README recommends are enough for everything, and allow no write',
    async () => {
      const readme = await readFile(new URL('../../server/source/redis/README.md', import.meta.url), 'utf8')
      const [, rights = ''] = /ACL SETUSER sluice on >PASSWORD (.*)/.exec(readme) ?? []
      const admin = redisClient(redis.port)
      await admin.call('ACL', 'SETUSER', 'sluice', 'on', '>PASSWORD', ...rights.trim().split(' '))
      await loadSample('sidekiq-7.3.9', redis.port, 0)
      const source = redisSource(redis.port, { db: 0, username: 'sluice', password: new Secret('PASSWORD') })
      const snapshot = await collect(source, ['emails'])
      expect(snapshot.gaps).toEqual([])
      expect(snapshot.systems.map(({ name }) => name)).toEqual(['bullmq', 'sidekiq'])
      expect(queueNamed(snapshot, 'emails')).toMatchObject({ depth: 3, consumers: 0, retrying: 1 })
      await source.close()
      await admin.auth('sluice', 'PASSWORD')
      await expect(admin.set('a', '1')).rejects.toThrow('NOPERM')
      await expect(admin.eval("return redis.call('SET', 'a', '1')", 0)).rejects.toThrow(/NOPERM|ACL/)
      await admin.quit()
    },
  )

  it('sends no command that writes, inside scripts or outside', async () => {
    const admin = redisClient(redis.port)
    const monitor = await admin.monitor()
    const seen = new Set<string>()
    let collects = 0
    monitor.on('monitor', (_time: string, [name = '', sub]: string[]) => {
      seen.add(name.toLowerCase() === 'script' ? `script ${sub?.toLowerCase()}` : name.toLowerCase())
      if (name === 'INFO') collects += 1
    })
    for (const db of [0, 1]) {
      const source = redisSource(redis.port, { db })
      await collect(source, ['emails', 'images'])
      await collect(source, ['emails', 'images'])
      await source.close()
    }
    await eventually(() => collects >= 4)
    monitor.disconnect()
    expect([...seen]).toEqual(expect.arrayContaining(['scan', 'client', 'evalsha_ro', 'hmget', 'zcard', 'lindex']))
    for (const name of seen) {
      if (name === 'script load') continue // puts our text into the script cache: no data is touched
      const [info] = (await admin.call('COMMAND', 'INFO', name)) as [[string, number, string[]]]
      expect(info[2], name).not.toContain('write')
    }
    await admin.quit()
  })
})
