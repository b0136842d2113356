import { OpsError } from '../../domain/errors.ts'
import { type Exchange, readExchange } from './exchange.ts'
import type { HttpPeer, HttpRequest } from './http-peer.ts'
import { asObject, asObjects, asText, type JsonObject } from './json.ts'
import { NODE_COLUMNS } from './node-row.ts'
import { type Overview, readOverview } from './overview.ts'
import { FULL_COLUMNS, type QueueRow, readQueueRow, TOTALS_COLUMNS } from './queue-row.ts'

/** Answers in milliseconds; more means that the broker is in trouble. */
const SMALL_TIMEOUT_MS = 3_000
/** 1 s at 10,000 queues [3.10]. */
const TOTALS_TIMEOUT_MS = 5_000
/** 3 s at 10,000 queues [3.10], three times that on a busy machine. */
const FULL_LIST_TIMEOUT_MS = 30_000

const FULL_LIST = `/api/queues?columns=${FULL_COLUMNS.join(',')}`
const TOTALS_LIST = `/api/queues?disable_stats=true&enable_queue_totals=true&columns=${TOTALS_COLUMNS.join(',')}`

/**
 * The part of the management API that we read: nothing that computes histories, and never the bare list of queues.
 * Each throws OpsError; `malformed` when the answer is not what the API promises.
 */
export class Management {
  readonly #peer: HttpPeer

  constructor(peer: HttpPeer) {
    this.#peer = peer
  }

  async overview(signal: AbortSignal): Promise<Overview> {
    const overview = readOverview(await this.#json('/api/overview', { signal, timeoutMs: SMALL_TIMEOUT_MS }))
    return overview ?? this.#notExpected('/api/overview')
  }

  /** The user's tags, as one text; for messages. */
  async tags(signal: AbortSignal): Promise<string> {
    const answer = asObject(await this.#json('/api/whoami', { signal, timeoutMs: SMALL_TIMEOUT_MS }))
    const tags = answer?.tags
    return (Array.isArray(tags) ? tags.map(String).join(', ') : asText(tags)) || 'none'
  }

  nodes(signal: AbortSignal): Promise<readonly JsonObject[]> {
    return this.#list(`/api/nodes?columns=${NODE_COLUMNS}`, { signal, timeoutMs: SMALL_TIMEOUT_MS })
  }

  /** Alarms in force, `[{node, resource}]`; needs no right to read nodes. */
  async alarms(signal: AbortSignal): Promise<readonly JsonObject[]> {
    const request = { signal, timeoutMs: SMALL_TIMEOUT_MS, alsoStatus: 503 }
    const answer = asObject(await this.#json('/api/health/checks/alarms', request))
    return asObjects(answer?.alarms) ?? []
  }

  /**
   * All queues that the user may see, with statistics 5–8 s old. Dear: see `pace.ts`. May take longer than a collect,
   * so it ends by its own deadline, or when the peer is closed.
   */
  async fullRows(): Promise<readonly QueueRow[]> {
    const request = { signal: new AbortController().signal, timeoutMs: FULL_LIST_TIMEOUT_MS }
    return rowsOf(await this.#list(FULL_LIST, request))
  }

  /** All queues with their counts of now, without consumers, streams without counts. */
  async totalsRows(signal: AbortSignal): Promise<readonly QueueRow[]> {
    return rowsOf(await this.#list(TOTALS_LIST, { signal, timeoutMs: TOTALS_TIMEOUT_MS }))
  }

  /** One queue in full; null when it is gone. */
  async row(vhost: string, name: string, signal: AbortSignal): Promise<QueueRow | null> {
    const path = `/api/queues/${segment(vhost)}/${segment(name)}?columns=${FULL_COLUMNS.join(',')}`
    const answer = asObject(await orNull(this.#json(path, { signal, timeoutMs: SMALL_TIMEOUT_MS })))
    return answer && readQueueRow(answer)
  }

  /** Names of all connections; a user without the tag monitoring sees only its own. */
  async connectionNames(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const rows = await this.#list('/api/connections?columns=name', { signal, timeoutMs: SMALL_TIMEOUT_MS })
    return new Set(rows.map(({ name }) => asText(name)).filter((name) => name !== null))
  }

  /** Consumers of one queue; null when they are not told, or the queue is gone. */
  async consumersOf(vhost: string, name: string, signal: AbortSignal): Promise<readonly JsonObject[] | null> {
    const path = `/api/queues/${segment(vhost)}/${segment(name)}?columns=consumer_details`
    const answer = await orNull(this.#json(path, { signal, timeoutMs: SMALL_TIMEOUT_MS }))
    return asObjects(asObject(answer)?.consumer_details)
  }

  /** Null when there is no such exchange. */
  async exchange(vhost: string, name: string, signal: AbortSignal): Promise<Exchange | null> {
    const path = `/api/exchanges/${segment(vhost)}/${segment(name)}`
    const request = { signal, timeoutMs: SMALL_TIMEOUT_MS }
    const exchange = await orNull(this.#json(`${path}?columns=type`, request))
    const bindings = exchange === null ? null : await orNull(this.#list(`${path}/bindings/source`, request))
    return bindings && readExchange(exchange, bindings)
  }

  async #list(path: string, request: HttpRequest): Promise<readonly JsonObject[]> {
    return asObjects(await this.#json(path, request)) ?? this.#notExpected(path)
  }

  async #json(path: string, request: HttpRequest): Promise<unknown> {
    const text = await this.#peer.get(path, request)
    try {
      return JSON.parse(text)
    } catch {
      return this.#notExpected(path)
    }
  }

  #notExpected(path: string): never {
    const what = `${this.#peer.address}: the answer to ${path.split('?', 1)[0]} is not of a RabbitMQ management API`
    throw new OpsError('malformed', 'management', what)
  }
}

function rowsOf(list: readonly JsonObject[]): readonly QueueRow[] {
  return list.map(readQueueRow).filter((row) => row !== null)
}

/** Null when what was asked for is not there. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof OpsError && error.code === 'not-found') return null
    throw error
  }
}

/** One part of a path. A name of dots alone would be resolved away by servers: its dots are encoded too. */
function segment(name: string): string {
  return /^\.+$/.test(name) ? name.replaceAll('.', '%2E') : encodeURIComponent(name)
}
