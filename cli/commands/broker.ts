import { type RedisBroker, type RedisBrokerOptions, redisBroker } from '../../server/broker/index.ts'
import type { Log } from '../../server/domain/log.ts'
import { CliFailure, EXIT, type ExitCode, usage } from '../exit.ts'
import { inert } from '../format/inert.ts'
import type { BrokerOptions } from '../program-broker.ts'
import type { Io } from '../session.ts'
import { ended, redacted } from './serve.ts'

/** Redis' own, so that a client without configuration finds it. */
const DEFAULT_PORT = 6379

/** Runs an embedded broker until the person or the system ends it. */
export async function runBroker(kind: string, options: BrokerOptions, io: Io): Promise<ExitCode> {
  if (kind !== 'redis') throw usage(`broker: there is redis, got "${inert(kind)}"`)
  let fail: (error: Error) => void = () => undefined
  const failure = new Promise<Error>((resolve) => {
    fail = resolve
  })
  const broker = await started({ ...wanted(options, io), onFailure: (error) => fail(error) })
  io.stdout.write(`${startLine(broker)}\n`)
  const error = await Promise.race([ended(io.interrupt), failure])
  await broker.close()
  if (error !== undefined) throw new CliFailure(EXIT.failed, error.message)
  return EXIT.done
}

function wanted(options: BrokerOptions, io: Io): RedisBrokerOptions {
  const { host, data, durability, maxmemory } = options
  const password = options.password ?? io.env.SLUICE_BROKER_PASSWORD
  return {
    port: options.port ?? DEFAULT_PORT,
    ...(host === undefined ? {} : { host }),
    ...(password === undefined ? {} : { password }),
    ...(data === undefined ? {} : { data }),
    ...(durability === undefined ? {} : { durability }),
    ...(maxmemory === undefined ? {} : { maxMemoryBytes: maxmemory }),
    acceptsDamage: options.acceptDamage ?? false,
    log: linesOn(io),
  }
}

async function started(options: RedisBrokerOptions): Promise<RedisBroker> {
  try {
    return await redisBroker(options)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    throw new CliFailure(EXIT.failed, isTaken ? `${message}: choose another with --port, or 0 for any` : message)
  }
}

function startLine({ url, mode, data }: RedisBroker): string {
  const where = data === null ? 'nothing is kept on disk' : `data in ${data}`
  return inert(`embedded Redis-compatible engine at ${redacted(url)}, durability ${mode}, ${where}`)
}

/** What goes wrong, and nothing else, on stderr. */
function linesOn(io: Io): Log {
  const line = (event: string, fields: Record<string, unknown> = {}) => {
    const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`)
    io.stderr.write(`${inert(['sluice:', event, ...words].join(' '))}\n`)
  }
  return { debug: () => undefined, info: () => undefined, warn: line, error: line }
}
