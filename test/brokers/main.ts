/** `npm run brokers -- install|start|stop|status [redis|rabbitmq|kafka|kafka@3.9.1 …]`; without names, all of them. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BROKER_NAMES } from './brokers.ts'
import { type Installable, install } from './install.ts'
import { KAFKA_VERSIONS, kafka } from './kafka.ts'
import type { BrokerKind } from './node.ts'
import { rabbitmq } from './rabbitmq.ts'
import { redis } from './redis.ts'
import { answering, ensureShared, stopShared } from './shared.ts'
import { ROOT, type Shared } from './state.ts'

const USAGE = `npm run brokers -- COMMAND [NAME …]
  install  what is missing of the brokers' software (and of the tools tests compare with: name "tools")
  start    real brokers on 127.0.0.1, with their data under .brokers/; those that run already are left alone
  stop     them, and remove their data
  status   say which run, and where
NAME: redis, rabbitmq, kafka (${KAFKA_VERSIONS.map((version) => `kafka@${version}`).join(', ')}); all three when not given`

/** One line for a person about one broker; false when it is not as it was asked to be. */
type Command = (name: string) => Promise<boolean>

const COMMANDS: Readonly<Record<string, Command>> = { start, stop, status }

async function main(args: readonly string[]): Promise<number> {
  const [command = '', ...given] = args
  if (command === 'install') {
    return await installAll(given.length > 0 ? given : [...BROKER_NAMES, 'tools'])
  }
  const run = COMMANDS[command]
  const names = given.length > 0 ? given : command === 'start' ? BROKER_NAMES : await knownNames()
  const unknown = names.filter((name) => kindOf(name) === null)
  if (run === undefined || unknown.length > 0) {
    if (unknown.length > 0) console.error(`unknown broker: ${unknown.join(', ')}\n`)
    console.error(USAGE)
    return 2
  }
  const results = await Promise.all(names.map(run))
  return results.every((ok) => ok) ? 0 : 1
}

function kindOf(name: string): BrokerKind | null {
  if (name === 'redis') return redis
  if (name === 'rabbitmq') return rabbitmq
  const [kind, version] = name.split('@')
  if (kind !== 'kafka' || (version !== undefined && !KAFKA_VERSIONS.includes(version))) return null
  return kafka(version)
}

async function start(name: string): Promise<boolean> {
  const kind = kindOf(name)
  if (kind === null) return false
  const before = performance.now()
  try {
    const shared = await ensureShared(name, kind, { kept: true })
    const how = shared.isNew ? `started in ${seconds(performance.now() - before)}` : 'already running'
    console.log(`${describe(name, shared)}, ${how}`)
    return true
  } catch (error) {
    console.log(`${name.padEnd(12)} not started: ${error instanceof Error ? error.message : error}`)
    return false
  }
}

async function stop(name: string): Promise<boolean> {
  const before = performance.now()
  const wasKnown = await stopShared(name)
  console.log(`${name.padEnd(12)} ${wasKnown ? `stopped in ${seconds(performance.now() - before)}` : 'not running'}`)
  return true
}

async function status(name: string): Promise<boolean> {
  const kind = kindOf(name)
  if (kind === null) return false
  const shared = await answering(name, kind)
  if (shared !== null) {
    console.log(describe(name, shared))
    return true
  }
  const software = await kind.software()
  console.log(`${name.padEnd(12)} not running (${'why' in software ? software.why : `${software.version} installed`})`)
  return true
}

/** The three, and any other version that was started. */
async function knownNames(): Promise<readonly string[]> {
  const started = await readdir(join(ROOT, 'run')).catch((): string[] => [])
  return [...BROKER_NAMES, ...started.filter((name) => name.includes('@') && kindOf(name) !== null)]
}

function describe(name: string, shared: Shared): string {
  const ports = Object.entries(shared.ports).map(([use, port]) => (use === 'port' ? String(port) : `${use} ${port}`))
  return `${name.padEnd(12)} ${shared.version} on 127.0.0.1, ${ports.join(', ')}, process ${shared.pid}`
}

async function installAll(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => name !== 'tools' && kindOf(name) === null)
  if (unknown.length > 0) {
    console.error(`unknown broker: ${unknown.join(', ')}\n${USAGE}`)
    return 2
  }
  const { items, why } = await install(names as readonly Installable[])
  for (const { name, done, missing } of items) {
    const words = missing.length > 0 ? `MISSING ${missing.join(', ')}` : done.length > 0 ? done.join(', ') : 'all there'
    console.log(`${name.padEnd(12)} ${words}`)
  }
  if (why !== null) console.log(why)
  return items.every(({ missing }) => missing.length === 0) ? 0 : 1
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

process.exitCode = await main(process.argv.slice(2))
