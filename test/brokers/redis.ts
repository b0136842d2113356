/** A real Redis (or Valkey) from this machine's `redis-server`. */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ask } from './ask.ts'
import type { RedisAddress } from './brokers.ts'
import { type BrokerKind, type Site, type Spawned, startPrivate } from './node.ts'
import { findProgram, launch } from './process.ts'

type RedisPort = 'port'

export const redis: BrokerKind<RedisPort> = {
  name: 'redis',
  ports: { port: 36379 },
  startTimeoutMs: 10_000,
  async software() {
    const program = await findProgram('redis-server')
    if (program === null) return { why: 'redis-server is not installed' }
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 5_000 })
    return { version: /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown' }
  },
  spawn: (site) => spawnRedis(site, []),
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

/**
 * A Redis of your own: nothing stored on disk, empty, gone after `stop()`.
 * @param options.port a free one when not given
 * @param options.args more `redis-server` arguments, for example `['--requirepass', 'secret']`
 */
export async function startRedis(options: { port?: number; args?: readonly string[] } = {}): Promise<StartedRedis> {
  const kind: BrokerKind<RedisPort> = { ...redis, spawn: (site) => spawnRedis(site, options.args ?? []) }
  const node = await startPrivate(kind, options.port === undefined ? {} : { port: options.port })
  return { ...redisAddress(node.ports), pid: node.pid, stop: node.stop }
}

async function spawnRedis({ folder, ports }: Site<RedisPort>, more: readonly string[]): Promise<Spawned> {
  const command = await findProgram('redis-server')
  if (command === null) throw new Error('redis-server is not installed')
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true })
  const logFile = join(folder, 'redis.log')
  const args = ['--bind', '127.0.0.1', '--port', String(ports.port), '--dir', data, '--save', '', '--appendonly', 'no']
  const pid = launch({ command, args: [...args, ...more], cwd: folder, env: process.env, logFile })
  return { pid, helpers: [], logFile, graceMs: 5_000 }
}

/** A node that wants a password first runs too. One that is still loading its data does not count. */
async function answersPing(port: number): Promise<boolean> {
  const answer = await ask(port, Buffer.from('PING\r\n'), { isWhole: (bytes) => bytes.includes('\r\n') })
  return /^(\+PONG|-NOAUTH)/.test(answer.toString('latin1'))
}
