import { messageOf, OpsError } from '../../domain/errors.ts'
import type { SourceContext } from '../../domain/source.ts'
import type { Api } from '../../wire/kafka/message.ts'
import { metadata } from '../../wire/kafka/messages/metadata.ts'
import type { Decoded, Draft, Fields } from '../../wire/kafka/schema.ts'
import type { HostPort, KafkaSettings } from '../settings.ts'
import { type BrokerConnection, connectToBroker, type Meter } from './connection.ts'
import {
  BROKERS_MAX,
  METADATA_BYTES_PER_S,
  METADATA_EVERY_MS_MAX,
  RETRY_FIRST_MS,
  RETRY_LAST_MS,
  STAGGER_MS,
} from './limits.ts'

export type ClusterMetadata = Decoded<typeof metadata.response>

/** Sends a request to one broker by its id. Rejects with OpsError. */
export type Ask = <Q extends Fields, S extends Fields>(
  node: number,
  api: Api<Q, S>,
  body: Draft<Q>,
) => Promise<Decoded<S>>

interface Failure {
  readonly error: OpsError
  readonly times: number
  readonly atMs: number
}

/**
 * The brokers of one cluster: who they are, and one connection to each, opened when first needed. The addresses are
 * those that the brokers advertise; the configured ones serve only to ask for these.
 */
export class Cluster {
  readonly meter: Meter = { commands: 0, bytesSent: 0, bytesRead: 0 }
  readonly #settings: KafkaSettings
  readonly #context: SourceContext
  readonly #connections = new Map<number, BrokerConnection>()
  /** Connections being opened in this refresh, so that many requests share one. */
  readonly #opening = new Map<number, Promise<BrokerConnection>>()
  readonly #failures = new Map<number, Failure>()
  /** Brokers that failed in this refresh: not tried twice in it. */
  readonly #failedNow = new Set<number>()
  #metadata: ClusterMetadata | null = null
  #metadataDueMs = 0
  #signal: AbortSignal = AbortSignal.abort()

  constructor(settings: KafkaSettings, context: SourceContext) {
    this.#settings = settings
    this.#context = context
  }

  get brokers(): ClusterMetadata['brokers'] {
    return this.#metadata?.brokers ?? []
  }

  /** Why the last attempt to reach a broker failed; null when it did not. */
  failureOf(node: number): OpsError | null {
    return this.#failures.get(node)?.error ?? null
  }

  /** Leaders turned out to be others than we thought: ask again at the next refresh. */
  metadataIsStale(): void {
    this.#metadataDueMs = 0
  }

  /** Begins a refresh: what is open and usable stays, the signal bounds all that follows. Gives the metadata, read again when due. */
  async begin(signal: AbortSignal): Promise<{ readonly metadata: ClusterMetadata; readonly isFresh: boolean }> {
    this.#signal = signal
    this.#opening.clear()
    this.#failedNow.clear()
    for (const [node, connection] of this.#connections) {
      if (connection.isUsable()) continue
      connection.close()
      this.#connections.delete(node)
    }
    const known = this.#metadata
    if (known && this.#connections.size > 0 && this.#context.clock.monotonicMs() < this.#metadataDueMs) {
      return { metadata: known, isFresh: false }
    }
    return { metadata: await this.#refresh(), isFresh: true }
  }

  readonly ask: Ask = async (node, api, body) => {
    const connection = await this.#connectionTo(node)
    try {
      const answer = await bounded(connection.ask(api, body), connection, this.#signal)
      this.#failures.delete(node)
      return answer
    } catch (thrown) {
      const error = asOpsError(thrown, api.name)
      if (error.code !== 'unsupported') this.#failed(node, error)
      throw error
    }
  }

  versionOf(node: number, api: Api): number | null {
    return this.#connections.get(node)?.versionOf(api) ?? null
  }

  /** Opens the connection to a broker if need be, so that its versions are known. Rejects with OpsError. */
  async reach(node: number): Promise<void> {
    await this.#connectionTo(node)
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }

  async #refresh(): Promise<ClusterMetadata> {
    const before = this.meter.bytesRead
    const fresh = await this.#fromOpenConnection().then((found) => found ?? this.#fromBootstrap())
    if (fresh.brokers.length > BROKERS_MAX) {
      const message = `the metadata names ${fresh.brokers.length} brokers, at most ${BROKERS_MAX} are believed`
      throw new OpsError('malformed', 'Metadata', message)
    }
    const tookBytes = this.meter.bytesRead - before
    const everyMs = Math.min(METADATA_EVERY_MS_MAX, (tookBytes / METADATA_BYTES_PER_S) * 1000)
    this.#metadataDueMs = this.#context.clock.monotonicMs() + everyMs
    this.#metadata = fresh
    for (const [node, connection] of this.#connections) {
      if (fresh.brokers.some((each) => each.nodeId === node && addressOf(each) === connection.address)) continue
      connection.close()
      this.#connections.delete(node)
    }
    return fresh
  }

  async #fromOpenConnection(): Promise<ClusterMetadata | null> {
    for (const [node, connection] of this.#connections) {
      try {
        return await this.#readMetadata(connection, this.#signal)
      } catch (thrown) {
        this.#failed(node, asOpsError(thrown, 'Metadata'))
        if (this.#signal.aborted) throw thrown
      }
    }
    return null
  }

  /** All configured brokers are as good as each other: the first that answers is believed. */
  async #fromBootstrap(): Promise<ClusterMetadata> {
    const { connection, answer } = await firstToAnswer(this.#settings.brokers, {
      signal: this.#signal,
      attempt: async (to, signal) => {
        const connection = await this.#connect(to, signal)
        try {
          return { connection, answer: await this.#readMetadata(connection, signal) }
        } catch (thrown) {
          connection.close()
          throw thrown
        }
      },
      discard: (late) => late.connection.close(),
    })
    const itself = answer.brokers.find((each) => addressOf(each) === connection.address)
    if (itself) this.#connections.set(itself.nodeId, connection)
    else connection.close()
    // All were lost, and the cluster is back: nobody has to wait for a turn.
    this.#failures.clear()
    this.#failedNow.clear()
    this.#opening.clear()
    return answer
  }

