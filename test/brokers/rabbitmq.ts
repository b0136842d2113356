/** A real RabbitMQ from this machine's Erlang and `rabbitmq-server`, apart from the node a package may have set up. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ask } from './ask.ts'
import type { RabbitmqAddress } from './brokers.ts'
import { type BrokerKind, type Site, type Spawned, startPrivate } from './node.ts'
import { findProgram, launch, stopProcess, untilAnswers } from './process.ts'
import { readShared } from './state.ts'

type RabbitmqPort = 'amqp' | 'management' | 'prometheus' | 'distribution' | 'epmd'
type RabbitmqSite = Site<RabbitmqPort>

/** Where packages put the scripts themselves; the ones in PATH may be wrappers that insist on a user of their own. */
const SCRIPT_FOLDERS: readonly string[] = ['/usr/lib/rabbitmq/bin', '/opt/homebrew/sbin', '/usr/local/sbin']
const NODE_NAME = 'sluice@localhost'
/** The user RabbitMQ creates on an empty node; it may log in from loopback only. */
const USER = 'guest'

export const rabbitmq: BrokerKind<RabbitmqPort> = {
  name: 'rabbitmq',
  ports: { amqp: 26672, management: 27672, prometheus: 27692, distribution: 27682, epmd: 27669 },
  startTimeoutMs: 60_000,
  async software() {
    const script = await findScript('rabbitmq-server')
    if (script === null) return { why: 'rabbitmq-server is not installed' }
    if ((await findProgram('epmd')) === null) return { why: 'epmd, a part of Erlang, is not installed' }
    return { version: /rabbitmq_server-([\d.]+)/.exec(await realpath(script))?.[1] ?? 'unknown' }
  },
  spawn: (site) => spawnRabbitmq(site, {}),
  answers,
}

export function rabbitmqAddress(ports: Readonly<Record<RabbitmqPort, number>>): RabbitmqAddress {
  return {
    amqpUrl: `amqp://${USER}:${USER}@127.0.0.1:${ports.amqp}`,
    managementUrl: `http://127.0.0.1:${ports.management}`,
    prometheusUrl: `http://127.0.0.1:${ports.prometheus}`,
    username: USER,
    password: USER,
  }
}

export interface RabbitmqOptions {
  /** More lines of `rabbitmq.conf`. */
  readonly config?: readonly string[]
  /** More plugins than management and prometheus, for example `['rabbitmq_shovel']`. */
  readonly plugins?: readonly string[]
}

export interface StartedRabbitmq extends RabbitmqAddress {
  readonly pid: number
  readonly folder: string
  /** Runs `rabbitmqctl` against this node and resolves with what it printed. */
  ctl(args: readonly string[]): Promise<string>
  /** Ends the node and its epmd and removes its folder. Safe to call twice, and after the node was killed. */
  stop(): Promise<void>
}

/** A RabbitMQ of your own, empty, on free ports; takes some 5 s to start, so prefer a vhost of your own on the shared one. */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<StartedRabbitmq> {
  const node = await startPrivate({ ...rabbitmq, spawn: (site: RabbitmqSite) => spawnRabbitmq(site, options) })
  const { folder, ports, pid, stop } = node
  return { ...rabbitmqAddress(ports), pid, folder, ctl: (args) => runCtl(node, args), stop }
}

/**
 * Runs `rabbitmqctl -q` against the shared node: `await rabbitmqctl(['list_queues', '-p', vhost, 'name', 'messages'])`.
 * @throws when the shared node does not run, or the command fails (its message then holds what it printed)
 */
export async function rabbitmqctl(args: readonly string[]): Promise<string> {
  const shared = await readShared<RabbitmqPort>('rabbitmq')
  if (shared === null) throw new Error('the shared RabbitMQ does not run: npm run brokers -- start rabbitmq')
  return runCtl(shared, args)
}

