import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { controlBody, controlList, controlsMade, preview } from '../../server/api/control.ts'
import { historyList } from '../../server/api/history.ts'
import { failureBody, jobPage } from '../../server/api/job.ts'
import { runBody } from '../../server/api/run.ts'
import { createJobs, type Jobs } from '../../server/runtime/index.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { type CliOptions, runCli } from '../support/cli-run.ts'
import { eventually } from '../support/eventually.ts'
import { defineAppJobs } from '../support/jobs-app.ts'
import { JobsProcesses } from '../support/jobs-process.ts'
import { startServing, type TestServing } from '../support/serving.ts'
import { startTmux, tmuxVersion } from '../support/tmux.ts'

/** Every command that changes something, against the real server, a real Redis and a real worker in a process of its own. */
const brokers = inject('brokers')
const QUEUE = 'redis-main/default'
const WHY = ['--reason', 'bounces everywhere']
const actor = userInfo().username

describe.skipIf(!brokers.redis)('commands that change something', () => {
  let redis: StartedRedis
  let processes: JobsProcesses
  let jobs: Jobs
  let serving: TestServing
  let app: ReturnType<typeof defineAppJobs>
  let bad: ReturnType<typeof defineBad>

  const sluice = (argv: readonly string[], more: CliOptions = {}) =>
    runCli(argv, { server: serving.url, ...more, env: { SLUICE_STATE_DIR: serving.stateDir, ...more.env } })
  const yes = (...argv: string[]) => sluice([...argv, ...WHY, '--yes'])
  const json = async (...argv: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await sluice([...argv, '--json'])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    return JSON.parse(stdout)
  }
  const idIn = (text: string) => /ctl_\w+/.exec(text)?.[0] ?? ''
  const enqueue = (count: number) =>
    jobs.enqueueMany(
      app.note,
      Array.from({ length: count }, (_, at) => ({ text: String(at), ms: 0 })),
    )

  beforeAll(async () => {
    redis = await startRedis()
    jobs = createJobs({ redis: redis.url })
    app = defineAppJobs(jobs, () => {})
    bad = defineBad(jobs)
    processes = new JobsProcesses({ url: redis.url, concurrency: 2, leaseMs: 5_000 })
    await processes.start()
    serving = await startServing({ 'redis-main': { url: redis.url } })
    await enqueue(1)
    await eventually(async () => expect((await serving.get('workers')).total).toBe(1), { timeoutMs: 15_000 })
    await eventually(async () => expect((await serving.get('queues')).total).toBe(1), { timeoutMs: 15_000 })
  })
  afterAll(async () => {
    await serving?.close()
    await jobs?.close()
    await processes?.close()
    await redis?.stop()
  })

  // A test that failed under a pause must not take the others with it.
  afterEach(async () => {
    const { items } = await serving.get('controls', '/controls?state=living')
    for (const { id } of items) await serving.post('liftControl', {}, `/controls/${id}/lift`)
  })

  test('pause holds, is shown with its proof, and resume lets everything through', async () => {
    const paused = await yes('pause', QUEUE, '--for', '5m')
    expect(paused.code).toBe(0)
    expect(paused.stderr).toMatch(/✓ requested .*\n.*✓ in (place|effect)/)
    expect(paused.stdout).toContain(`Paused ${QUEUE} until`)
    const id = idIn(paused.stdout)
    const before = processes.count('start')
    await enqueue(20)
    const list = controlList.parse(await json('controls', 'list'))
    expect(list.items).toMatchObject([{ id, phase: 'in-effect', actor, reason: 'bounces everywhere' }])
    const shown = controlBody.parse(await json('controls', 'show', id))
    expect(shown.workers).toMatchObject([{ obeys: true, disobeys: false }])
    expect((await sluice(['list', 'queues', '--fields', 'pausedBy'])).stdout).toBe('PAUSED\nsluice\n')
    expect(processes.count('start')).toBe(before)

    await eventually(async () => expect((await sluice(['resume', QUEUE, '--dry-run'])).stdout).toContain('20 waiting'))
    const resumed = await yes('resume', QUEUE)
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining(`lifted ${id}`) })
    await eventually(() => processes.count('start') === before + 20, { timeoutMs: 15_000 })
    expect((await yes('resume', QUEUE)).code).toBe(5)
  })

  test('throttle and limit come into effect, extend moves the end, lift ends one and leaves the other', async () => {
    const throttled = await yes('throttle', QUEUE, '--rate', '5/s', '--for', '2m')
    expect(throttled).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Throttled ${QUEUE} to at most 5/s until`),
    })
    const limited = await yes('limit', QUEUE, '--concurrency', '1', '--for', '2m', '--json')
    expect(limited.code).toBe(0)
    const [limit] = controlsMade.parse(JSON.parse(limited.stdout)).controls
    expect(limit).toMatchObject({ order: { verb: 'limit', concurrency: 1 }, phase: 'in-effect' })
    const id = idIn(throttled.stdout)
    const body = async () => controlBody.parse(await json('describe', id)).control
    const before = await body()
    expect((await sluice(['controls', 'extend', id, '--by', '15m', '--yes'])).code).toBe(0)
    const after = await body()
    expect(after.revision).toBe(before.revision + 1)
    expect(after.expiresAtMs - before.expiresAtMs).toBeGreaterThan(14 * 60_000)
    expect((await sluice(['controls', 'lift', id, '--yes'])).stdout).toContain(`lifted ${id}`)
    await eventually(async () =>
      expect(controlList.parse(await json('controls')).items.map((row) => row.id)).toEqual([limit?.id]),
    )
    const preview = await sluice(['pause', QUEUE, '--dry-run'])
    expect(preview.stdout).toContain(`already there: ${limit?.id} at most 1 at once`)
    expect((await yes('resume', QUEUE)).code).toBe(0)
  })

  test('a run is followed, paused, resumed and cancelled', async () => {
    const { id } = await jobs.enqueue(app.walk, { count: 100_000, ms: 10 })
    const ref = `run/redis-main/${id}`
    await eventually(async () => expect((await sluice(['list', 'runs', '-o', 'name'])).stdout).toBe(`${ref}\n`), {
      timeoutMs: 10_000,
    })
    expect((await yes('pause', ref, '--for', '1m')).code).toBe(0)
    await eventually(async () => expect(runBody.parse(await json('describe', ref)).run.status).toBe('paused'))
    const { run } = runBody.parse(await json('describe', ref))
    expect(run.tickTotal).toBe(100_000)
    expect((await yes('resume', ref)).code).toBe(0)
    await eventually(async () => expect(runBody.parse(await json('describe', ref)).run.status).toBe('running'), {
      timeoutMs: 15_000,
    })
    const { stdout } = await sluice(['describe', ref, '--color', 'never'], { tty: true })
    expect(stdout).toMatch(/running .*\n .* of 100 000 \(\d%\) █/)
    const cancelled = await yes('cancel', ref)
    expect(cancelled).toMatchObject({ code: 0, stderr: `✓ ${ref} cancelled\n` })
  })

  test('what failed is listed by likeness, retried and discarded by it, each exactly as previewed', async () => {
    const worker = jobs.worker({ queues: ['mail'], concurrency: 4 })
    await worker.start()
    for (let at = 0; at < 6; at++) await jobs.enqueue(bad, { why: `user ${at} does not exist` })
    for (let at = 0; at < 3; at++) await jobs.enqueue(bad, { why: `timeout after ${at}00 ms` })
    const mail = 'redis-main/mail'
    const dead = async () => jobPage.parse(await json('list', 'jobs', mail, '--state', 'dead')).total
    // A new queue is seen within two refreshes.
    await eventually(async () => expect((await serving.get('queues')).total).toBe(2), { timeoutMs: 15_000 })
    await eventually(async () => expect(await dead()).toBe(9), { timeoutMs: 15_000 })
    const failures = failureBody.parse(await json('list', 'failures', mail))
    expect(failures.groups.map(({ count }) => count)).toEqual([6, 3])

    const folder = mkdtempSync(join(tmpdir(), 'sluice-export-'))
    const file = join(folder, 'gone.jsonl')
    const discard = ['discard', mail, '--error', '*does not exist', ...WHY]
    expect((await sluice([...discard, '--dry-run'])).stdout).toContain('6')
    expect(await dead()).toBe(9)
    const discarded = await sluice([...discard, '--confirm=mail', '--export', file])
    expect(discarded).toMatchObject({ code: 0, stdout: `Discarded 6 of 6 jobs of ${mail}\n` })
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).error)).toEqual(
      Array.from({ length: 6 }, () => expect.stringContaining('does not exist')),
    )
    rmSync(folder, { recursive: true })
    await eventually(async () => expect(await dead()).toBe(3))

    const retried = await yes('retry', mail, '--error', 'timeout*', '--limit', '2')
    expect(retried).toMatchObject({ code: 0, stdout: `Retried 2 of 2 jobs of ${mail}\n` })
    expect((await yes('retry', mail, 'no-such-job')).code).toBe(5)
    expect((await yes('retry', mail, '--error', 'disk full')).code).toBe(5)
  })

  test('refusals: not there 5, nothing done without a yes 2, a stranger 4', async () => {
    expect((await yes('pause', 'redis-main/nothing')).code).toBe(5)
    expect((await sluice(['pause', QUEUE, ...WHY])).code).toBe(2)
    const stranger = await runCli(['pause', QUEUE, ...WHY, '--yes'], {
      server: serving.url,
      env: { SLUICE_STATE_DIR: '/nonexistent' },
    })
    expect(stranger.code).toBe(4)
    preview.parse(await json('pause', QUEUE, '--dry-run'))
    expect(controlList.parse(await json('controls')).total).toBe(0)
  })

  test('3: a pause that is not drained in time says how many are in hand', async () => {
    await jobs.enqueue(app.note, { text: 'long', ms: 4_000 })
    await eventually(() => processes.lines().some((line) => line.startsWith('start') && line.endsWith('long')))
    const paused = await yes('pause', QUEUE, '--for', '1m', '--drained', '--wait', '2s')
    expect(paused.code).toBe(3)
    expect(paused.stderr).toMatch(/redis-main\/default: not drained within 2s: draining, .*1/)
    expect((await yes('resume', QUEUE)).code).toBe(0)
  })

  test('3: a worker that stands still and confirms nothing is named', async () => {
    const [pid = 0] = processes.pids
    processes.signal(pid, 'SIGSTOP')
    try {
      const paused = await yes('pause', QUEUE, '--for', '1m', '--wait', '6s')
      expect(paused.code).toBe(3)
      expect(paused.stderr).toMatch(/redis-main\/default: not in effect within 6s: not-effective, /)
      expect(paused.stderr).toMatch(/\n {2}worker\/redis-main\/\S+ is silent on it \(last heard \d+s ago/)
    } finally {
      processes.signal(pid, 'SIGCONT')
    }
  })

  const tmux = tmuxVersion()
  test.skipIf(!tmux)(`top pauses and undoes (${tmux ?? 'skipped: tmux is not installed'})`, async () => {
    const env = { SLUICE_SERVER: serving.url, SLUICE_STATE_DIR: serving.stateDir }
    const screen = startTmux(['top'], env)
    try {
      await screen.shows(QUEUE)
      screen.keys('/', 'default', 'Enter')
      await screen.shows('Queues and groups 1 ')
      screen.keys('p')
      await screen.shows('by 1 worker')
      screen.keys('bounces everywhere', 'Enter')
      await screen.shows('u undoes it')
      await screen.shows('‖ default 14:')
      const { items } = await serving.get('controls', '/controls?state=living')
      expect(items).toMatchObject([{ target: QUEUE, reason: 'bounces everywhere', actor }])
      screen.keys('u')
      await screen.shows(`Enter: Lift ${items[0]?.id}`)
      screen.keys('Enter')
      await screen.shows(`lifted ${items[0]?.id}`)
      await eventually(() => !screen.text().includes('‖ default'), { timeoutMs: 10_000 })
      screen.keys('q')
      await screen.shows('exit 0')
      expect(screen.sent()).not.toContain('\x1b[3J')
    } finally {
      screen.stop()
    }
  })

  test.skipIf(!tmux)('in a terminal a person is asked, and may say no, or leave', async () => {
    const env = { SLUICE_SERVER: serving.url, SLUICE_STATE_DIR: serving.stateDir }
    const asked = startTmux(['pause', QUEUE, '--for', '1m'], env)
    const left = startTmux(['pause', QUEUE, '--for', '1m'], env)
    try {
      await asked.shows('Reason (8 to 500 characters):')
      asked.keys('bounces everywhere', 'Enter')
      await asked.shows('[y/N]')
      asked.keys('y', 'Enter')
      await asked.shows('exit 0')
      expect(asked.text().replace(/\n/g, '')).toMatch(
        /✓ requested .*✓ in effect since .*Paused redis-main\/default until/,
      )
      await left.shows('Reason')
      left.keys('C-c')
      await left.shows('exit 130')
    } finally {
      asked.stop()
      left.stop()
    }
    expect(controlList.parse(await json('controls')).total).toBe(1)
  })

  test('everything that was done stands in the history, with who and why', async () => {
    const list = historyList.parse(await json('history', '--limit', '200'))
    expect(list).toMatchObject({ isIntact: true, fault: null })
    const acts = new Set(list.items.map(({ act }) => act))
    for (const act of ['pause', 'throttle', 'limit', 'extend', 'lift', 'cancel', 'retry', 'discard']) {
      expect(acts).toContain(act)
    }
    for (const { actor: who } of list.items) expect(who).toBe(actor)
    expect((await sluice(['history', 'mail', '--exit-code'])).code).toBe(0)
  })
})

function defineBad(jobs: Jobs) {
  return jobs.define({
    name: 'bad',
    queue: 'mail',
    retries: { limit: 0 },
    args: (value) => value as { why: string },
    perform: async ({ why }) => {
      throw new Error(why)
    },
  })
}
