/** A real PostgreSQL from Debian's packages, for tests of what is staged in an application's database. */
import { execFile } from 'node:child_process'
import { chown, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { type BrokerKind, type Site, type Spawned, startPrivate } from './node.ts'
import { findProgram, launch } from './process.ts'

type PostgresPort = 'port'

/** Debian keeps the server's programs out of PATH, one folder for each major version. */
const DEBIAN = '/usr/lib/postgresql'
const USER = 'sluice'

const postgres: BrokerKind<PostgresPort> = {
  name: 'postgres',
  ports: { port: 35432 },
  startTimeoutMs: 15_000,
  async software() {
    const program = await findServerProgram('postgres')
    if (program === null) return { why: 'postgresql is not installed' }
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 5_000 })
    return { version: /(\d[\d.]*)/.exec(stdout)?.[1] ?? 'unknown' }
  },
  spawn: spawnPostgres,
  answers: ({ port }) => answersQuery(port),
}

/** Why no PostgreSQL can be started here; null when one can. With SLUICE_BROKERS=required it throws instead of telling. */
export async function postgresAbsence(): Promise<string | null> {
  const software = await postgres.software()
  if (!('why' in software)) return null
  if (process.env.SLUICE_BROKERS === 'required') throw new Error(`required but absent: ${software.why}`)
  return software.why
}

export interface StartedPostgres {
  /** For `new Client(…)` or `new Pool(…)` of pg: a superuser without a password, on loopback. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly database: string
  }
  /** Ends the server and removes its folder. Safe to call twice. */
  stop(): Promise<void>
}

/** A cluster of your own: empty, on a free loopback port, without fsync (no test kills it), gone after `stop()`. */
export async function startPostgres(): Promise<StartedPostgres> {
  const { ports, stop } = await startPrivate(postgres)
  return { connection: connectionTo(ports.port), stop }
}

function connectionTo(port: number) {
  return { host: '127.0.0.1', port, user: USER, database: 'postgres' } as const
}

async function spawnPostgres({ folder, ports }: Site<PostgresPort>): Promise<Spawned> {
  const [server, initdb] = [await findServerProgram('postgres'), await findServerProgram('initdb')]
  if (server === null || initdb === null) throw new Error('postgresql is not installed')
  const data = join(folder, 'data')
  await mkdir(data, { mode: 0o700 })
  const asUser = await unprivileged([folder, data])
  const [command = '', ...first] = [...asUser, initdb]
  const init = [...first, '-D', data, '-U', USER, '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8']
  await promisify(execFile)(command, init, { cwd: folder, timeout: 60_000 })
  const settings = { listen_addresses: '127.0.0.1', port: ports.port, unix_socket_directories: '', fsync: 'off' }
  const [program = '', ...before] = [...asUser, server]
  const args = [
    ...before,
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const logFile = join(folder, 'postgres.log')
  const pid = launch({ command: program, args, cwd: folder, env: process.env, logFile })
  return { pid, helpers: [], logFile, graceMs: 3_000 }
}

/** PostgreSQL refuses to run as root. What root starts runs as the user of Debian's package, who then owns the folders. */
async function unprivileged(folders: readonly string[]): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return []
  const idOf = async (flag: string) => Number((await promisify(execFile)('id', [flag, 'postgres'])).stdout)
  const [uid, gid] = [await idOf('-u'), await idOf('-g')]
  for (const folder of folders) await chown(folder, uid, gid)
  // It becomes the server instead of starting it, so the process id is the server's.
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--']
}

async function findServerProgram(name: string): Promise<string | null> {
  const versions = await readdir(DEBIAN).catch((): string[] => [])
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'))
  return (await findProgram(name, newestFirst)) ?? findProgram(name)
}

async function answersQuery(port: number): Promise<boolean> {
  const client = new Client({ ...connectionTo(port), connectionTimeoutMillis: 1_000, query_timeout: 1_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query('SELECT 1')).rowCount === 1
  } finally {
    await client.end()
  }
}
