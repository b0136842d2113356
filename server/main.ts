import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { Board } from './board/board.ts'
import { type Collector, startCollector } from './board/collector.ts'
import { type ControlRoom, openControlRoom } from './board/control-room.ts'
import { systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { Clock } from './domain/clock.ts'
import { messageOf, OpsError } from './domain/errors.ts'
import type { Log } from './domain/log.ts'
import { Access } from './http/access.ts'
import { createApp } from './http/app.ts'
import { Live } from './http/live.ts'
import { readWebFiles } from './http/web-files.ts'
import { createLog } from './log.ts'
import { removeServerFile, type ServerFile, serverFilePath, writeServerFile } from './server-file.ts'
import { openSource } from './source/open-source.ts'

export interface ServeOptions {
  readonly config: Config
  readonly version: string
  /** Folder of the built web page. */
  readonly webFolder: string
  /** Where programs look for a server and its token; `config.server.stateDir` when not given. */
  readonly programsDir?: string
  /** For tests; the machine's clock and a log to stderr otherwise. */
  readonly clock?: Clock
  readonly log?: Log
}

export interface Serving {
  /** `http://127.0.0.1:7380` */
  readonly url: string
  /** The same with a token that signs one browser in, once. Never log it. */
  readonly signInUrl: string
  readonly board: Board
  /** Ends streams, requests, collectors and sources, in reverse order of their start. Idempotent. */
  close(): Promise<void>
}

/** Long-running requests are cut after this when closing. */
const CLOSE_MS = 3_000

/**
 * The composition root: sources → collectors → board → HTTP.
 * @throws OpsError `refused` when the address cannot be listened on, or another server has the ledger
 */
export async function serve({ config, version, webFolder, ...given }: ServeOptions): Promise<Serving> {
  const clock = given.clock ?? systemClock
  const log = given.log ?? createLog(config.log.level)
  const { sources } = config
  const paceOf = (kind: 'redis' | 'rabbitmq' | 'kafka') => config.collect[kind]
  const board = new Board({
    clock,
    objective: { queueWaitMs: config.objective.queueWait, groupLagMs: config.objective.groupLag },
    sources: sources.map(({ id, settings: { kind }, address }) => ({
      id,
      kind,
      address,
      intervalMs: paceOf(kind),
    })),
  })
  // The port first: that it is taken is the plainest sign that Sluice runs already.
  let handle: RequestListener = (_request, response) => void response.writeHead(503, { 'Retry-After': '1' }).end()
  const server = createServer(
    { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 30_000 },
    (request, response) => handle(request, response),
  )
  const { url, port } = await listen(server, config.server)
  const collectors = new Map<string, Collector>()
  const opened = sources.map(({ id, settings }) => ({ settings, source: openSource(settings, { id, clock, log }) }))
  let room: ControlRoom
  try {
    room = await openControlRoom({
      ...{ board, clock, log, folder: config.server.stateDir },
      sources: opened.map(({ source }) => ({
        ...{ id: source.id, controls: source.controls, jobs: source.jobs, sagas: source.sagas },
        refresh: () => collectors.get(source.id)?.refresh(),
      })),
    })
  } catch (error) {
    await Promise.all([closeServer(server), ...opened.map(({ source }) => source.close())])
    throw error
  }
  const host = reachable(config.server.host)
  const filePath = serverFilePath(given.programsDir ?? config.server.stateDir, { host, port })
  const signInUrl = (token: string) => `${urlOf(host, port)}/#token=${token}`
  const tell = () => {
    const { bearerToken: token, oneTimeToken } = access
    tellPrograms(filePath, { url: urlOf(host, port), token, pid: process.pid, signInUrl: signInUrl(oneTimeToken) }, log)
  }
  const access = new Access({ actor: userName(), clock, onRenewed: tell })
  const live = new Live(room, log)
  handle = createApp({
    ...{ room, access, live, log, version, isReadOnly: config.server.readOnly },
    allowedHosts: [config.server.host, ...config.server.allowedHosts],
    webFiles: readWebFiles(webFolder),
  })
  tell()

  for (const { source, settings } of opened) {
    const times = { intervalMs: paceOf(settings.kind), deadlineMs: config.collect.deadline }
    collectors.set(source.id, startCollector({ source, board, clock, log, ...times }))
  }
  log.info('serving', { url, sources: sources.map(({ id }) => id) })

  let closing: Promise<void> | null = null
  const close = async () => {
    removeServerFile(filePath, { token: access.bearerToken })
    live.close()
    await closeServer(server)
    await Promise.all([...collectors.values()].map((collector) => collector.end()))
    await room.close()
    await Promise.all(opened.map(({ source }) => source.close()))
    log.info('closed')
  }
  return {
    url,
    signInUrl: signInUrl(access.oneTimeToken),
    board,
    close: () => (closing ??= close()),
  }
}

/** The user of the operating system, as whom everybody acts who can read its files. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

/** Lets the programs of this user find the server and its tokens; without that they only look. */
function tellPrograms(path: string, file: ServerFile, log: Log): void {
  try {
    writeServerFile(path, file)
  } catch (error) {
    log.warn('no token for programs', { why: messageOf(error) })
  }
}

/** An address that means every address is none that a browser or a program can open. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function listen(server: Server, { host, port }: Config['server']): Promise<{ url: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `port ${port} of ${host} is taken: stop what listens there, or choose another with --port`
          : `cannot listen on ${host}:${port}: ${error.message}`
      reject(new OpsError('refused', 'listen', why, error))
    })
    server.listen({ host, port }, () => {
      const { port: actual } = server.address() as AddressInfo
      resolve({ url: urlOf(host, actual), port: actual })
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}
