import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { overviewBody } from '../../server/api/overview.ts'
import { queueBody, queueList } from '../../server/api/queue.ts'
import { sourceList } from '../../server/api/source.ts'
import { workerList } from '../../server/api/worker.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { type BullmqApp, startBullmqApp } from '../support/bullmq-app.ts'
import { eventually } from '../support/eventually.ts'
import { PROGRAM, ROOT, ran } from '../support/ran.ts'
import { startServing, type TestServing } from '../support/serving.ts'
import { startTmux, type TmuxScreen, tmuxVersion } from '../support/tmux.ts'

/** The real program in a process of its own, against the real server over a real Redis with a real BullMQ app. */
const brokers = inject('brokers')

const sluice = (argv: readonly string[], env: Record<string, string> = {}) =>
  ran([...PROGRAM, ...argv], { cwd: ROOT, env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', ...env } })

describe.skipIf(!brokers.redis)('against a real server', () => {
  let redis: StartedRedis
  let app: BullmqApp
  let serving: TestServing
  const ask = (...argv: string[]) => sluice(argv, { SLUICE_SERVER: serving.url })

  beforeAll(async () => {
    redis = await startRedis()
    app = await startBullmqApp(6, redis.port)
    serving = await startServing({ 'redis-main': { url: redis.url } })
    await eventually(async () => (await serving.get('queues')).total === 2)
  })
  afterAll(async () => {
    await serving?.close()
    await app?.close()
    await redis?.stop()
  })

  test('list queues -o json holds what BullMQ itself counts', async () => {
    const { code, stdout, stderr } = await ask('list', 'queues', '-o', 'json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { items } = queueList.parse(JSON.parse(stdout))
    const counts = await app.emails.getJobCounts('wait', 'prioritized', 'active', 'failed')
    const emails = items.find(({ name }) => name === 'emails')
    expect(emails).toMatchObject({
      ref: 'redis-main/emails',
      depth: counts.wait! + counts.prioritized!,
      active: counts.active,
      dead: counts.failed,
    })
  })

  test('what every command prints as JSON is the body that the API has', async () => {
    const parse = async (...argv: string[]) => JSON.parse((await ask(...argv, '--json')).stdout)
    overviewBody.parse(await parse('status'))
    queueBody.parse(await parse('describe', 'redis-main/emails'))
    sourceList.parse(await parse('list', 'sources'))
    expect(workerList.parse(await parse('list', 'workers')).total).toBeGreaterThan(0)
  })

  test('a table in a pipe has tabs and no escape sequence', async () => {
    const { stdout } = await ask('list', 'queues', '--sort', 'name', '--fields', 'ref,pausedBy')
    expect(stdout).toBe('QUEUE\tPAUSED\nredis-main/emails\tno\nredis-main/images\telsewhere\n')
  })

  test('a queue that is not there ends with 5 and the nearest', async () => {
    const { code, stderr } = await ask('describe', 'redis-main/email')
    expect(code).toBe(5)
    expect(stderr).toContain('did you mean\n  redis-main/emails')
  })

  test('--watch follows the live stream and ends with 130 by Ctrl-C', async () => {
    const child = spawn(process.execPath, [...PROGRAM, 'list', 'queues', '-o', 'jsonl', '--watch'], {
      cwd: ROOT,
      env: { ...process.env, SLUICE_SERVER: serving.url },
    })
    let stdout = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    await eventually(() => stdout.split('\n').length >= 3, { timeoutMs: 15_000 })
    child.kill('SIGINT')
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(130)
    queueList.parse(JSON.parse(stdout.slice(0, stdout.indexOf('\n'))))
  })

  const tmux = tmuxVersion()
  test.skipIf(!tmux)(
    `top shows, sorts, filters and gives the terminal back (${tmux ?? 'skipped: tmux is not installed'})`,
    async () => {
      const screen = startTmux(['top'], {
        SLUICE_SERVER: serving.url,
      })
      try {
        await screen.shows('redis-main/emails')
        await screen.shows('redis-main/images')
        screen.keys('2')
        await screen.shows('Queues 2')
        screen.keys('>')
        await screen.shows('sort queue')
        screen.keys('/', 'imag')
        await screen.shows('filter imag')
        await eventually(() => !screen.text().includes('redis-main/emails'), { timeoutMs: 10_000 })
        screen.keys('Enter', 'Enter')
        await screen.shows('LAST HOUR')
        screen.resize(60, 15)
        await screen.shows('Esc goes back')
        await eventually(() => expect(screen.text().match(/│ \d\d:\d\d:\d\d/g)).toHaveLength(1))
        screen.keys('q')
        await screen.shows('exit 0')
        expect(screen.text()).toMatch(/ icanon /)
        expect(screen.isAlternate()).toBe(false)
        const sent = screen.sent()
        expect(sent).toContain('\x1b[?1049h')
        expect(sent).toContain('\x1b[?25h\x1b[?1049l')
        expect(sent).not.toContain('\x1b[3J')
      } finally {
        screen.stop()
      }
    },
  )

  test.skipIf(!tmux).each([
    ['Ctrl-C', (screen: TmuxScreen) => screen.keys('C-c'), 130],
    ['SIGTERM', (screen: TmuxScreen) => screen.signal('SIGTERM'), 130],
  ])('%s ends top and gives the terminal back', async (_, end, code) => {
    const screen = startTmux(['top'], {
      SLUICE_SERVER: serving.url,
    })
    try {
      await screen.shows('redis-main/emails')
      end(screen)
      await screen.shows(`exit ${code}`)
      expect(screen.isAlternate()).toBe(false)
    } finally {
      screen.stop()
    }
  })
})

describe('without a server', () => {
  test('nothing listens: 7 and the remedy', async () => {
    const { code, stdout, stderr } = await sluice(['status', '--server', 'http://127.0.0.1:1'])
    expect({ code, stdout, stderr }).toEqual({
      code: 7,
      stdout: '',
      stderr:
        'sluice: cannot reach http://127.0.0.1:1 (connection refused): start it with `sluice serve`, or name another with --server\n',
    })
  })

  test('serve refuses a wrong configuration with 78 and names every mistake', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
    const file = join(folder, 'sluice.yaml')
    writeFileSync(file, 'server: { prot: 1 }\nsources:\n  redis-main: { url: localhost }\n')
    const served = await sluice(['serve', '--config', file])
    const checked = await sluice(['config', 'check', file])
    rmSync(folder, { recursive: true })
    for (const { code, stdout, stderr } of [served, checked]) {
      expect({ code, stdout }).toEqual({ code: 78, stdout: '' })
      expect(stderr).toContain('did you mean "port"?')
      expect(stderr).toContain('config sources.redis-main.url: expected')
      expect(stderr).toContain(`2 mistakes in ${file}`)
    }
  })

  test('serve says where it is, answers, and ends in order by SIGTERM', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
    const file = join(folder, 'sluice.yaml')
    writeFileSync(file, 'log: { level: silent }\nsources: {}\n')
    const env = { ...process.env, SLUICE_STATE_DIR: join(folder, 'state') }
    const child = spawn(process.execPath, [...PROGRAM, 'serve', '--config', file, '--port', '0'], { cwd: ROOT, env })
    let tokenOf = ''
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    try {
      const url = await eventually(
        () => /Sluice serves (http:\S+)/.exec(stderr)?.[1] ?? Promise.reject(new Error(stderr)),
        { timeoutMs: 15_000 },
      )
      expect((await sluice(['status'], { SLUICE_SERVER: url })).stdout).toContain('No source is connected')
      expect(stderr).toMatch(/\n {2}to act, sign in once: http:\S+\/#token=\S{20,}\n/)
      tokenOf = join(folder, 'state', 'servers', `127.0.0.1_${new URL(url).port}.json`)
      expect(statSync(tokenOf).mode & 0o777).toBe(0o600)
      const mine = { SLUICE_SERVER: url, SLUICE_STATE_DIR: join(folder, 'state') }
      expect((await sluice(['login'], mine)).stdout).toMatch(/^http:\S+\/#token=\S{20,}\n$/)
      expect((await sluice(['whoami'], mine)).code).toBe(0)
    } finally {
      child.kill('SIGTERM')
    }
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
    expect(existsSync(tokenOf)).toBe(false)
    rmSync(folder, { recursive: true })
  })

  test('serve on a port that is taken says so and ends with 1', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address ? String(address.port) : ''
    const folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
    writeFileSync(join(folder, 's.yaml'), 'sources: {}\n')
    const env = { SLUICE_STATE_DIR: join(folder, 'state') }
    const { code, stderr } = await sluice(['serve', '--config', join(folder, 's.yaml'), '--port', port], env)
    taken.close()
    rmSync(folder, { recursive: true })
    expect(code).toBe(1)
    expect(stderr).toContain(`port ${port} of 127.0.0.1 is taken`)
  })
})
