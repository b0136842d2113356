import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue, Worker } from 'bullmq'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { type Dashboard, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'

/** A pause of a system that is not ours, end to end: BullMQ's does not end by itself, so the dashboard must end it. */
const brokers = inject('brokers')
const TTL_MS = 6_000

describe.skipIf(brokers.redis === null)('a BullMQ queue paused by Sluice', () => {
  let redis: StartedRedis
  let dashboard: Dashboard
  let folder = ''
  let queue: Queue
  let worker: Worker
  let done = 0

  beforeAll(async () => {
    redis = await startRedis()
    folder = mkdtempSync(join(tmpdir(), 'sluice-foreign-'))
    const connection = { host: '127.0.0.1', port: redis.port, maxRetriesPerRequest: null }
    queue = new Queue('emails', { connection })
    worker = new Worker('emails', async () => void done++, { connection })
    await worker.waitUntilReady()
    dashboard = await started()
  })
  afterAll(async () => {
    await dashboard?.end('SIGKILL')
    await worker?.close()
    await queue?.close()
    await redis?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const started = async () => {
    const board = await startDashboard(folder, { 'redis-main': { url: redis.url } })
    await eventually(async () => expect((await board.get('queues')).total).toBe(1), { timeoutMs: 15_000 })
    return board
  }
  const pause = async () => {
    const wish = { targets: ['redis-main/emails'], order: { verb: 'pause' as const }, ttlMs: TTL_MS }
    const { fingerprint, targets } = await dashboard.post('previewControl', wish)
    expect(targets).toMatchObject([{ system: 'bullmq', lever: { by: 'system' } }])
    const { controls } = await dashboard.post('makeControls', { ...wish, reason: 'disk is full', fingerprint })
    const [control] = controls
    if (!control) throw new Error('nothing was made')
    await eventually(async () => expect((await shown(control.id)).phase).toBe('in-effect'), { timeoutMs: TTL_MS })
    return control
  }
  const shown = async (id: string) => (await dashboard.get('control', `/controls/${id}`)).control

  test('holds its jobs, and at its end goes on by itself', async () => {
    const { id, expiresAtMs } = await pause()
    await queue.addBulk(Array.from({ length: 5 }, (_, n) => ({ name: 'x', data: { n } })))
    await eventually(async () =>
      expect((await dashboard.get('queues')).items[0]).toMatchObject({ depth: 5, pausedBy: 'sluice' }),
    )
    expect(done).toBe(0)
    await eventually(() => done === 5, { timeoutMs: TTL_MS + 10_000 })
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAtMs)
    expect(Date.now() - expiresAtMs).toBeLessThan(5_000)
    expect(await queue.isPaused()).toBe(false)
    await eventually(async () => expect((await shown(id)).phase).toBe('expired'))
  })

  test('goes on when a dashboard is back, should none have been there at its end', async () => {
    done = 0
    const { expiresAtMs } = await pause()
    await queue.add('x', { n: 1 })
    await dashboard.end('SIGKILL')
    await eventually(() => Date.now() > expiresAtMs + 500, { timeoutMs: TTL_MS + 2_000 })
    expect(await queue.isPaused()).toBe(true)
    dashboard = await started()
    await eventually(() => done === 1, { timeoutMs: 10_000 })
    expect(await queue.isPaused()).toBe(false)
  })
})
