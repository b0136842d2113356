import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Board } from './board/board.ts'
import { startCollector } from './board/collector.ts'
import { systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { Clock } from './domain/clock.ts'
import { OpsError } from './domain/errors.ts'
import type { Log } from './domain/log.ts'
import { createApp } from './http/app.ts'
import { Live } from './http/live.ts'
import { readWebFiles } from './http/web-files.ts'
import { findLocalSources, type LocalAddress } from './local-sources.ts'
import { createLog } from './log.ts'
import { openSource } from './source/open-source.ts'

export interface ServeOptions {
  readonly config: Config
  readonly version: string
  /** Folder of the built web page. */
  readonly webFolder: string
  /** For tests; the machine's clock and a log to stderr otherwise. */
  readonly clock?: Clock
  readonly log?: Log
}

export interface Serving {
  /** `http://127.0.0.1:7380` */
  readonly url: string
  readonly board: Board
  /** Without any configured source: the usual local addresses that were tried instead; [] otherwise. */
  readonly tried: readonly LocalAddress[]
  /** Ends streams, requests, collectors and sources, in reverse order of their start. Idempotent. */
  close(): Promise<void>
}

/** Long-running requests are cut after this when closing. */
const CLOSE_MS = 3_000

/**
 * The composition root: sources → collectors → board → HTTP.
 * @throws OpsError `refused` when the address cannot be listened on
 */
export async function serve({ config, version, webFolder, ...given }: ServeOptions): Promise<Serving> {
  const clock = given.clock ?? systemClock
  const log = given.log ?? createLog(config.log.level)
  const isConfigured = config.file !== null || config.sources.length > 0
  const local = isConfigured ? { tried: [], sources: config.sources } : await findLocalSources()
  const { sources } = local
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
  const live = new Live(board, log)
  const app = createApp({
    ...{ board, live, log, version },
    allowedHosts: [config.server.host, ...config.server.allowedHosts],
    webFiles: readWebFiles(webFolder),
  })
  const server = createServer({ maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 30_000 }, app)
  const url = await listen(server, config.server)

  const running = sources.map(({ id, settings }) => {
    const source = openSource(settings, { id, clock, log })
    const times = { intervalMs: paceOf(settings.kind), deadlineMs: config.collect.deadline }
    return { source, end: startCollector({ source, board, clock, log, ...times }) }
  })
  log.info('serving', { url, sources: sources.map(({ id }) => id) })

  let closing: Promise<void> | null = null
  const close = async () => {
    live.close()
    await closeServer(server)
    await Promise.all(running.map(({ end }) => end()))
    await Promise.all(running.map(({ source }) => source.close()))
    log.info('closed')
  }
  return { url, board, tried: local.tried, close: () => (closing ??= close()) }
}

function listen(server: Server, { host, port }: Config['server']): Promise<string> {
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
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actual}`)
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
