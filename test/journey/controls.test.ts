import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import type { ControlRow } from '../../server/api/control.ts'
import type { LedgerEntry } from '../../server/api/history.ts'
import { type Dashboard, jsonHeaders, startDashboard } from '../support/dashboard.ts'
import { eventually } from '../support/eventually.ts'
import { defineAppJobs } from '../support/jobs-app.ts'
import { jobs, ownJobs } from '../support/jobs-lab.ts'
import { JobsProcesses } from '../support/jobs-process.ts'
import { PROGRAM, ROOT, ran } from '../support/ran.ts'
import { admin, redis } from '../support/redis-lab.ts'

/** A control from the request to its proof: the real program, a real Redis, a real worker, each in its own process. */
const brokers = inject('brokers')
const REASON = 'bounces everywhere'
const TARGET = 'redis-main/default'
const actor = userInfo().username

describe.skipIf(brokers.redis === null)('a control, end to end', () => {
  let processes: JobsProcesses
  let dashboard: Dashboard
  let folder = ''
  let note: ReturnType<typeof defineAppJobs>['note']

  ownJobs()
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-controls-'))
    note = defineAppJobs(jobs, () => {}).note
    processes = new JobsProcesses({ url: redis.url, concurrency: 2, leaseMs: 5_000 })
    await jobs.enqueue(note, { text: 'first', ms: 0 })
    await processes.start()
    await eventually(() => processes.count('end') === 1)
    dashboard = await started()
  })
  afterEach(async () => {
    await dashboard.end('SIGKILL')
    await processes.close()
    rmSync(folder, { recursive: true })
  })

  const started = async (): Promise<Dashboard> => {
    const board = await startDashboard(folder, { 'redis-main': { url: redis.url } })
    // The queue and its worker have been seen.
    await eventually(async () => expect((await board.get('workers')).total).toBe(1), { timeoutMs: 15_000 })
    await eventually(async () => expect((await board.get('queues')).total).toBe(1))
    return board
  }
  const enqueue = (count: number, ms = 0) =>
    jobs.enqueueMany(
      note,
      Array.from({ length: count }, (_, at) => ({ text: String(at), ms })),
    )
  const pause = async (ttlMs = 60_000): Promise<ControlRow> => {
    const wish = { targets: [TARGET], order: { verb: 'pause' as const }, ttlMs }
    const { fingerprint } = await dashboard.post('previewControl', wish)
    const { controls } = await dashboard.post('makeControls', { ...wish, reason: REASON, fingerprint })
    const [control] = controls
    if (!control) throw new Error('nothing was made')
    return control
  }
  const shown = async (id: string) => (await dashboard.get('control', `/controls/${id}`)).control
  const reaches = (id: string, phase: string, timeoutMs = 10_000) =>
    eventually(async () => expect((await shown(id)).phase).toBe(phase), { timeoutMs })
  const history = async (): Promise<LedgerEntry[]> => {
    const response = await fetch(`${dashboard.url}/api/v1/history`, { headers: jsonHeaders(dashboard.token) })
    return ((await response.json()) as { items: LedgerEntry[] }).items.reverse()
  }

  test('pause, in effect, nothing starts; lift, and work goes on', async () => {
    const { id } = await pause()
    const askedMs = performance.now()
    await eventually(async () => expect((await shown(id)).phase).not.toBe('requested'))
    expect(performance.now() - askedMs).toBeLessThan(1_000)
    await reaches(id, 'in-effect')
    await enqueue(50)
    await eventually(async () =>
      expect((await dashboard.get('queues')).items[0]).toMatchObject({ depth: 50, pausedBy: 'sluice' }),
    )
    expect(processes.count('start')).toBe(1)
    expect((await dashboard.get('overview')).verdict.sentence).toContain('1 paused')
    expect(await shown(id)).toMatchObject({ startsSince: 0, obeying: 1, workers: 1, actor, reason: REASON })
    await dashboard.post('liftControl', {}, `/controls/${id}/lift`)
    await eventually(() => processes.count('end') === 51)
    expect(await shown(id)).toMatchObject({ phase: 'lifted', endedBy: actor })
    expect((await history()).map(({ act, outcome }) => `${act} ${outcome}`)).toEqual(['pause done', 'lift done'])
  })

  test('with the dashboard killed a pause holds and ends by itself, at its time', async () => {
    const { id } = await pause(8_000)
    await reaches(id, 'in-effect')
    const { expiresAtMs } = await shown(id)
    await enqueue(10)
    await dashboard.end('SIGKILL')
    await eventually(() => processes.count('start') > 1, { timeoutMs: 15_000 })
    const lateMs = Date.now() - expiresAtMs
    console.log(`first start ${lateMs} ms after the end of the pause`)
    expect(Math.abs(lateMs)).toBeLessThan(1_000)
    dashboard = await started()
    expect(await shown(id)).toMatchObject({ phase: 'expired', endedBy: 'expiry', reason: REASON })
    expect((await history()).map(({ act, actor: by }) => `${act} ${by}`)).toEqual([`pause ${actor}`, 'expire expiry'])
  })

  test('a restart of the dashboard shows who, why, until when, and that it is in effect', async () => {
    const { id, expiresAtMs } = await pause()
    await reaches(id, 'in-effect')
    await dashboard.end('SIGKILL')
    dashboard = await started()
    await reaches(id, 'in-effect')
    const again = await shown(id)
    expect(again).toMatchObject({ actor, reason: REASON, revision: 1 })
    expect(Math.abs(again.expiresAtMs - expiresAtMs)).toBeLessThan(1_000)
    expect((await history()).map(({ act }) => act)).toEqual(['pause'])
    await processes.start()
    await eventually(async () => expect(await shown(id)).toMatchObject({ phase: 'in-effect', obeying: 2, workers: 2 }))
    const { steps } = await dashboard.get('control', `/controls/${id}`)
    expect(steps.map(({ phase }) => phase)).not.toContain('not-effective')
  })

  test('when Redis loses all it knows the control is put back, and what comes after that waits', async () => {
    const { id } = await pause()
    await reaches(id, 'in-effect')
    await admin.flushall()
    await eventually(async () => expect((await history()).map(({ act }) => act)).toEqual(['pause', 'put-back']), {
      timeoutMs: 10_000,
    })
    await reaches(id, 'in-effect')
    await enqueue(5)
    await eventually(async () => expect((await dashboard.get('queues')).items[0]?.depth).toBe(5))
    expect(processes.count('start')).toBe(1)
  })

  test('a worker of an old version that does not confirm is named within 5 s, and so is one that takes work', async () => {
    const old = await oldWorker(admin)
    try {
      await eventually(async () => expect((await dashboard.get('workers')).total).toBe(2), { timeoutMs: 10_000 })
      const askedMs = performance.now()
      const { id } = await pause()
      await reaches(id, 'not-effective')
      const named = performance.now() - askedMs
      console.log(`named after ${named.toFixed(0)} ms`)
      expect(named).toBeLessThan(5_000)
      expect((await shown(id)).detail).toContain('old:1:a (version 0.0.1')
      const fire = (await dashboard.get('overview')).fires.find(({ kind }) => kind === 'control')
      expect(fire).toMatchObject({ ref: TARGET, control: id, severity: 'critical' })
      await enqueue(3)
      const disobeyedMs = performance.now()
      await old.take()
      await eventually(async () =>
        expect((await shown(id)).detail).toContain('old:1:a (version 0.0.1) started work that it forbids'),
      )
      expect(performance.now() - disobeyedMs).toBeLessThan(5_000)
      const { workers } = await dashboard.get('control', `/controls/${id}`)
      expect(workers[0]).toMatchObject({ ref: 'worker/redis-main/old:1:a', disobeys: true, obeys: false })
    } finally {
      old.stop()
    }
  })

  test('the same control by the API and by the CLI leaves the same lines', async () => {
    const { id } = await pause()
    await reaches(id, 'in-effect')
    await dashboard.post('liftControl', { reason: 'it is over now' }, `/controls/${id}/lift`)
    const run = (...argv: string[]) => sluice(folder, dashboard, argv)
    const paused = await run('pause', TARGET, '--for', '1m', '--reason', REASON, '--yes')
    expect(paused).toMatchObject({ code: 0 })
    const [control] = (await dashboard.get('controls', '/controls?state=living')).items
    expect(control).toMatchObject({ phase: 'in-effect', reason: REASON, actor })
    expect(await run('controls', 'lift', control?.id ?? '', '--reason', 'it is over now', '--yes')).toMatchObject({
      code: 0,
    })
    const lines = (await history()).map(({ seq: _seq, atMs: _at, hash: _hash, control: _control, ...line }) => line)
    expect(lines).toHaveLength(4)
    expect(lines.slice(2)).toEqual(lines.slice(0, 2))
  })

  test('a page of another origin is refused and in the ledger; a changed match is a 409; twice is once', async () => {
    const send = async (path: string, body: object, headers: Record<string, string> = {}) => {
      const all = { ...jsonHeaders(dashboard.token), 'idempotency-key': 'one-key', ...headers }
      const response = await fetch(`${dashboard.url}/api/v1${path}`, {
        method: 'POST',
        headers: all,
        body: JSON.stringify(body),
      })
      return { status: response.status, body: await response.json() }
    }
    const wish = { targets: ['redis-main/*'], order: { verb: 'pause' }, ttlMs: 60_000 }
    const seen = await send('/controls:preview', wish)
    const order = { ...wish, reason: REASON, fingerprint: seen.body.fingerprint }
    expect((await send('/controls', order, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await send('/controls', order, { origin: 'https://evil.example' })).status).toBe(403)
    await jobs.enqueue(note, { text: 'elsewhere', ms: 0 }, { queue: 'other' })
    await eventually(async () => expect((await dashboard.get('queues')).total).toBe(2), { timeoutMs: 10_000 })
    expect((await send('/controls', order)).body).toMatchObject({
      code: 'changed',
      difference: ['redis-main/other matches now'],
    })
    const again = { ...order, fingerprint: (await send('/controls:preview', wish)).body.fingerprint }
    const answers = [
      await send('/controls', again, { 'idempotency-key': 'k2' }),
      await send('/controls', again, { 'idempotency-key': 'k2' }),
    ]
    expect(answers[1]).toEqual(answers[0])
    expect((await dashboard.get('controls', '/controls?state=living')).total).toBe(2)
    expect((await history()).map(({ act, actor: by }) => `${act} ${by}`)).toEqual([
      `refuse ${actor}`,
      `refuse ${actor}`,
      `pause ${actor}`,
      `pause ${actor}`,
    ])
    expect(readFileSync(join(folder, 'state', 'ledger.jsonl'), 'utf8')).not.toContain(dashboard.token)
  })
})

