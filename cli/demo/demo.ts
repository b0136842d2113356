import { existsSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ReadStream } from 'node:tty'
import { defaultStateDir, loadConfig } from '../../server/config.ts'
import type { Log } from '../../server/domain/log.ts'
import { formatDuration } from '../../server/domain/words.ts'
import { type Serving, serve } from '../../server/main.ts'
import { mistakesText } from '../commands/config.ts'
import { ended } from '../commands/serve.ts'
import { CliFailure, EXIT, type ExitCode } from '../exit.ts'
import { inert } from '../format/inert.ts'
import type { Io } from '../session.ts'
import { openBroker } from './broker.ts'
import { followKeys } from './keys.ts'
import { ShopProcesses } from './shop.ts'
import { World } from './world.ts'

export interface DemoSettings {
  readonly host: string | undefined
  readonly port: number | undefined
  /** When the database begins to melt by itself, ms; null = only when somebody asks for it. */
  readonly incidentAfterMs: number | null
}

export interface DemoParts {
  readonly version: string
  readonly webFolder: string
  /** The file of the program `sluice`. */
  readonly program: string
  readonly stdin: ReadStream
}

/** The shop's days are the same each time. */
const SEED = 7
/** In the demo nobody waits five minutes to see a fire. */
const OBJECTIVE = '30s'
const SOURCE = 'shop'

/** Runs the embedded engine, a shop on it and the dashboard until the person or the system ends it, and leaves nothing. */
export async function demo(io: Io, options: DemoSettings, parts: DemoParts): Promise<ExitCode> {
  const folder = temporaryFolder()
  const removeMissing = missingFolders(join(defaultStateDir(io.env), 'servers'))
  const removeFolders = () => {
    rmSync(folder, { recursive: true, force: true })
    removeMissing()
  }
  // Also when the second Ctrl-C ends the process at once.
  process.on('exit', removeFolders)
  const ends: (() => Promise<void> | void)[] = [removeFolders]
  try {
    const say = (text: string) =>
      void io.stderr.write(
        text
          .split('\n')
          .map((line) => `${inert(line)}\n`)
          .join(''),
      )
    const broker = await openBroker(io.env, say)
    ends.unshift(() => broker.close())
    const serving = await startServer(broker.url, { folder, io, options, parts, say })
    if (serving === null) return EXIT.badConfig
    const world = new World(SEED, (afterMs) => say(recoveredText(afterMs)))
    ends.unshift(() => world.close())
    const { program, stdin } = parts
    const shop = new ShopProcesses({ program, redis: broker.url, world, seed: SEED, onTrouble: say })
    // The server's first act is to remove its token: the second Ctrl-C may come any moment. Both take their time together.
    ends.unshift(async () => void (await Promise.all([serving.close(), shop.end()])))
    io.stderr.write(startText(serving, stdin.isTTY))
    ends.unshift(letPeopleMelt(world, { stdin, say, afterMs: options.incidentAfterMs }))
    await ended(io.interrupt)
    return EXIT.done
  } finally {
    for (const end of ends) await end()
    process.off('exit', removeFolders)
  }
}

function temporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'sluice-demo-'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error'
    throw new CliFailure(
      EXIT.failed,
      `cannot write to ${tmpdir()} (${code}), where the demo keeps its ledger while it runs: set TMPDIR to a folder that can be written`,
    )
  }
}

/** Folders on this path that are not there yet. @returns how to remove them again, as far as they are empty */
function missingFolders(path: string): () => void {
  const missing: string[] = []
  for (let folder = path; !existsSync(folder) && dirname(folder) !== folder; folder = dirname(folder))
    missing.push(folder)
  return () => {
    for (const folder of missing) {
      try {
        rmdirSync(folder)
      } catch {
        // Somebody else has put something there meanwhile, or it was never made.
        return
      }
    }
  }
}

interface ServerParts {
  readonly folder: string
  readonly io: Io
  readonly options: DemoSettings
  readonly parts: DemoParts
  readonly say: (text: string) => void
}

/** Null when its environment configures it wrongly; that is said. */
async function startServer(redis: string, { folder, io, options, parts, say }: ServerParts): Promise<Serving | null> {
  const flags = {
    'server.host': options.host,
    'server.port': options.port,
    'server.stateDir': folder,
    'objective.queueWait': OBJECTIVE,
    sources: { [SOURCE]: { url: redis } },
  }
  // No file: a demo shows the shop, also where a real Sluice is configured.
  const loaded = loadConfig({ file: { text: '' }, env: io.env, flags })
  if (!loaded.ok) {
    io.stderr.write(mistakesText(loaded))
    return null
  }
  const { version, webFolder } = parts
  // The token lies where `sluice top` in another terminal looks for it; it goes when the server goes.
  return serve({ config: loaded.config, version, webFolder, programsDir: defaultStateDir(io.env), log: sayingLog(say) })
}

/** What a server would log as a warning is a line for the person here, and the rest is nothing to them. */
function sayingLog(say: (text: string) => void): Log {
  const tell: Log['warn'] = (event, { why, message = why } = {}) => say(message ? `${event}: ${message}` : event)
  return { debug: () => undefined, info: () => undefined, warn: tell, error: tell }
}

/** By a key and after a time. @returns how to stop */
function letPeopleMelt(
  { database }: World,
  { stdin, say, afterMs }: { stdin: ReadStream; say: (text: string) => void; afterMs: number | null },
): () => void {
  const melt = () => {
    database.melt()
    say(MELTING)
  }
  const stopKeys = followKeys(stdin, (key) => {
    if (key !== 'i') return
    if (database.isMelting) database.repair()
    else melt()
  })
  const timer = afterMs === null ? undefined : setTimeout(melt, afterMs)
  const telling = setInterval(() => database.isMelting && say(meltingText(database)), TELL_MS)
  return () => {
    clearTimeout(timer)
    clearInterval(telling)
    stopKeys()
  }
}

/** In an incident the database tells how it does so often, ms: as its own graph would. */
const TELL_MS = 15_000

function meltingText({ slowness, busy }: World['database']): string {
  return `  database: a query takes ${slowness.toFixed(1)} times as long as usual, ${Math.round(busy * 100)} % of its connections are busy`
}

const MELTING = `incident: the database melts. An index is gone, each query takes 7 times as long, and the load makes it worse.
  Find what loads it, pause or throttle it, see it in effect; then resume with a ramp.`

function recoveredText(afterMs: number): string {
  return `the database has recovered, ${formatDuration(afterMs)} after it began. Resume what you hold back; a ramp spares it.`
}

function startText({ url, signInUrl }: Serving, hasKeys: boolean): string {
  const lines = [
    `Sluice shows a shop at work: ${signInUrl}`,
    `  the address signs one browser in, once; to look, ${url} is enough`,
    '  in another terminal: npx sluice top · npx sluice status · npx sluice pause shop/mails --for 5m --reason "try it"',
    hasKeys
      ? '  i lets the database melt (a fire to practise on), again i ends it; Ctrl-C ends everything and leaves nothing'
      : '  Ctrl-C ends everything and leaves nothing; `sluice demo incident` begins with a fire to practise on',
  ]
  return lines.map((line) => `${inert(line)}\n`).join('')
}
