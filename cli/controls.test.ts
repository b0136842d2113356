import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CONTROL_TARGETS_MAX, controlBody, controlList, controlsMade, preview } from '../server/api/control.ts'
import { historyList } from '../server/api/history.ts'
import { runBody } from '../server/api/run.ts'
import * as bodies from '../test/support/api-bodies.ts'
import { type CliOptions, runCli } from '../test/support/cli-run.ts'
import { eventually } from '../test/support/eventually.ts'
import type { FakeApi } from '../test/support/fake-api.ts'
import { FakeControls, TOKEN } from '../test/support/fake-controls.ts'
import { CliFailure, EXIT } from './exit.ts'
import { TARGETS_MAX } from './targets.ts'

let fake: FakeControls
let api: FakeApi

beforeEach(async () => {
  fake = new FakeControls()
  api = await fake.start()
})
afterEach(() => api.close())

const sluice = (argv: readonly string[], more: CliOptions = {}) =>
  runCli(argv, { server: api.url, ...more, env: { SLUICE_TOKEN: TOKEN, ...more.env } })
const WHY = ['--reason', 'SMTP 429, INC-482']
const PAUSE = ['pause', 'redis-main/emails', ...WHY, '--yes']
const sent = (at: number) => (api.posts.at(at)?.body ?? {}) as Record<string, unknown>
const posted = () => api.posts.map(({ path }) => path)

/** Moves each control on as soon as somebody follows it. */
async function whenFollowed(...moves: Parameters<FakeControls['move']>[1][]): Promise<void> {
  await eventually(() => api.followers() > 0)
  for (const move of moves) for (const id of fake.controls.keys()) fake.move(id, move)
}

describe('a change', () => {
  test('says each phase as it comes, what, until when and how to undo it, and ends when nothing is started', async () => {
    const [run] = await Promise.all([
      sluice(PAUSE),
      whenFollowed({ phase: 'in-place', obeying: 6, workers: 6 }, { phase: 'draining', inHand: 6 }),
    ])
    expect(run.code).toBe(0)
    expect(run.stderr).toMatch(
      /^redis-main\/emails {2}✓ requested \d\d:\d\d:\d\d\n.*✓ in place \d\d:\d\d:\d\d \(6 of 6 obey\)\n.*✓ no starts since \d\d:\d\d:\d\d, draining 6\n$/,
    )
    expect(run.stdout).toMatch(
      /^Paused redis-main\/emails until .*\d\d:\d\d \(ctl_0000000001\)\. Undo: sluice controls lift ctl_0000000001 {3}Longer: sluice controls extend ctl_0000000001 --by 15m\n$/,
    )
    expect(posted()).toEqual(['/controls:preview', '/controls'])
    expect(api.posts[1]?.body).toEqual({
      targets: ['redis-main/emails'],
      order: { verb: 'pause' },
      ttlMs: 900_000,
      reason: 'SMTP 429, INC-482',
      fingerprint: expect.any(String),
    })
    await eventually(() => api.followers() === 0)
  })

  test.each([
    [
      ['throttle', 'redis-main/emails', '--rate', '30/m'],
      { verb: 'throttle', perSecond: 0.5, fromPerSecond: null },
      'Throttled redis-main/emails to at most 30/m until',
    ],
    [
      ['limit', 'redis-main/emails', '--concurrency', '5', '--for', '1h30m'],
      { verb: 'limit', concurrency: 5 },
      'Limited redis-main/emails to at most 5 at once until',
    ],
  ])('%j is that order', async (argv, order, said) => {
    const { code, stdout } = await sluice([...argv, ...WHY, '--yes', '--no-wait'])
    expect({ code, order: sent(1).order }).toEqual({ code: 0, order })
    expect(stdout).toContain(said)
  })

  test('--until is a life of that length', async () => {
    const until = new Date(Date.now() + 600_000).toISOString()
    await sluice([...PAUSE, '--until', until, '--no-wait'])
    const { ttlMs } = sent(1)
    expect(ttlMs).toBeGreaterThan(590_000)
    expect(ttlMs).toBeLessThanOrEqual(600_000)
  })

  test('- reads the targets from the pipe', async () => {
    fake.targets.set('redis-main/news', bodies.aPreviewTarget({ ref: 'redis-main/news' }))
    const { code, stdout } = await sluice(['pause', '-', ...WHY, '--yes', '--no-wait', '-o', 'name'], {
      input: 'redis-main/emails\n\nredis-main/news\nredis-main/emails\n',
    })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ctl_0000000001\nctl_0000000002\n' })
  })

  test('as JSON it is what the API answered, with the phase that was reached', async () => {
    const [{ code, stdout }] = await Promise.all([sluice([...PAUSE, '--json']), whenFollowed({ phase: 'in-effect' })])
    const made = controlsMade.parse(JSON.parse(stdout))
    expect({ code, phase: made.controls[0]?.phase }).toEqual({ code: 0, phase: 'in-effect' })
  })

  test('sent again after its answer was lost, it is one change', async () => {
    // The preview is answered, the order's answer is cut off.
    const write = fake.write.bind(fake)
    fake.write = (post) => {
      if (post.path === '/controls' && api.posts.length === 2) fake.instead = ['cut']
      return write(post)
    }
    const { code } = await sluice([...PAUSE, '--no-wait'])
    expect({ code, posted: posted(), made: fake.controls.size }).toEqual({
      code: 0,
      posted: ['/controls:preview', '/controls', '/controls'],
      made: 1,
    })
    const keys = api.posts.slice(1).map(({ headers }) => headers['idempotency-key'])
    expect(keys[0]).toBe(keys[1])
    expect(keys[0]).not.toBe(api.posts[0]?.headers['idempotency-key'])
  })

  test('--dry-run shows the preview and changes nothing, also without --yes and a reason', async () => {
    fake.targets.set(
      'rabbit-1/audit',
      bodies.aPreviewTarget({ ref: 'rabbit-1/audit', lever: { by: 'none', why: 'RabbitMQ has none' } }),
    )
    const argv = ['pause', 'redis-main/emails', 'rabbit-1/audit', '--dry-run']
    const { code, stdout } = await sluice(argv)
    expect({ code, posted: posted() }).toEqual({ code: 0, posted: ['/controls:preview'] })
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^Would pause 1 target at 127\.0\.0\.1:\d+ until \d\d:\d\d \(15m\)$/),
      '  redis-main/emails  by 6 workers, 6 in hand finish first, 49/s → 0/s',
      expect.stringMatching(/^ {4}at \d\d:\d\d: ≈ 158k waiting, oldest ≈ 29m$/),
      '    does not drain at today’s rates',
      '  rabbit-1/audit  ✖ no lever: RabbitMQ has none; skipped',
      '  goes on: enqueueing, schedules, work in hand',
      '',
    ])
    preview.parse(JSON.parse((await sluice([...argv, '--json'])).stdout))
  })
})

