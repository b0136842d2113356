/** What the tests of RabbitMQ share: a source over a given broker, a vhost of one's own, a proxy that writes down. */
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Queue } from '../../server/domain/queue.ts'
import { Secret } from '../../server/domain/secret.ts'
import type { Snapshot } from '../../server/domain/snapshot.ts'
import type { Source } from '../../server/domain/source.ts'
import { openRabbitmq } from '../../server/source/rabbitmq/open.ts'
import type { RabbitmqSettings } from '../../server/source/settings.ts'
import type { RabbitmqAddress } from '../brokers/brokers.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
export const systemClock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }

export interface SourceOptions {
  readonly vhost?: string
  readonly password?: string
  readonly amqpPort?: number
  /** Null: no management API. */
  readonly managementUrl?: string | null
  readonly prometheusUrl?: string
  readonly queues?: readonly string[]
}

/** A source over a broker of the tests; what is left out is as the broker is. */
export function rabbitmqSource(broker: RabbitmqAddress, options: SourceOptions = {}): Source {
  const { hostname, port } = new URL(broker.amqpUrl)
  const login = { username: broker.username, password: new Secret(options.password ?? broker.password), tls: null }
  const url = options.managementUrl === undefined ? broker.managementUrl : options.managementUrl
  const settings: RabbitmqSettings = {
    kind: 'rabbitmq',
    amqp: { host: hostname, port: options.amqpPort ?? Number(port), vhost: options.vhost ?? '/', ...login },
    management: url === null ? null : { url, ...login },
    prometheus: [options.prometheusUrl ?? broker.prometheusUrl],
    queues: options.queues ?? [],
  }
  return openRabbitmq(settings, { id: 'rabbit-1', clock: systemClock, log: quiet })
}

export function collect(source: Source, watched: readonly string[] = []): Promise<Snapshot> {
  return source.collect({ signal: AbortSignal.timeout(5_000), watched })
}

/** The queue of that vhost and name; throws when the snapshot has none. */
export function queueAt(snapshot: Snapshot, vhost: string, name: string): Queue {
  const found = snapshot.queues.find((queue) => queue.vhost === vhost && queue.name === name)
  if (!found) throw new Error(`no queue ${vhost}/${name} in the snapshot`)
  return found
}

/** Asks the management API as an operator would: makes vhosts, users, definitions. */
export async function manage(broker: RabbitmqAddress, method: string, path: string, body?: unknown): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${broker.username}:${broker.password}`).toString('base64')}`
  const answer = await fetch(`${broker.managementUrl}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  })
  const said = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${said}`)
}

/** A vhost with the broker's user in it. */
export async function createVhost(broker: RabbitmqAddress, vhost: string): Promise<void> {
  await manage(broker, 'PUT', `/api/vhosts/${vhost}`)
  const all = { configure: '.*', write: '.*', read: '.*' }
  await manage(broker, 'PUT', `/api/permissions/${vhost}/${broker.username}`, all)
}

export interface LoggingProxy {
  readonly url: string
  /** Paths with queries, as they were asked for since the last `splice`. */
  readonly asked: string[]
  /** From now on: hand through, accept and say nothing, or end every connection at once. */
  behave(how: 'pass' | 'silent' | 'drop'): void
  /** Connections open now. */
  open(): number
  stop(): Promise<void>
}

/** An HTTP proxy before one server, which writes down what is asked and can be told to misbehave. */
export async function loggingProxy(target: string): Promise<LoggingProxy> {
  const { hostname, port } = new URL(target)
  const asked: string[] = []
  const sockets = new Set<Socket>()
  let how: 'pass' | 'silent' | 'drop' = 'pass'
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (how === 'silent') return
    const { method, headers, url: path } = request
    const onward = httpRequest({ host: hostname, port, method, headers, path }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  server.on('connection', (socket) => {
    if (how === 'drop') {
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    behave(next) {
      how = next
      if (how === 'drop') for (const socket of sockets) socket.destroy()
    },
    open: () => sockets.size,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Classic queues `q.0` … in one go, by an import of definitions. */
export async function createQueues(broker: RabbitmqAddress, vhost: string, count: number): Promise<void> {
  const queues = Array.from({ length: count }, (_, n) => {
    return { name: `q.${n}`, durable: true, auto_delete: false, arguments: {} }
  })
  await manage(broker, 'POST', `/api/definitions/${vhost}`, { queues, exchanges: [], bindings: [] })
}
