/** Installing what the brokers and the tools the tests compare with need, where that can be done without asking. */
import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { fetchKafka, fetchKafkaTools, hasKafka, hasKafkaTools } from './maven.ts'
import { findProgram } from './process.ts'

/** What can be asked for: the three brokers (Kafka also by version), and the programs that only tests use. */
export type Installable = 'redis' | 'rabbitmq' | 'kafka' | 'tools' | `kafka@${string}`

export interface Installed {
  readonly name: Installable
  /** What was done; empty when nothing was missing. */
  readonly done: readonly string[]
  /** What is still missing: packages by name, jars with the reason. Empty when all is there. */
  readonly missing: readonly string[]
}

export interface Report {
  readonly items: readonly Installed[]
  /** Why the missing packages could not be installed, and what to do; null when none is missing. */
  readonly why: string | null
}

/** Debian packages by what they are for. */
const PACKAGES: Readonly<Record<'redis' | 'rabbitmq' | 'kafka' | 'tools', readonly string[]>> = {
  redis: ['redis-server'],
  rabbitmq: ['rabbitmq-server'],
  kafka: ['default-jre-headless', 'maven'],
  // Sidekiq (Ruby), Celery and RQ (Python) and kcat are the other side in tests; Chromium and a typeface are for the pages, tmux for the terminal,
  // PostgreSQL for what applications stage in their database.
  tools: [
    ...['ruby-sidekiq', 'ruby-redis', 'python3-celery', 'python3-rq', 'kcat', 'tmux', 'jq'],
    ...['chromium', 'fonts-inter', 'fonts-dejavu-core', 'postgresql'],
  ],
}
/** A package is not needed where its program is there already, however it got there. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'redis-server': 'redis-server',
  'rabbitmq-server': 'rabbitmq-server',
  'default-jre-headless': 'java',
  maven: 'mvn',
  kcat: 'kcat',
  tmux: 'tmux',
  jq: 'jq',
  chromium: 'chromium',
}

/** Installs what is missing, in one go; quick and offline when nothing is. Never throws for what cannot be had. */
export async function install(names: readonly Installable[]): Promise<Report> {
  const wanted = new Set<string>()
  for (const name of names) for (const one of await neededPackages(name)) wanted.add(one)
  const { installed, why } = await installPackages(await missingPackages([...wanted]))
  const items: Installed[] = []
  for (const name of names) {
    const packages = PACKAGES[kindOf(name)]
    const jars = kindOf(name) === 'kafka' ? await fetchJars(name) : { done: [], missing: [] }
    const lacking = await missingPackages(await neededPackages(name))
    const done = installed.filter((one) => packages.includes(one) && !lacking.includes(one))
    items.push({ name, done: [...done, ...jars.done], missing: [...lacking, ...jars.missing] })
  }
  return { items, why }
}

function kindOf(name: Installable): 'redis' | 'rabbitmq' | 'kafka' | 'tools' {
  return name === 'redis' || name === 'rabbitmq' || name === 'tools' ? name : 'kafka'
}

/** Maven is only needed while there are jars to fetch. */
async function neededPackages(name: Installable): Promise<readonly string[]> {
  const packages = PACKAGES[kindOf(name)]
  if (kindOf(name) !== 'kafka') return packages
  const fetched = (await hasKafka(name.split('@')[1])) && (await hasKafkaTools())
  return fetched ? packages.filter((one) => one !== 'maven') : packages
}

async function fetchJars(name: string): Promise<{ done: readonly string[]; missing: readonly string[] }> {
  const version = name.split('@')[1]
  const done: string[] = []
  const missing: string[] = []
  for (const fetch of [() => fetchKafka(version), fetchKafkaTools]) {
    try {
      const what = await fetch()
      if (what !== null) done.push(what)
    } catch (error) {
      missing.push(error instanceof Error ? error.message : String(error))
    }
  }
  return { done, missing }
}

async function missingPackages(packages: readonly string[]): Promise<readonly string[]> {
  const missing: string[] = []
  for (const one of packages) {
    const program = PROGRAMS[one]
    const there = program === undefined ? await hasPackage(one) : (await findProgram(program)) !== null
    if (!there) missing.push(one)
  }
  return missing
}

async function hasPackage(name: string): Promise<boolean> {
  const query = promisify(execFile)('dpkg-query', ['-W', '-f', '$' + '{Status}', name], { timeout: 10_000 })
  return query.then(
    ({ stdout }) => stdout === 'install ok installed',
    () => false,
  )
}

interface Attempt {
  readonly installed: readonly string[]
  /** Why packages were not installed; null when apt reported success. */
  readonly why: string | null
}

async function installPackages(packages: readonly string[]): Promise<Attempt> {
  if (packages.length === 0) return { installed: [], why: null }
  if ((await findProgram('apt-get')) === null) {
    return { installed: [], why: 'this machine has no apt-get: install the missing packages as this system does it' }
  }
  if (process.getuid?.() !== 0) {
    return { installed: [], why: `only root can install packages: sudo apt-get install ${packages.join(' ')}` }
  }
  await apt(['update'])
  const code = await apt(['install', '-y', '--no-install-recommends', ...packages])
  if (code === 0) return { installed: packages, why: null }
  // One package that this release does not have must not keep the others away.
  const installed: string[] = []
  for (const one of packages)
    if ((await apt(['install', '-y', '--no-install-recommends', one])) === 0) installed.push(one)
  return { installed, why: 'apt-get could not install the missing packages: see above' }
}

const APT_TIMEOUT_MS = 900_000

function apt(args: readonly string[]): Promise<number | null> {
  console.log(`apt-get ${args.join(' ')}`)
  return new Promise((resolve) => {
    const child = spawn('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      // apt says a line for every package; only what goes wrong is of interest.
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: APT_TIMEOUT_MS,
    })
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
}