test('a preview of many says once what is true of each, and at most twenty', async () => {
  const caveat = 'it ends when a Sluice is running'
  fake.targets.clear()
  for (let at = 10; at < 35; at++) {
    const lever = { by: 'system' as const, how: 'queue.pause()', caveat }
    const notes = at === 12 ? [caveat, 'paused elsewhere too'] : [caveat]
    fake.targets.set(`redis-main/q${at}`, bodies.aPreviewTarget({ ref: `redis-main/q${at}`, lever, notes }))
  }
  const { stdout } = await sluice(['pause', 'redis-main/q*', '--dry-run'])
  expect(stdout.split(caveat)).toHaveLength(2)
  expect(stdout).toContain('  each: it ends when a Sluice is running\n')
  expect(stdout).toMatch(/redis-main\/q12 .*\n.*\n {4}paused elsewhere too\n/)
  expect(stdout).toContain('  and: 5 more targets: -o json has all\n')
})

describe('a person is asked', () => {
  const ask = (answers: string[], argv: string[] = ['pause', 'redis-main/emails', '--no-wait']) =>
    sluice(argv, { tty: true, answers })

  test('for the reason and for a yes, below the preview', async () => {
    const { code, stderr } = await ask(['short', 'SMTP 429, INC-482', 'y'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/Would pause 1 target.*\n.*redis-main\/emails/)
    expect(stderr).toContain('5 characters')
    expect(stderr).toContain('Pause redis-main/emails for 15m? [y/N] ')
    expect(sent(1).reason).toBe('SMTP 429, INC-482')
  })

  test.each([[['good reason', 'n']], [['good reason', '']], [['good reason']], [[]]])(
    '%j does nothing and ends with 2',
    async (answers) => {
      const { code, stderr } = await ask(answers)
      expect({ code, posted: posted() }).toEqual({ code: 2, posted: ['/controls:preview'] })
      expect(stderr).toContain('nothing was done')
    },
  )

  test('what is wide is agreed to by its number', async () => {
    for (let at = 0; at < 6; at++)
      fake.targets.set(`redis-main/q${at}`, bodies.aPreviewTarget({ ref: `redis-main/q${at}` }))
    const argv = ['pause', 'redis-main/q*', '--no-wait', ...WHY]
    expect((await ask(['y'], argv)).code).toBe(2)
    expect(fake.controls.size).toBe(0)
    expect((await ask(['6'], argv)).code).toBe(0)
    expect(fake.controls.size).toBe(6)
  })

  test('never under --no-input', async () => {
    const { code } = await ask(['good reason', 'y'], ['pause', 'redis-main/emails', '--no-input'])
    expect({ code, posted: posted() }).toEqual({ code: 2, posted: [] })
  })
})

describe('2: usage or no consent, and nothing was asked of the server', () => {
  test.each([
    [['pause', 'redis-main/emails', ...WHY], '--yes does it'],
    [['pause', 'redis-main/emails', '--yes'], '--reason'],
    [['pause', 'redis-main/emails', '--yes', '--reason', 'short'], '8 to 500'],
    [['pause', 'emails', ...WHY, '--yes'], 'not a reference'],
    [[...PAUSE, '--for', '1s'], '5s to 24h'],
    [[...PAUSE, '--for', '25h'], '5s to 24h'],
    [[...PAUSE, '--for', '5m', '--until', '14:00'], 'exclude'],
    [[...PAUSE, '--until', 'tomorrow'], '14:32'],
    [[...PAUSE, '--until', '2020-01-01T00:00:00Z'], 'past'],
    [['pause', '-', ...WHY, '--yes'], 'nothing is named'],
    [['throttle', 'redis-main/emails', ...WHY, '--yes'], '--rate'],
    [['throttle', 'redis-main/emails', '--rate', 'fast', ...WHY, '--yes'], '50/s'],
    [['throttle', 'redis-main/emails', '--rate', '0', ...WHY, '--yes'], '50/s'],
    [['limit', 'redis-main/emails', '--concurrency', '0', ...WHY, '--yes'], 'whole number'],
    [['resume', 'redis-main/emails', ...WHY], '--yes does it'],
    [['resume', 'redis-main/emails', '--over', '5m', ...WHY, '--yes'], '--ramp'],
    [['resume', 'redis-main/emails', '--ramp', '50/s', '--to', '10/s', ...WHY, '--yes'], 'grows'],
    [['controls', 'lift', 'emails', '--yes'], 'not the id of a control'],
    [['controls', 'lift', 'ctl_1'], '--yes does it'],
    [['controls', 'extend', 'ctl_1', '--by', '5m', '--for', '5m', '--yes'], 'exclude'],
    [['retry', 'redis-main/emails', '1', '--state', 'dead', ...WHY, '--yes'], 'exclude'],
    [['retry', 'redis-main/emails', '--state', 'ded', ...WHY, '--yes'], 'did you mean dead?'],
    [['retry', 'run/redis-main/1', ...WHY, '--yes'], 'not a queue'],
    [['discard', 'redis-main/emails', ...WHY, '--yes', '--no-export'], 'discard what?'],
    [['discard', 'redis-main/emails', '1', ...WHY, '--yes', '--no-export'], '--confirm=emails'],
    [['discard', 'redis-main/emails', '1', ...WHY, '--confirm', 'emials', '--no-export'], 'expected the name'],
    [['discard', 'redis-main/emails', '1', ...WHY, '--confirm', 'emails'], '--export'],
    [['cancel', 'redis-main/8f3c', ...WHY, '--yes'], 'not a run'],
    [['list', 'jobs'], 'of which queue?'],
    [['list', 'queues', 'redis-main/emails'], 'too many'],
    [['list', 'jobs', 'redis-main/emails', '--fields', 'idd'], 'did you mean id?'],
  ])('%j', async (argv, said) => {
    const { code, stdout, stderr } = await sluice(argv)
    expect({ code, stdout, asked: api.asked }).toEqual({ code: 2, stdout: '', asked: [] })
    expect(stderr).toContain(said)
  })

  test("the number of targets is the server's", () => {
    expect(TARGETS_MAX).toBe(CONTROL_TARGETS_MAX)
  })
})

describe('3: partly, or not in effect in time', () => {
  test('who disobeys is named', async () => {
    const [{ code, stdout, stderr }] = await Promise.all([
      sluice([...PAUSE, '--wait', '300ms']),
      whenFollowed({ phase: 'not-effective', detail: '12 starts since, by 1 worker', obeying: 5 }),
    ])
    expect(code).toBe(3)
    expect(stderr).toContain('redis-main/emails: not in effect within <1s: not-effective, 12 starts since, by 1 worker')
    expect(stdout).toContain('Undo: sluice controls lift ctl_0000000001')
  })

  test('a silent worker, a disobeying one, and their versions', async () => {
    const read = fake.read.bind(fake)
    fake.read = (path, headers) => {
      const reply = read(path, headers)
      if (!path.startsWith('/controls/') || reply === 'silence' || !('body' in reply)) return reply
      const worker = { obeys: false, disobeys: false, beatAtMs: bodies.NOW_MS - 12_000, skewMs: null, version: null }
      const workers = [
        { ...worker, ref: 'worker/redis-main/api-7', disobeys: true, version: '0.9' },
        { ...worker, ref: 'worker/redis-main/api-8' },
      ]
      return { body: { ...reply.body, workers } }
    }
    const { stderr } = await sluice([...PAUSE, '--wait', '50ms'])
    expect(stderr).toContain(
      'worker/redis-main/api-7 disobeys: it started work since (last heard 12s ago, version 0.9)',
    )
    expect(stderr).toContain('worker/redis-main/api-8 is silent on it (last heard 12s ago)')
  })

  test('a pause that drains is one, but not under --drained; a throttle in place is none yet', async () => {
    const draining = () => whenFollowed({ phase: 'draining', inHand: 2 })
    expect((await Promise.all([sluice([...PAUSE, '--drained', '--wait', '200ms']), draining()]))[0].code).toBe(3)
    fake.controls.clear()
    const throttle = ['throttle', 'redis-main/emails', '--rate', '5', ...WHY, '--yes', '--wait', '200ms']
    expect((await Promise.all([sluice(throttle), whenFollowed({ phase: 'in-place' })]))[0].code).toBe(3)
  })

  test('targets without a lever are skipped, and said', async () => {
    fake.targets.set(
      'redis-main/rq',
      bodies.aPreviewTarget({ ref: 'redis-main/rq', lever: { by: 'none', why: 'RQ has none' } }),
    )
    const { code, stderr } = await sluice(['pause', 'redis-main/*', ...WHY, '--yes', '--no-wait'])
    expect(code).toBe(3)
    expect(stderr).toContain('redis-main/rq: skipped, RQ has none')
  })
})

describe('4: not signed in', () => {
  let state: string
  const files = () => join(state, 'servers')
  const file = () => join(files(), `127.0.0.1_${new URL(api.url).port}.json`)
  const pause = (env: Record<string, string> = {}) =>
    runCli([...PAUSE, '--no-wait'], { server: api.url, env: { SLUICE_STATE_DIR: state, ...env } })
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'sluice-state-'))
    mkdirSync(files())
  })
  afterEach(() => rmSync(state, { recursive: true }))

  test('no token: what is missing, and where', async () => {
    const { code, stdout, stderr } = await pause()
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr).toContain(file())
    expect(stderr).toContain('SLUICE_TOKEN')
  })

  test("the server's own file signs in", async () => {
    writeFileSync(file(), JSON.stringify({ url: api.url, token: TOKEN, pid: 1 }), { mode: 0o600 })
    expect((await pause()).code).toBe(0)
    const underHome = { XDG_STATE_HOME: join(state, 'none'), SLUICE_STATE_DIR: '' }
    expect((await pause(underHome)).code).toBe(4)
  })

  test('login prints the address that the server left for a browser of this person, whoami as whom one acts', async () => {
    const env = { SLUICE_STATE_DIR: state }
    const login = () => runCli(['login'], { server: api.url, env })
    expect((await login()).code).toBe(4)
    const signInUrl = `${api.url}/#token=once`
    writeFileSync(file(), JSON.stringify({ url: api.url, token: TOKEN, pid: 1, signInUrl }), { mode: 0o600 })
    expect(await login()).toMatchObject({ code: 0, stdout: `${signInUrl}\n` })
    expect(await runCli(['whoami'], { server: api.url, env })).toMatchObject({ code: 0, stdout: 'ana\n' })
    const stranger = await runCli(['whoami'], { server: api.url, env: { SLUICE_STATE_DIR: '/nonexistent' } })
    expect(stranger).toMatchObject({ code: 4, stdout: 'a stranger\n', stderr: 'Looking is free\n' })
    writeFileSync(
      file(),
      JSON.stringify({ url: api.url, token: TOKEN, pid: 1, signInUrl: 'http://evil.example/#token=x' }),
    )
    expect((await login()).code).toBe(4)
    expect(api.posts).toEqual([])
  })

  test('a file that others can read is refused, and nothing is sent', async () => {
    writeFileSync(file(), JSON.stringify({ url: api.url, token: TOKEN, pid: 1 }))
    chmodSync(file(), 0o640)
    const { code, stderr } = await pause()
    expect({ code, posts: api.posts }).toEqual({ code: 4, posts: [] })
    expect(stderr).toContain('mode 640')
  })

  test('a token goes to no other address than the one in its file', async () => {
    writeFileSync(file(), JSON.stringify({ url: 'http://127.0.0.1:1', token: TOKEN, pid: 1 }), { mode: 0o600 })
    expect((await pause()).code).toBe(4)
    expect(api.posts[0]?.headers.authorization).toBeUndefined()
  })

  test('a wrong token, and one that would be a header of its own', async () => {
    expect((await pause({ SLUICE_TOKEN: 'wrong' })).code).toBe(4)
    expect((await pause({ SLUICE_TOKEN: 'a\r\nx: y' })).code).toBe(4)
    expect(api.posts).toHaveLength(1)
  })

  test('what is not shown to strangers is asked for with it, the rest without', async () => {
    expect((await sluice(['controls', 'list'])).code).toBe(0)
    expect(
      (await runCli(['list', 'jobs', 'redis-main/emails'], { server: api.url, env: { SLUICE_STATE_DIR: state } })).code,
    ).toBe(4)
    expect((await sluice(['list', 'jobs', 'redis-main/emails'])).code).toBe(0)
  })
})

