import { connect } from 'node:net'
import type { Config } from './config.ts'
import { readSource } from './config-sources.ts'

/** One usual local address, and whether something listens there. */
export interface LocalAddress {
  readonly id: string
  readonly url: string
  readonly listens: boolean
}

interface LocalSources {
  /** None when something is configured. */
  readonly tried: readonly LocalAddress[]
  readonly sources: Config['sources']
}

const USUAL = [
  { id: 'redis-local', url: 'redis://127.0.0.1:6379/0', port: 6379 },
  { id: 'rabbit-local', url: 'amqp://guest:guest@127.0.0.1:5672/', port: 5672 },
  { id: 'kafka-local', url: 'kafka://127.0.0.1:9092', port: 9092 },
] as const

const PROBE_MS = 500

/** What a server reads: what is configured; without any configuration, what listens on the usual local ports. */
export async function sourcesOf({ file, sources }: Config): Promise<LocalSources> {
  return file === null && sources.length === 0 ? findLocalSources() : { tried: [], sources }
}

/** Tries the three usual local ports, for a start without any configuration. Takes at most half a second. */
export async function findLocalSources(): Promise<LocalSources> {
  const tried = await Promise.all(USUAL.map(async ({ id, url, port }) => ({ id, url, listens: await listens(port) })))
  const sources = tried.filter((one) => one.listens).flatMap(({ id, url }) => readSource(id, { url }, []))
  return { tried, sources }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: PROBE_MS })
    const end = (found: boolean) => {
      socket.destroy()
      resolve(found)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}
