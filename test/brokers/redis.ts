/**
 * A real Redis (or Valkey) from this machine's `redis-server`. Where there is none, and with SLUICE_REDIS=embedded, our own
 * engine in its place, as `sluice broker redis` starts it: the same suites run on both.
 */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ask } from './ask.ts'
import type { RedisAddress } from './brokers.ts'
import { type BrokerKind, type Site, type Spawned, startPrivate } from './node.ts'
import { findProgram, launch } from './process.ts'

type RedisPort = 'port'

export const redis: BrokerKind<RedisPort> = {
  name: 'redis',
  ports: { port: 26479 },
  startTimeoutMs: 10_000,
  async software() {
    const program = await findServer()
    if (program === null) return { version: 'embedded' }
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 5_000 })
    return { version: /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown' }
  },
  spawn: (site) => spawnRedis(site, { args: [] }),
  answers: ({ port }) => answersPing(port),
}

export function redisAddress({ port }: Readonly<Record<RedisPort, number>>): RedisAddress {
  return { url: `redis://127.0.0.1:${port}`, host: '127.0.0.1', port }
}

export interface StartedRedis extends RedisAddress {
  readonly pid: number
  /** Ends the process and removes its folder. Safe to call twice, and after the process was killed. */
  stop(): Promise<void>
}

/** A Redis of your own: nothing stored on disk, empty, gone after `stop()`. */
export async function startRedis({ port, args = [], engine }: RedisOptions = {}): Promise<StartedRedis> {
  const kind: BrokerKind<RedisPort> = { ...redis, spawn: (site) => spawnRedis(site, { args, engine }) }
  const node = await startPrivate(kind, port === undefined ? {} : { port })
  return { ...redisAddress(node.ports), pid: node.pid, stop: node.stop }
}

export interface RedisOptions {
  /** A free one when not given. */
  readonly port?: number
  /** More `redis-server` arguments, for example `['--requirepass', 'secret']`. */
  readonly args?: readonly string[]
  /** Which one, whatever stands in here. */
  readonly engine?: 'server' | 'embedded'
}

/** Whether our own engine stands in here: what needs a cluster, replicas or the rights of ACL users has to be left out. */
export const isEmbedded = (await findServer()) === null

/** Null: the embedded engine is to be used. */
async function findServer(): Promise<string | null> {
  return process.env.SLUICE_REDIS === 'embedded' ? null : findProgram('redis-server')
}

async function spawnRedis(
  { folder, ports }: Site<RedisPort>,
  { args: more, engine }: { readonly args: readonly string[]; readonly engine?: RedisOptions['engine'] },
): Promise<Spawned> {
  const command =
    engine === 'embedded' ? null : await (engine === 'server' ? findProgram('redis-server') : findServer())
  if (command === null && engine === 'server') throw new Error('redis-server is not installed')
  const logFile = join(folder, 'redis.log')
  if (command === null) {
    const args = [PROGRAM, 'broker', 'redis', '--port', String(ports.port), ...asOptions(more)]
    return {
      pid: launch({ command: process.execPath, args, cwd: folder, logFile }),
      helpers: [],
      logFile,
      graceMs: 5_000,
    }
  }
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true })
  const args = ['--bind', '127.0.0.1', '--port', String(ports.port), '--dir', data, '--save', '', '--appendonly', 'no']
  const pid = launch({ command, args: [...args, ...more], cwd: folder, env: process.env, logFile })
  return { pid, helpers: [], logFile, graceMs: 5_000 }
}

const PROGRAM = fileURLToPath(new URL('../../dist/sluice.js', import.meta.url))

/** The arguments of `redis-server` that our own engine knows too. Throws for others. */
function asOptions(args: readonly string[]): string[] {
  const names = new Map([
    ['--requirepass', '--password'],
    ['--maxmemory', '--maxmemory'],
  ])
  return args.map((arg) => {
    const name = arg.startsWith('--') ? names.get(arg) : arg
    if (name === undefined) throw new Error(`the embedded engine has no ${arg}`)
    return name
  })
}

/** A node that wants a password first runs too. One that is still loading its data does not count. */
async function answersPing(port: number): Promise<boolean> {
  const answer = await ask(port, Buffer.from('PING\r\n'), { isWhole: (bytes) => bytes.includes('\r\n') })
  return /^(\+PONG|-NOAUTH)/.test(answer.toString('latin1'))
}