describe('what the server answers to a change', () => {
  test('5: nothing is called that, and nothing was done', async () => {
    const { code, stderr } = await sluice(['pause', 'redis-main/emials', 'redis-main/emails', ...WHY, '--yes'])
    expect({ code, posted: posted() }).toEqual({ code: 5, posted: ['/controls:preview'] })
    expect(stderr).toContain('"redis-main/emials"')
  })

  test('6: no lever, with why', async () => {
    fake.targets.set('redis-main/emails', bodies.aPreviewTarget({ lever: { by: 'none', why: 'RQ has no such lever' } }))
    const { code, stderr } = await sluice(['throttle', 'redis-main/emails', '--rate', '5', ...WHY, '--yes'])
    expect({ code, stderr, posted: posted() }).toEqual({
      code: 6,
      stderr: 'sluice: cannot throttle redis-main/emails: RQ has no such lever\n',
      posted: ['/controls:preview'],
    })
  })

  test('7: the source is stale at the end of the wait', async () => {
    const [{ code }] = await Promise.all([
      sluice([...PAUSE, '--wait', '200ms']),
      whenFollowed({ phase: 'unknown', detail: 'redis-main is stale' }),
    ])
    expect(code).toBe(7)
  })

  test('8: what was seen is not there any more, and what differs', async () => {
    const write = fake.write.bind(fake)
    fake.write = (post) => {
      if (post.path === '/controls') fake.targets.set('redis-main/emails', bodies.aPreviewTarget({ workers: 7 }))
      return write(post)
    }
    const { code, stderr } = await sluice(PAUSE)
    expect({ code, made: fake.controls.size }).toEqual({ code: 8, made: 0 })
    expect(stderr).toContain('redis-main/emails has 7 workers, 6 were seen')
  })

  test('124: a change that is not answered is not repeated, and is left after --timeout', async () => {
    fake.instead = ['silence']
    expect((await sluice([...PAUSE, '--timeout', '100ms'])).code).toBe(124)
    expect(posted()).toEqual(['/controls:preview'])
  })

  test('124: a change whose answer does not come may have been made, and that is said', async () => {
    fake.instead = []
    const write = fake.write.bind(fake)
    fake.write = (post) => (post.path === '/controls' ? 'silence' : write(post))
    const { code, stderr } = await sluice([...PAUSE, '--timeout', '200ms'])
    expect(code).toBe(124)
    expect(stderr).toContain('it may have been done all the same')
  })

  test('130: who leaves while it is waited for still learns how to undo it', async () => {
    const interrupt = new AbortController()
    const [{ code, stdout }] = await Promise.all([
      sluice(PAUSE, { interrupt: interrupt.signal }),
      eventually(() => api.followers() > 0).then(() => interrupt.abort(new CliFailure(EXIT.interrupted, ''))),
    ])
    expect(code).toBe(130)
    expect(stdout).toContain('Undo: sluice controls lift ctl_0000000001')
  })
})

