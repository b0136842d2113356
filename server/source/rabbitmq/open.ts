import { OpsError } from '../../domain/errors.ts'
import type { Cost, Snapshot } from '../../domain/snapshot.ts'
import type { CollectRequest, Source, SourceContext } from '../../domain/source.ts'
import type { RabbitmqSettings } from '../settings.ts'
import { HttpPeer } from './http-peer.ts'
import { PassiveReader } from './passive.ts'
import { Reader, type Reading } from './reader.ts'

const PROMETHEUS_PORT = 15692

/** Codes after which asking the queues themselves, by AMQP, still tells something. */
const MANAGEMENT_CLOSED: ReadonlySet<string> = new Set(['unreachable', 'timeout', 'refused', 'malformed', 'not-found'])

/**
 * A RabbitMQ (or LavinMQ) broker, read by its management API and Prometheus ports; where the management API cannot be
 * reached, the configured queues are asked by AMQP. Connects in `collect`; after a failure the next one starts anew.
 */
export function openRabbitmq(settings: RabbitmqSettings, context: SourceContext): Source {
  const { clock } = context
  const { management } = settings
  const peers: HttpPeer[] = []
  let reader: Reader | null = null
  if (management) {
    const api = new HttpPeer({ url: management.url, login: management, tls: management.tls })
    const ports = prometheusUrls(settings).map((url) => new HttpPeer({ url, login: null, tls: management.tls }))
    peers.push(api, ...ports)
    reader = new Reader(api, ports, { clock, log: context.log, source: context.id })
  }
  const passive = new PassiveReader(settings)
  const costs = (): readonly Cost[] => [...peers.map(({ cost }) => cost), passive.cost]

  const read = async (request: CollectRequest): Promise<Reading> => {
    if (!reader) return passive.read(request.signal)
    try {
      const reading = await reader.read(request)
      await passive.close()
      return reading
    } catch (error) {
      if (!(error instanceof OpsError) || !MANAGEMENT_CLOSED.has(error.code) || settings.queues.length === 0)
        throw error
      const reading = await passive.read(request.signal).catch(() => {
        throw error
      })
      const gap = { what: 'the management API', code: error.code, message: error.message }
      return { ...reading, gaps: [gap, ...reading.gaps] }
    }
  }

  return {
    id: context.id,
    kind: 'rabbitmq',
    async collect(request): Promise<Snapshot> {
      const takenAtMs = clock.nowMs()
      const startMs = clock.monotonicMs()
      const before = total(costs())
      const reading = await read(request)
      const after = total(costs())
      return {
        source: context.id,
        kind: 'rabbitmq',
        takenAtMs,
        tookMs: clock.monotonicMs() - startMs,
        cost: {
          commands: after.commands - before.commands,
          bytesSent: after.bytesSent - before.bytesSent,
          bytesRead: after.bytesRead - before.bytesRead,
        },
        ...reading,
        groups: [],
        runs: [],
        workers: [],
      }
    },
    async close(): Promise<void> {
      for (const peer of peers) peer.close()
      await passive.close()
    },
  }
}

/** As configured, or the usual port of the management host. */
function prometheusUrls({ prometheus, management }: RabbitmqSettings): readonly string[] {
  if (prometheus !== null || management === null) return prometheus ?? []
  const url = new URL(management.url)
  return [`http://${url.hostname}:${PROMETHEUS_PORT}`]
}

function total(costs: readonly Cost[]): Cost {
  return costs.reduce(
    (sum, cost) => ({
      commands: sum.commands + cost.commands,
      bytesSent: sum.bytesSent + cost.bytesSent,
      bytesRead: sum.bytesRead + cost.bytesRead,
    }),
    { commands: 0, bytesSent: 0, bytesRead: 0 },
  )
}
