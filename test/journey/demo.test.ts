import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { queueList } from '../../server/api/queue.ts'
import { runList } from '../../server/api/run.ts'
import { workerList } from '../../server/api/worker.ts'
import { findLocalSources } from '../../server/local-sources.ts'
import { freePort, portOf } from '../brokers/port.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { builtProgram } from '../support/built-program.ts'
import { eventually } from '../support/eventually.ts'
import { environmentOf, newHome } from '../support/living-demo.ts'
import { ROOT, ran } from '../support/ran.ts'
import { startTmux, tmuxVersion } from '../support/tmux.ts'

/** The first minutes with Sluice: the built program, in processes of its own, as a person starts it. */
const brokers = inject('brokers')

let program: { readonly file: string; remove(): void }
/** Everything that a run could leave behind lies in here. */
let home: string
beforeAll(async () => {
  program = await builtProgram()
})
afterAll(() => program?.remove())

const sluice = (argv: readonly string[], more: Record<string, string> = {}) =>
  ran([program.file, ...argv], { cwd: join(home, 'work'), env: { ...environmentOf(home), ...more } })

/** All that live, as [pid, pid of the parent]; not those that ended and that nobody has asked for. */
function processes(): [number, number][] {
  const rows = execFileSync('ps', ['-eo', 'stat=,pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const cells = rows.map((row) => row.trim().split(/\s+/))
  return cells.filter(([stat]) => !stat?.startsWith('Z')).map(([, pid, parent]) => [Number(pid), Number(parent)])
}

function living(pids: readonly number[]): number[] {
  const all = new Set(processes().map(([pid]) => pid))
  return pids.filter((pid) => all.has(pid))
}

/** Processes that descend from this one and live. */
function descendants(pid: number): number[] {
  const parents = processes()
  const of = (parent: number): number[] =>
    parents.flatMap(([child, its]) => (its === parent ? [child, ...of(child)] : []))
  return of(pid)
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map(({ name }) => name)
}

describe('sluice demo', () => {
  let child: ChildProcess
  let said = ''
  const found = (pattern: RegExp) => pattern.exec(said)?.[1] ?? Promise.reject(new Error(`it said: ${said}`))

  /** @returns its address */
  async function startDemo(...argv: string[]): Promise<string> {
    home = newHome()
    said = ''
    child = spawn(process.execPath, [program.file, ...argv], {
      ...{ cwd: join(home, 'work'), env: environmentOf(home), stdio: ['ignore', 'ignore', 'pipe'] as const },
    })
    child.stderr?.on('data', (chunk) => {
      said += chunk
    })
    return eventually(() => found(/(http:\/\/127[^/\s]+)/), { timeoutMs: 15_000 })
  }
  afterEach(() => {
    child?.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  })

  test('shows a shop at work within 20 s, and Ctrl-C leaves no process and no file', async () => {
    const url = await startDemo('demo', '--port', '0', '--incident-after', '3s')
    const read = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v1${path}`)).json()
    await eventually(
      async () => {
        const { items: queues } = queueList.parse(await read('/queues'))
        const named = (name: string) => queues.find((queue) => queue.name === name)
        expect(queues.map(({ system }) => system)).toContain('bullmq')
        expect(named('mails')).toMatchObject({ consumers: 2, dead: expect.toSatisfy((dead: number) => dead > 0) })
        expect(named('reminders')?.delayed).toBeGreaterThan(0)
        expect(named('thumbnails')).toMatchObject({ system: 'bullmq', consumers: 2 })
        // Its consumer was there, and is gone.
        expect(named('loyalty-points')).toMatchObject({
          consumers: 0,
          severity: expect.stringMatching(/warning|critical/),
        })
        expect(named('loyalty-points')?.finished).toBeGreaterThan(0)
        const { items: runs } = runList.parse(await read('/runs'))
        const backfill = runs.find(({ job }) => job === 'BackfillInvoices')
        expect(backfill).toMatchObject({ status: 'running', tickTotal: 90_000 })
        expect(backfill?.tickCount).toBeGreaterThan(0)
        expect(runs.some(({ job, status }) => job === 'PlaceOrder' && status === 'succeeded')).toBe(true)
        expect(workerList.parse(await read('/workers')).total).toBeGreaterThanOrEqual(9)
      },
      { timeoutMs: 20_000 },
    )
    await eventually(() => found(/(incident: the database melts)/))

    // What a second terminal needs is there: it can act.
    const { code, stderr } = await sluice(
      ['pause', 'shop/back-office', '--for', '1m', '--reason', 'INC-7, it melts', '--yes'],
      { SLUICE_SERVER: url },
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })

    const family = descendants(child.pid!)
    expect(family.length).toBeGreaterThanOrEqual(4)
    const gone = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    expect(await gone).toBe(0)
    expect(living(family)).toEqual([])
    expect(filesUnder(home)).toEqual(['tmp', 'work'])
  }, 45_000)

  test('is what npm start shows where nothing is configured and found, and takes its processes with it when it is killed', async () => {
    // On a machine with a broker of its own that one is shown instead.
    const isBare = (await findLocalSources()).sources.length === 0
    await startDemo(...(isBare ? ['serve', '--demo'] : ['demo']), '--port', '0')
    expect(said.includes('this is the demo')).toBe(isBare)
    await eventually(() => descendants(child.pid!).length >= 4)
    const family = descendants(child.pid!)
    child.kill('SIGKILL')
    await eventually(() => living(family).length === 0)
  }, 20_000)

  test.skipIf(tmuxVersion() === null)(
    'lets its database melt and recover by a key, and gives the terminal back',
    async () => {
      home = newHome()
      const screen = startTmux(['demo', '--port', '0'], environmentOf(home), [program.file])
      try {
        await screen.shows('i lets the database melt')
        screen.keys('i')
        await screen.shows('incident: the database melts')
        screen.keys('i')
        await screen.shows('the database has recovered')
        screen.keys('C-c')
        await screen.shows('exit 0')
        expect(screen.text()).toMatch(/ icanon .* echo /s)
      } finally {
        screen.stop()
      }
      expect(filesUnder(home)).toEqual(['tmp', 'work'])
    },
    30_000,
  )

  test('says in one sentence that the port is taken, and that it may not write', async () => {
    home = newHome()
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const refused = await sluice(['demo', '--port', String(portOf(taken))])
    taken.close()
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^sluice: port \d+ of 127.0.0.1 is taken: .*--port\n$/),
    })
    const { code, stderr } = await sluice(['demo', '--port', '0'], { TMPDIR: join(home, 'nowhere') })
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^sluice: cannot write to .*TMPDIR.*\n$/),
    })
    expect(filesUnder(home)).toEqual(['tmp', 'work'])
  })
})

describe.skipIf(!brokers.redis)('init and doctor', () => {
  let redis: StartedRedis
  beforeAll(async () => {
    redis = await startRedis({ args: ['--requirepass', 'geheim'] })
  })
  afterAll(() => redis?.stop())
  afterEach(() => rmSync(home, { recursive: true, force: true }))
  const withPassword = () => redis.url.replace('//', '//:geheim@')

  test('what init writes for a Redis of the environment, doctor finds good, and neither tells the password', async () => {
    home = newHome()
    const env = { REDIS_URL: withPassword() }
    const written = await sluice(['init'], env)
    expect(written).toMatchObject({ code: 0, stderr: expect.stringContaining('redis-main: REDIS_URL') })
    const text = readFileSync(join(home, 'work', 'sluice.yaml'), 'utf8')
    expect(text).not.toContain('geheim')
    const { code, stdout } = await sluice(['doctor', 'redis-main', '--json'], env)
    expect(stdout).not.toContain('geheim')
    const { sources } = JSON.parse(stdout) as { sources: { checks: { step: string; state: string }[] }[] }
    const states = Object.fromEntries(sources[0]?.checks.map(({ step, state }) => [step, state]) ?? [])
    const ok = { dns: 'ok', tcp: 'ok', auth: 'ok', rights: 'ok', version: 'ok', health: 'ok', clock: 'ok', cost: 'ok' }
    expect({ code, ...states }).toEqual({ code: 0, ...ok, tls: 'skipped' })
  })

  test('init leaves a file as it is until it is forced', async () => {
    home = newHome()
    const file = join(home, 'work', 'sluice.yaml')
    writeFileSync(file, 'mine: true\n')
    expect(await sluice(['init'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--force') })
    expect(readFileSync(file, 'utf8')).toBe('mine: true\n')
    expect((await sluice(['init', '--force'])).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toContain('sources:')
  })

  test('doctor names the step that fails and what to do: a password that is wrong, a port that is closed', async () => {
    home = newHome()
    const closed = await freePort()
    const sources = `sources: { a: "redis://:wrong@127.0.0.1:${redis.port}", b: "kafka://127.0.0.1:${closed}" }\n`
    writeFileSync(join(home, 'work', 'sluice.yaml'), sources)
    const { code, stdout } = await sluice(['doctor'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^a\ttcp\tok\t/m)
    expect(stdout).toMatch(/^a\tauth\tfailed\t.*wrong user name or password.*\tset username and password/m)
    expect(stdout).toMatch(/^b\ttcp\tfailed\t.*ECONNREFUSED\tnothing listens there/m)
    expect((await sluice(['doctor', 'bb'])).stderr).toContain('did you mean b?')
  })
})

test.each(['demo', 'npm start'])('an old Node.js is told so in one sentence by %s', async (how) => {
  home = newHome()
  const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.0' } })`
  const files = how === 'demo' ? [program.file, 'demo'] : [join(ROOT, 'cli', 'launch.mjs'), 'start']
  const argv = ['--import', `data:text/javascript,${encodeURIComponent(old)}`, ...files]
  const { code, stderr } = await ran(argv, { env: environmentOf(home), timeout: 10_000 })
  rmSync(home, { recursive: true, force: true })
  expect(`${code} ${stderr}`).toBe('1 Sluice needs Node.js 20.19 or newer; this is 18.19.0.\n')
})