describe('resume', () => {
  test('lifts what is on the target and no other', async () => {
    fake.make('redis-main/emails')
    fake.make('redis-main/news')
    const { code, stdout } = await sluice(['resume', 'redis-main/emails', ...WHY, '--yes'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'Resumed redis-main/emails: lifted ctl_0000000001 (paused by ana: SMTP answers 429, INC-482)\n',
    })
    expect([...fake.controls.values()].map(({ phase }) => phase)).toEqual(['lifted', 'requested'])
  })

  test('shows the herd first, and with a ramp it comes back slowly', async () => {
    fake.make('redis-main/emails')
    const argv = ['resume', 'redis-main/emails', '--ramp', '10/s', '--to', '100/s', '--over', '5m', ...WHY]
    const { stdout } = await sluice([...argv, '--dry-run'])
    expect(stdout).toContain('77.4k waiting, oldest 1.4s, in 4.2/s')
    expect(stdout).toContain('comes back from 10/s up to 100/s over 5m')
    expect(posted()).toEqual([])
    const run = await sluice([...argv, '--yes', '--no-wait'])
    expect(run.stdout).toContain('Throttled redis-main/emails from 10/s up to 100/s until')
    expect(sent(0).ramp).toEqual({
      fromPerSecond: 10,
      toPerSecond: 100,
      overMs: 300_000,
    })
  })

  test('5 where nothing is, 6 where something else than Sluice is', async () => {
    fake.make('redis-main/news')
    const nothing = await sluice(['resume', 'redis-main/emails', ...WHY, '--yes'])
    expect(nothing.code).toBe(5)
    expect(nothing.stderr).toContain('  redis-main/news  ctl_0000000001 paused')
    fake.elsewhere = ['redis-main/emails']
    const elsewhere = await sluice(['resume', 'redis-main/*mails', ...WHY, '--yes'])
    expect(elsewhere.code).toBe(6)
    expect(elsewhere.stderr).toContain('paused by something else than Sluice')
    expect(posted()).toEqual([])
  })
})