  #readMetadata(connection: BrokerConnection, signal: AbortSignal): Promise<ClusterMetadata> {
    const body = { topics: null, allowAutoTopicCreation: false, includeClusterAuthorizedOperations: true }
    return bounded(connection.ask(metadata, body), connection, signal)
  }

  #connectionTo(node: number): Promise<BrokerConnection> {
    const open = this.#connections.get(node)
    if (open?.isUsable()) return Promise.resolve(open)
    const failure = this.#failures.get(node)
    if (failure && this.#failedNow.has(node)) return Promise.reject(failure.error)
    const opening = this.#opening.get(node) ?? this.#open(node)
    this.#opening.set(node, opening)
    return opening
  }

  async #open(node: number): Promise<BrokerConnection> {
    const broker = this.brokers.find((each) => each.nodeId === node)
    if (!broker) throw new OpsError('not-found', 'connect', `broker ${node} is not in the cluster's metadata`)
    const failure = this.#failures.get(node)
    if (failure && this.brokers.length > 1 && this.#isTooSoon(failure)) throw failure.error
    try {
      const connection = await this.#connect(broker, this.#signal)
      this.#connections.set(node, connection)
      return connection
    } catch (thrown) {
      const error = asOpsError(thrown, 'connect')
      this.#failed(node, error)
      throw error
    }
  }

  #isTooSoon({ times, atMs }: Failure): boolean {
    const waitMs = Math.min(RETRY_LAST_MS, RETRY_FIRST_MS * 2 ** (times - 1))
    return this.#context.clock.monotonicMs() - atMs < waitMs
  }

  #failed(node: number, error: OpsError): void {
    // Many requests under way fail together with their connection: that is one failure.
    if (this.#failedNow.has(node)) return
    this.#failedNow.add(node)
    this.#connections.get(node)?.close()
    this.#connections.delete(node)
    const before = this.#failures.get(node)
    const atMs = this.#context.clock.monotonicMs()
    this.#failures.set(node, { error, times: (before?.times ?? 0) + 1, atMs })
    this.#metadataDueMs = 0
    this.#context.log.debug('broker failed', { node, code: error.code, message: error.message })
  }

  #connect(to: HostPort, signal: AbortSignal): Promise<BrokerConnection> {
    const { log } = this.#context
    return connectToBroker({
      to: { host: to.host, port: to.port },
      settings: this.#settings,
      log,
      meter: this.meter,
      signal,
    })
  }
}

/** The end of the refresh closes whatever still owes an answer: the next one begins with a clean connection. */
async function bounded<T>(answer: Promise<T>, connection: BrokerConnection, signal: AbortSignal): Promise<T> {
  const onAbort = () => connection.close()
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await answer
  } catch (thrown) {
    if (!signal.aborted) throw thrown
    throw new OpsError('timeout', 'collect', `${connection.address} had not answered when the refresh ended`, thrown)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

export function addressOf({ host, port }: HostPort): string {
  return `${host}:${port}`
}

/**
 * Tries one after another, the next as soon as one failed or has been quiet for a while; the first to answer wins, the
 * others are aborted, and one that answers too late is discarded. Rejects with the first failure when all failed.
 */
async function firstToAnswer<T>(
  places: readonly HostPort[],
  options: {
    readonly signal: AbortSignal
    readonly attempt: (to: HostPort, signal: AbortSignal) => Promise<T>
    readonly discard: (late: T) => void
  },
): Promise<T> {
  const losers = new AbortController()
  const signal = AbortSignal.any([options.signal, losers.signal])
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      const errors: unknown[] = []
      const waiting = [...places]
      let isWon = false
      const next = () => {
        clearTimeout(timer)
        const place = waiting.shift()
        if (!place || isWon) return
        timer = setTimeout(next, STAGGER_MS)
        options.attempt(place, signal).then(
          (answer) => {
            if (isWon) return options.discard(answer)
            isWon = true
            resolve(answer)
          },
          (thrown) => {
            if (errors.push(thrown) === places.length) reject(asOpsError(errors[0], 'connect'))
            else next()
          },
        )
      }
      next()
    })
  } finally {
    clearTimeout(timer)
    losers.abort()
  }
}

function asOpsError(thrown: unknown, op: string): OpsError {
  return thrown instanceof OpsError ? thrown : new OpsError('malformed', op, messageOf(thrown), thrown)
}