async function runCtl(site: RabbitmqSite, args: readonly string[]): Promise<string> {
  const script = await findScript('rabbitmqctl')
  if (script === null) throw new Error('rabbitmqctl is not installed')
  const { stdout } = await promisify(execFile)(script, ['-q', '-n', NODE_NAME, ...args], {
    env: environment(site),
    cwd: site.folder,
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout
}

async function spawnRabbitmq(site: RabbitmqSite, { config = [], plugins = [] }: RabbitmqOptions): Promise<Spawned> {
  const [server, epmd] = await Promise.all([findScript('rabbitmq-server'), findProgram('epmd')])
  if (server === null || epmd === null) throw new Error('rabbitmq-server or epmd is not installed')
  const { folder, ports } = site
  await mkdir(join(folder, 'log'), { recursive: true })
  await Promise.all([
    writeFile(join(folder, 'rabbitmq.conf'), [...configOf(ports), ...config, ''].join('\n')),
    writeFile(join(folder, 'rabbitmq-env.conf'), ''),
    writeFile(
      join(folder, 'enabled_plugins'),
      `[${['rabbitmq_management', 'rabbitmq_prometheus', ...plugins].join(',')}].\n`,
    ),
    writeFile(join(folder, '.erlang.cookie'), randomBytes(15).toString('hex'), { mode: 0o400 }),
  ])
  const env = environment(site)
  const logFile = join(folder, 'log', 'console.log')
  // Started here and not by the node itself, which would leave behind a daemon nobody knows the process id of.
  const epmdPid = launch({ command: epmd, args: [], cwd: folder, env, logFile })
  const awaited = { name: 'epmd', pid: epmdPid, logFile, timeoutMs: 5_000, answers: () => answersNames(ports.epmd) }
  try {
    await untilAnswers(awaited)
    const pid = launch({ command: server, args: [], cwd: folder, env, logFile })
    // A clean stop takes it 6 s. Killed, it leaves nothing either: its port programs end with the pipe to it.
    return { pid, helpers: [epmdPid], logFile, graceMs: 0 }
  } catch (error) {
    await stopProcess(epmdPid, 1_000)
    throw error
  }
}

function configOf(ports: RabbitmqSite['ports']): readonly string[] {
  return [
    `listeners.tcp.1 = 127.0.0.1:${ports.amqp}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${ports.management}`,
    'prometheus.tcp.ip = 127.0.0.1',
    `prometheus.tcp.port = ${ports.prometheus}`,
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
  ]
}

/** Everything the node would otherwise take from the machine: its files, its cookie, its names, its ports. */
function environment({ folder, ports }: RabbitmqSite): NodeJS.ProcessEnv {
  const loopback = '-kernel inet_dist_use_interface {127,0,0,1}'
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: folder,
    RABBITMQ_NODENAME: NODE_NAME,
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'node.pid'),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-start_epmd false ${loopback}`,
    RABBITMQ_CTL_ERL_ARGS: `-start_epmd false ${loopback}`,
    // The default range begins at the shared node's AMQP port.
    RABBITMQ_CTL_DIST_PORT_MIN: '45700',
    RABBITMQ_CTL_DIST_PORT_MAX: '45749',
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // The start script then becomes the node instead of watching it, so its process id is the node's.
    RUNNING_UNDER_SYSTEMD: 'true',
  }
}

/** Ready is: the management API knows its user, the AMQP port greets, and Prometheus has its figures. */
async function answers(ports: RabbitmqSite['ports']): Promise<boolean> {
  const signal = AbortSignal.timeout(1_000)
  const authorization = `Basic ${Buffer.from(`${USER}:${USER}`).toString('base64')}`
  const whoami = await fetch(`http://127.0.0.1:${ports.management}/api/whoami`, { headers: { authorization }, signal })
  await whoami.arrayBuffer()
  if (!whoami.ok) return false
  const identity = await fetch(`http://127.0.0.1:${ports.prometheus}/metrics/detailed`, { signal })
  await identity.arrayBuffer()
  // Connection.Start is the frame (type 1, channel 0) with which a server answers the protocol header.
  const greeting = await ask(ports.amqp, Buffer.from('AMQP\0\0\x09\x01'), { isWhole: (bytes) => bytes.length >= 8 })
  return identity.ok && greeting[0] === 1
}

/** EPMD's NAMES_REQ; it answers its own port and closes. */
async function answersNames(port: number): Promise<boolean> {
  const answer = await ask(port, Buffer.from([0, 1, 110]), { isWhole: (bytes) => bytes.length >= 4 })
  return answer.readUInt32BE(0) === port
}

async function findScript(name: string): Promise<string | null> {
  return (await findProgram(name, SCRIPT_FOLDERS)) ?? findProgram(name)
}