describe('controls', () => {
  beforeEach(() => {
    fake.make('redis-main/emails', { phase: 'in-effect' })
    fake.make('redis-main/news', { phase: 'lifted', endedAtMs: bodies.NOW_MS, endedBy: 'ben' })
  })

  test('list has those in force, --all the ended too, and JSON is the body', async () => {
    expect((await sluice(['controls', '-o', 'name'])).stdout).toBe('ctl_0000000001\n')
    expect((await sluice(['controls', 'list', '--all', '-o', 'name'])).stdout).toBe('ctl_0000000001\nctl_0000000002\n')
    controlList.parse(JSON.parse((await sluice(['controls', 'list', '--json'])).stdout))
    expect((await sluice(['controls', 'list', '--color', 'never'], { tty: true })).stdout).toMatch(
      /‖ in effect {2}redis-main\/emails {2}pause {2}14:00 {2}ana/,
    )
  })

  test('show is describe: phases, and who obeys', async () => {
    const { stdout } = await sluice(['controls', 'show', 'ctl_0000000001', '--color', 'never'], { tty: true })
    for (const said of ['in effect', 'SMTP answers 429', '✓ in effect since', 'worker/redis-main/api-7', 'obeys'])
      expect(stdout).toContain(said)
    controlBody.parse(JSON.parse((await sluice(['describe', 'ctl_0000000001', '--json'])).stdout))
    expect((await sluice(['controls', 'show', 'ctl_9'])).code).toBe(5)
  })

  test('lift ends that one; one that is over is said and no failure', async () => {
    const { code, stdout, stderr } = await sluice(['controls', 'lift', 'ctl_0000000001', 'ctl_0000000002', '--yes'])
    expect(code).toBe(0)
    expect(stdout).toContain('lifted ctl_0000000001')
    expect(stderr).toContain('ctl_0000000002 is over already')
    expect(posted()).toEqual(['/controls/ctl_0000000001/lift'])
  })

  test('extend adds to what is left, keeps the revision that was seen, and 8 when it is another', async () => {
    const { code, stdout } = await sluice(['controls', 'extend', 'ctl_0000000001', '--by', '15m', '--yes'])
    expect(code).toBe(0)
    expect(stdout).toContain('Paused redis-main/emails until')
    expect(api.posts[0]?.body).toEqual({ ttlMs: 840_000 + 900_000, revision: 1 })
    fake.instead = [{ status: 409, problem: { code: 'conflict', detail: 'changed meanwhile' } }]
    expect((await sluice(['controls', 'extend', 'ctl_0000000001', '--for', '1h', '--yes'])).code).toBe(8)
  })

  test('a lift is asked for in a terminal', async () => {
    const argv = ['controls', 'lift', 'ctl_0000000001']
    expect((await sluice(argv, { tty: true, answers: ['n'] })).code).toBe(2)
    expect((await sluice(argv, { tty: true, answers: ['y'] })).code).toBe(0)
  })
})

