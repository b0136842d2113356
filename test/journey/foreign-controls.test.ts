import { Queue } from 'bullmq'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { startServing, type TestServing } from '../support/serving.ts'

const brokers = inject('brokers')

/** A pause of a system that has no leases: Sluice itself ends it. */
describe.skipIf(brokers.redis === null)('a pause of BullMQ', () => {
  let redis: StartedRedis
  let queue: Queue
  let serving: TestServing

  beforeAll(async () => {
    redis = await startRedis()
    queue = new Queue('mail', { connection: { host: redis.host, port: redis.port } })
    await queue.add('send', {})
    serving = await startServing({ 'redis-main': { url: redis.url } })
    await eventually(async () => expect((await serving.get('queues')).total).toBe(1))
  })
  afterAll(async () => {
    await serving.close()
    await queue.close()
    await redis.stop()
  })

  const pause = async (ttlMs: number) => {
    const wish = { targets: ['redis-main/mail'], order: { verb: 'pause' as const }, ttlMs }
    const { fingerprint, targets } = await serving.post('previewControl', wish)
    const { controls } = await serving.post('makeControls', { ...wish, reason: 'bounces everywhere', fingerprint })
    return { control: controls[0], lever: targets[0]?.lever }
  }
  const shown = async (id = '') => (await serving.get('control', `/controls/${id}`)).control

  test('is in effect by its own flag, is said to need Sluice for its end, and ends at its time', async () => {
    const { control, lever } = await pause(5_000)
    expect(lever).toMatchObject({ by: 'system' })
    await eventually(async () => expect((await shown(control?.id)).phase).toBe('in-effect'))
    expect(await queue.isPaused()).toBe(true)
    await eventually(async () => expect(await queue.isPaused()).toBe(false), { timeoutMs: 10_000 })
    const lateMs = Date.now() - (await shown(control?.id)).expiresAtMs
    console.log(`resumed ${lateMs} ms after its end`)
    expect(lateMs).toBeGreaterThan(-1_000)
    expect(lateMs).toBeLessThan(3_000)
    await eventually(async () => expect((await shown(control?.id)).detail).not.toContain('overdue'))
    const { items } = await serving.read('history')
    expect(items.map(({ act, actor }) => (act === 'expire' ? `${act} ${actor}` : act)).reverse()).toEqual([
      'pause',
      'expire expiry',
    ])
  })

  test('made by somebody else is shown as such, and not ended', async () => {
    await queue.pause()
    await eventually(async () => expect((await serving.get('controls')).elsewhere).toEqual(['redis-main/mail']))
    const resumed = await serving.post('resume', { targets: ['redis-main/mail'], reason: 'we try to end it' })
    expect(resumed).toMatchObject({ controls: [], skipped: [{ ref: 'redis-main/mail' }] })
    expect(await queue.isPaused()).toBe(true)
  })
})