/** What a worker of a version before controls leaves in Redis: it beats, confirms nothing, and takes what it finds. */
async function oldWorker(admin: Redis): Promise<{ take(): Promise<void>; stop(): void }> {
  const beat = async () => {
    const now = String(Date.now())
    await admin.zadd('sluice:{#}:workers', now, 'old:1:a')
    await admin.hset('sluice:{#}:worker:old:1:a', {
      ...{ host: 'old', pid: '1', version: '0.0.1', serves: '["default"]', capacity: '5', busy: '1', phase: 'running' },
      ...{ ownClockMs: now, obeys: '{}', startedAtMs: '1', beatAtMs: now },
    })
  }
  await beat()
  const timer = setInterval(() => void beat(), 1_000)
  const take = async () => {
    const id = (await admin.lpop('sluice:{default}:pending')) ?? ''
    await admin.hset('sluice:{default}:active', id, `99 old:1:a ${Date.now()} note`)
    await admin.zadd('sluice:{default}:leases', String(Date.now() + 60_000), id)
    await admin.hincrby('sluice:{default}:stats', 'started', 1)
  }
  return { take, stop: () => clearInterval(timer) }
}

function sluice(folder: string, { url }: Dashboard, argv: readonly string[]) {
  const env = { ...process.env, SLUICE_STATE_DIR: join(folder, 'state'), SLUICE_SERVER: url, NO_COLOR: '1' }
  return ran([...PROGRAM, ...argv], { cwd: ROOT, env, timeout: 40_000 })
}