describe('jobs', () => {
  beforeEach(() => {
    for (let at = 1; at <= 250; at++) fake.jobs.push(bodies.aJobRow({ id: `job-${at}` }))
    fake.jobs.push(
      bodies.aJobRow({ id: 'odd', error: 'NoSuchUser 12' }),
      bodies.aJobRow({ id: 'busy', state: 'active', error: null }),
    )
  })

  test('are listed page by page, and all of them are once each', async () => {
    const some = await sluice(['list', 'jobs', 'redis-main/emails', '--state', 'dead', '-o', 'name'])
    expect(some.stdout.split('\n')).toHaveLength(101)
    expect(some.stderr).toContain('100 of 251 dead jobs shown')
    const all = await sluice(['list', 'jobs', 'redis-main/emails', '--state', 'dead', '--limit', 'all', '-o', 'name'])
    expect(new Set(all.stdout.trimEnd().split('\n')).size).toBe(251)
  })

  test('failures are listed by what looks alike', async () => {
    const { stdout } = await sluice(['list', 'failures', 'redis-main/emails', '--fields', 'count,pattern'])
    expect(stdout).toBe('COUNT\tERROR\n250\tTimeout after 30 s\n1\tNoSuchUser 12\n')
  })

  test('retry touches the ids that were previewed, and no other', async () => {
    const { code, stdout } = await sluice([
      'retry',
      'redis-main/emails',
      '--error',
      'timeout*',
      '--limit',
      '3',
      ...WHY,
      '--yes',
    ])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Retried 3 of 3 jobs of redis-main/emails\n' })
    expect(sent(-1).ids).toEqual(['job-1', 'job-2', 'job-3'])
    expect(fake.jobs).toHaveLength(249)
  })

  test('retry without a choice means the dead, promote the delayed', async () => {
    await sluice(['retry', 'redis-main/emails', '--dry-run'])
    await sluice(['promote', 'redis-main/emails', '--dry-run'])
    expect(api.posts.map(({ body }) => (body as { state: string }).state)).toEqual(['dead', 'delayed'])
    expect((await sluice(['promote', 'redis-main/emails', ...WHY, '--yes'])).code).toBe(5)
  })

  test('3 when some are not done, 5 when all are gone, 8 when none may be; each is named', async () => {
    const retry = (...ids: string[]) => sluice(['retry', 'redis-main/emails', ...ids, ...WHY, '--yes'])
    const partly = await retry('job-1', 'busy', 'none')
    expect(partly.code).toBe(3)
    expect(partly.stderr).toContain('busy: it is in hand\nnone: gone')
    expect((await retry('none')).code).toBe(5)
    expect((await retry('busy')).code).toBe(8)
  })

  test('an error that nothing failed with is 5, with those that there are', async () => {
    const { code, stderr } = await sluice(['retry', 'redis-main/emails', '--error', 'Disk*', ...WHY, '--yes'])
    expect(code).toBe(5)
    expect(stderr).toContain('250  Timeout after 30 s')
  })

  test('discard exports into a new file of its own first, and only then does it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-export-'))
    const file = join(folder, 'gone.jsonl')
    const argv = ['discard', 'redis-main/emails', '--error', 'Timeout*', ...WHY, '--confirm=emails', '--export', file]
    const { code, stderr } = await sluice(argv)
    expect({ code, stderr }).toEqual({ code: 0, stderr: `wrote 250 jobs to ${file}\n` })
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).id)).toHaveLength(250)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(fake.jobs.map(({ id }) => id)).toEqual(['odd', 'busy'])
    const again = await sluice(['discard', 'redis-main/emails', 'odd', ...WHY, '--confirm=emails', '--export', file])
    expect({ code: again.code, left: fake.jobs.length }).toEqual({ code: 2, left: 2 })
    expect(again.stderr).toContain('exists already')
    rmSync(folder, { recursive: true })
  })

  test('discard that cannot find what it would export does nothing, and leaves no file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-export-'))
    const file = join(folder, 'gone.jsonl')
    const argv = ['discard', 'redis-main/emails', 'odd', 'vanished', ...WHY, '--confirm=emails', '--export', file]
    const { code, stderr } = await sluice(argv)
    expect({ code, left: fake.jobs.length, isLeft: existsSync(file) }).toEqual({ code: 8, left: 252, isLeft: false })
    expect(stderr).toContain('1 of 2 jobs are not there any more; nothing was done')
    rmSync(folder, { recursive: true })
  })

  test('discard in a terminal wants the name typed', async () => {
    const argv = ['discard', 'redis-main/emails', 'odd', ...WHY, '--no-export']
    expect((await sluice(argv, { tty: true, answers: ['y'] })).code).toBe(2)
    expect((await sluice(argv, { tty: true, answers: ['emails'] })).code).toBe(0)
    expect(fake.jobs).toHaveLength(251)
  })

  test('cancel gives a run up and waits for its end', async () => {
    const { code, stdout, stderr } = await sluice(['cancel', 'run/redis-main/8f3c', ...WHY, '--yes'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Cancelled 1 of 1: each ends after the item in hand\n' })
    expect(stderr).toContain('✓ run/redis-main/8f3c cancelled')
  })

  test('cancel --force ends one that is cancelling and does not end', async () => {
    const { code, stdout } = await sluice(['cancel', 'run/redis-main/8f3c', '--force', ...WHY, '--yes'])
    const words = 'Forced the end of 1 of 1: their workers may not write about them any more\n'
    expect({ code, stdout }).toEqual({ code: 0, stdout: words })
  })
})

