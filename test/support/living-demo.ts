import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { queueBody } from '../../server/api/queue.ts'
import { runBody } from '../../server/api/run.ts'
import { eventually } from './eventually.ts'

/** `sluice demo` as a person starts it, in a home of its own. */
export interface LivingDemo {
  readonly url: string
  /** Signs one browser in, once. */
  readonly signInUrl: string
  /** What a second terminal of the same person has. */
  readonly env: Record<string, string>
  /** What it wrote to its terminal so far. */
  said(): string
  /** Reads the API as whoever is not signed in. */
  read(path: string): Promise<unknown>
  close(): Promise<void>
}

/** Everything that a program could leave behind lies in this folder; a person works in `work`. */
export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'sluice-home-'))
  for (const name of ['tmp', 'work']) mkdirSync(join(home, name))
  return home
}

export function environmentOf(home: string): Record<string, string> {
  const { PATH = '' } = process.env
  return { PATH, HOME: home, TMPDIR: join(home, 'tmp'), NODE_NO_WARNINGS: '1' }
}

/** @param program the built one */
export async function startDemo(program: string, argv: readonly string[]): Promise<LivingDemo> {
  const home = newHome()
  const env = { ...environmentOf(home), LANG: 'C.UTF-8' }
  const child = spawn(process.execPath, [program, 'demo', '--port', '0', ...argv], {
    ...{ cwd: join(home, 'work'), env, stdio: ['ignore', 'ignore', 'pipe'] },
  })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const close = async () => {
    child.kill('SIGINT')
    await gone
    rmSync(home, { recursive: true, force: true })
  }
  const found = () => /((http:\/\/127[^/\s]+)\/#token=\S+)/.exec(said) ?? Promise.reject(new Error(`it said: ${said}`))
  try {
    const [, signInUrl = '', url = ''] = await eventually(found, { timeoutMs: 30_000 })
    const read = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v1${path}`)).json()
    return { url, signInUrl, env: { ...env, SLUICE_SERVER: url }, said: () => said, read, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** What the broker has counted, and when that was read. */
export interface Counted {
  readonly done: number
  readonly atMs: number
}

/** @param what a reference: of a run the items done, of a queue the jobs that ended, well or not */
export async function countedOf({ read }: LivingDemo, what: string): Promise<Counted> {
  const [kind, ...run] = what.split('/')
  if (kind === 'run') {
    const { tickCount, observedAtMs } = runBody.parse(await read(`/runs/${run.join('/')}`)).run
    return { done: tickCount ?? 0, atMs: observedAtMs }
  }
  const { finished, failed, observedAtMs } = queueBody.parse(await read(`/queues/${what}`)).queue
  return { done: (finished ?? 0) + (failed ?? 0), atMs: observedAtMs }
}

/** The next reading of the broker that was made at least `afterMs` after this one. */
export function countedAfter(demo: LivingDemo, what: string, { atMs }: Counted, afterMs: number): Promise<Counted> {
  const later = async () => {
    const counted = await countedOf(demo, what)
    if (counted.atMs < atMs + afterMs) throw new Error(`${what} was not read again`)
    return counted
  }
  return eventually(later, { timeoutMs: afterMs + 15_000 })
}