test('status and describe show what is controlled', async () => {
  fake.make('redis-main/emails', { phase: 'in-effect' })
  const read = fake.read.bind(fake)
  fake.read = (path, headers) =>
    path.startsWith('/overview')
      ? { body: bodies.anOverview() }
      : path.startsWith('/sources')
        ? { body: { ...bodies.freshness(), total: 1, offset: 0, items: [bodies.aSourceRow()] } }
        : read(path, headers)
  const queue = await sluice(['describe', 'redis-main/emails', '--color', 'never'], { tty: true })
  expect(queue.stdout).toMatch(/\ncontrol +ctl_0000000001 paused, by ana until/)
  const { stdout } = await sluice(['status', '--color', 'never'], { tty: true })
  expect(stdout).toMatch(
    /\n {2}‖ redis-main\/emails {2}ctl_0000000001 paused, by ana until .*\(SMTP answers 429, INC-482\)\n/,
  )
})

test('describe run/… has a bar, rate, end, cursor and what can be done', async () => {
  const { stdout } = await sluice(['describe', 'run/redis-main/8f3c', '--color', 'never'], { tty: true, columns: 100 })
  for (const said of [
    '438 200 of 1 200 000 (36%) ███████████░',
    '212/s',
    'interruptions 3',
    '"inv_0043"',
    'pause, throttle, cancel',
  ])
    expect(stdout).toContain(said)
  expect(stdout).toMatch(/ends \d\d:\d\d–\d\d:\d\d/)
  runBody.parse(JSON.parse((await sluice(['describe', 'run/redis-main/8f3c', '--json'])).stdout))
})

describe('history', () => {
  const entry = (seq: number) => ({
    ...{ seq, atMs: bodies.NOW_MS - seq, actor: 'ana', act: 'pause' as const, targets: ['redis-main/emails'] },
    ...{ control: 'ctl_1', reason: 'SMTP 429, INC-482', detail: 'for 15 m', outcome: 'done' as const, hash: 'aa' },
  })
  const serve = (more: object) => {
    fake.read = (path) => {
      const url = new URL(`http://x${path}`)
      const offset = Number(url.searchParams.get('offset'))
      const items = Array.from({ length: 250 }, (_, at) => entry(250 - at)).slice(
        offset,
        offset + Number(url.searchParams.get('limit')),
      )
      return { body: { asOfMs: bodies.NOW_MS, total: 250, offset, items, isIntact: true, fault: null, ...more } }
    }
  }

  test('is the ledger, newest first, as long as asked for', async () => {
    serve({})
    const { stdout } = await sluice(['history', 'emails', '--fields', 'seq,actor,act,reason', '--limit', '2'])
    expect(stdout).toBe('SEQ\tWHO\tDID\tWHY\n250\tana\tpause\tSMTP 429, INC-482\n249\tana\tpause\tSMTP 429, INC-482\n')
    const json = historyList.parse(JSON.parse((await sluice(['history', '--limit', '250', '--json'])).stdout))
    expect(json.items).toHaveLength(250)
    expect(api.asked[0]).toMatch(/^\/history\?filter=emails&offset=0&limit=2$/)
  })

  test('one that was changed by somebody is said, and 10 under --exit-code', async () => {
    serve({ isIntact: false, fault: 'line 17 was changed' })
    const { code, stderr } = await sluice(['history', '--exit-code'])
    expect(code).toBe(10)
    expect(stderr).toContain('line 17 was changed')
  })
})
