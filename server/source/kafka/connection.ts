import type { Socket } from 'node:net'
import Connection from 'kafkajs/src/network/connection.js'
import createSocketFactory from 'kafkajs/src/network/socketFactory.js'
import { messageOf, OpsError } from '../../domain/errors.ts'
import type { Log } from '../../domain/log.ts'
import { Frames } from '../../wire/kafka/frames.ts'
import { type Api, decodeResponse, encodeRequest } from '../../wire/kafka/message.ts'
import { apiVersions } from '../../wire/kafka/messages/api-versions.ts'
import type { Decoded, Draft, Fields } from '../../wire/kafka/schema.ts'
import type { HostPort, KafkaSettings } from '../settings.ts'
import { CLIENT_ID, CONNECT_MS, FRAME_BYTES_MAX, HANDSHAKE_BYTES_MAX, HANDSHAKE_MS, SILENCE_MS } from './limits.ts'

/**
 * One connection to one broker. kafkajs opens the socket (TCP, TLS) and proves who we are (SASL); from then on the
 * frames are ours. Why not its request layer: it has no flexible headers, retries and waits without our bounds, and
 * trusts every length that it is told. Only this file knows kafkajs's inside (2.2.4, pinned).
 */
export interface BrokerConnection {
  readonly address: string
  /** False once the socket is gone, or the SASL session is about to end: open another. */
  isUsable(): boolean
  /** The newest version that both sides know; null when there is none. */
  versionOf(api: Api): number | null
  /**
   * Sends one request and waits for its answer. Rejects with OpsError: `timeout` when the broker says nothing for 2 s,
   * `malformed`, `unsupported`, `unreachable`; after any of them but `unsupported` the connection is closed.
   */
  ask<Q extends Fields, S extends Fields>(api: Api<Q, S>, body: Draft<Q>): Promise<Decoded<S>>
  close(): void
}

/** What the connections of one source have cost so far. */
export interface Meter {
  commands: number
  bytesSent: number
  bytesRead: number
}

export interface ConnectOptions {
  readonly to: HostPort
  readonly settings: KafkaSettings
  readonly log: Log
  readonly meter: Meter
  readonly signal: AbortSignal
}

interface Pending {
  readonly api: Api
  readonly version: number
  readonly resolve: (value: never) => void
  readonly reject: (error: OpsError) => void
}

const SASL_AUTHENTICATE = 36

/** Connects, learns the versions, authenticates. Rejects with OpsError within 3 s + 2 s + 3 s, or at once on abort. */
export async function connectToBroker(options: ConnectOptions): Promise<BrokerConnection> {
  const line = new Line(options)
  const onAbort = () => line.fail(new OpsError('timeout', 'connect', `${line.address} gave no answer in time`))
  options.signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (options.signal.aborted) onAbort()
    await line.open()
    return line
  } catch (thrown) {
    const { failure } = line
    line.close()
    throw thrown instanceof OpsError ? thrown : (failure ?? asOpsError(thrown, 'connect', line.address))
  } finally {
    options.signal.removeEventListener('abort', onAbort)
  }
}

class Line implements BrokerConnection {
  readonly address: string
  /** Why it ended; null while it has not. */
  failure: OpsError | null = null

  readonly #connection: Connection
  readonly #settings: KafkaSettings
  readonly #meter: Meter
  readonly #pending = new Map<number, Pending>()
  readonly #versions = new Map<number, { readonly minVersion: number; readonly maxVersion: number }>()
  #frames = new Frames(HANDSHAKE_BYTES_MAX)
  #socket: Socket | null = null
  #correlation = 0
  #silence: NodeJS.Timeout | null = null

  constructor({ to, settings, log, meter }: ConnectOptions) {
    this.address = `${to.host}:${to.port}`
    this.#settings = settings
    this.#meter = meter
    const open = createSocketFactory()
    this.#connection = new Connection({
      ...to,
      clientId: CLIENT_ID,
      logger: quiet(log, this.address),
      socketFactory: (request) => this.#adopt(open(request)),
      ssl: tlsOptions(settings),
      sasl: settings.sasl && {
        mechanism: settings.sasl.mechanism,
        username: settings.sasl.username,
        password: settings.sasl.password.reveal(),
      },
      connectionTimeout: CONNECT_MS,
      requestTimeout: HANDSHAKE_MS,
      // Its timer would run for as long as the connection lives; ours runs only while an answer is awaited.
      enforceRequestTimeout: false,
    })
  }

  async open(): Promise<void> {
    if (this.failure) throw this.failure
    await this.#connection.connect()
    if (this.failure) throw this.failure
    this.#takeOver()
    // v0 is understood by every broker, and tells all that is needed.
    const answer = await this.#send(apiVersions, 0, {})
    if (answer.errorCode !== 0) throw new OpsError('malformed', 'connect', `${this.address} refused ApiVersions v0`)
    for (const { apiKey, ...range } of answer.apiKeys) this.#versions.set(apiKey, range)
    if (this.#settings.sasl) await this.#authenticate()
    this.#frames = new Frames(FRAME_BYTES_MAX)
  }

  isUsable(): boolean {
    if (this.failure || !this.#socket || this.#socket.destroyed) return false
    return this.#settings.sasl === null || this.#connection.isAuthenticated()
  }

  versionOf(api: Api): number | null {
    const theirs = this.#versions.get(api.key)
    if (!theirs) return null
    const version = Math.min(api.maxVersion, theirs.maxVersion)
    return version >= Math.max(api.minVersion, theirs.minVersion) ? version : null
  }

  async ask<Q extends Fields, S extends Fields>(api: Api<Q, S>, body: Draft<Q>): Promise<Decoded<S>> {
    const version = this.versionOf(api)
    if (version === null) {
      throw new OpsError('unsupported', api.name, `${this.address} has no version of ${api.name} that is known here`)
    }
    return this.#send(api, version, body)
  }

  close(): void {
    this.fail(new OpsError('closed', 'close', `connection to ${this.address} closed`))
  }

  /** Ends the connection for good; whoever waits for an answer gets `error`. */
  fail(error: OpsError): void {
    this.failure ??= error
    if (this.#silence) clearTimeout(this.#silence)
    this.#silence = null
    this.#connection.requestQueue.destroy()
    // With an error, so that kafkajs rejects what it is waiting for itself (connect, authenticate).
    this.#socket?.destroy(error)
    for (const { reject } of this.#pending.values()) reject(this.failure)
    this.#pending.clear()
  }

  #adopt(socket: Socket): Socket {
    this.#socket = socket
    // Requests are written whole: waiting to fill a packet would only add 40 ms.
    socket.setNoDelay(true)
    socket.on('error', (error) => this.fail(asOpsError(error, 'connect', this.address)))
    socket.on('close', () =>
      this.fail(
        new OpsError(
          'unreachable',
          'connect',
          `${this.address} closed the connection: check that it is Kafka, and whether it wants TLS or SASL`,
        ),
      ),
    )
    // Aborted before the socket was there.
    if (this.failure) socket.destroy(this.failure)
    return socket
  }

  /** From now on the bytes are ours, not kafkajs's. */
  #takeOver(): void {
    this.#connection.processData = (chunk) => {
      this.#meter.bytesRead += chunk.byteLength
      try {
        for (const frame of this.#frames.push(chunk)) this.#receive(frame)
      } catch (thrown) {
        this.fail(
          new OpsError('malformed', 'receive', `${this.address} does not speak Kafka: ${messageOf(thrown)}`, thrown),
        )
      }
    }
  }

  /** Lends the bytes to kafkajs for the SASL exchange, each frame checked and whole. */
  async #authenticate(): Promise<void> {
    const range = this.#versions.get(SASL_AUTHENTICATE)
    if (!range)
      throw new OpsError('unsupported', 'authenticate', `${this.address} is older than Kafka 1.0: no SaslAuthenticate`)
    const ours = this.#connection.processData
    const theirs = Object.getPrototypeOf(this.#connection).processData as (chunk: Uint8Array) => void
    const sentBefore = this.#socket?.bytesWritten ?? 0
    this.#connection.processData = (chunk) => {
      this.#meter.bytesRead += chunk.byteLength
      try {
        for (const frame of this.#frames.push(chunk)) {
          this.#meter.commands += 1
          theirs.call(this.#connection, sized(frame))
        }
      } catch (thrown) {
        this.fail(new OpsError('malformed', 'authenticate', `${this.address}: ${messageOf(thrown)}`, thrown))
      }
    }
    this.#connection.setVersions(Object.fromEntries(this.#versions))
    this.#connection.setSupportAuthenticationProtocol(true)
    const deadline = setTimeout(
      () =>
        this.fail(new OpsError('timeout', 'authenticate', `${this.address} did not finish SASL in ${HANDSHAKE_MS} ms`)),
      HANDSHAKE_MS,
    )
    try {
      await this.#connection.authenticate()
    } catch (thrown) {
      // The broker may also close right after it said no: its word counts.
      throw this.failure?.code === 'timeout' || this.failure?.code === 'malformed'
        ? this.failure
        : new OpsError('refused', 'authenticate', `${this.address}: ${messageOf(thrown)}`, thrown)
    } finally {
      clearTimeout(deadline)
      this.#meter.bytesSent += (this.#socket?.bytesWritten ?? sentBefore) - sentBefore
      this.#connection.processData = ours
    }
  }

  #send<Q extends Fields, S extends Fields>(api: Api<Q, S>, version: number, body: Draft<Q>): Promise<Decoded<S>> {
    if (this.failure) return Promise.reject(this.failure)
    const correlation = this.#correlation
    this.#correlation = (correlation + 1) % 0x7fffffff
    const frame = encodeRequest(api, { version, correlation, client: CLIENT_ID }, body)
    this.#meter.commands += 1
    this.#meter.bytesSent += frame.byteLength
    return new Promise((resolve, reject) => {
      this.#pending.set(correlation, { api, version, resolve, reject })
      this.#socket?.write(frame)
      this.#watchSilence()
    })
  }

  #receive(frame: Uint8Array): void {
    const correlation = new DataView(frame.buffer, frame.byteOffset, 4).getInt32(0)
    const pending = this.#pending.get(correlation)
    if (!pending) throw new Error(`an answer to request ${correlation}, which was not asked`)
    const value = decodeResponse(pending.api, pending.version, frame.subarray(4))
    this.#pending.delete(correlation)
    this.#watchSilence()
    pending.resolve(value as never)
  }

  /** A broker answers in order, so the bound is on its silence: many requests under way may together take longer. */
  #watchSilence(): void {
    if (this.#silence) clearTimeout(this.#silence)
    this.#silence = null
    const [next] = this.#pending.values()
    if (!next) return
    const { name } = next.api
    this.#silence = setTimeout(
      () => this.fail(new OpsError('timeout', name, `${this.address} did not answer ${name} in ${SILENCE_MS} ms`)),
      SILENCE_MS,
    )
  }
}

/** Unless these are set, Node's own defaults would decide. */
function tlsOptions({ tls }: KafkaSettings): { ca?: string; servername?: string; rejectUnauthorized: true } | null {
  if (!tls) return null
  return {
    rejectUnauthorized: true,
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.serverName === null ? {} : { servername: tls.serverName }),
  }
}

function sized(frame: Uint8Array): Uint8Array {
  const out = Buffer.alloc(4 + frame.byteLength)
  out.writeInt32BE(frame.byteLength)
  out.set(frame, 4)
  return out
}

/** kafkajs logs to the console by itself. What it has to say also comes as an error: here it is detail for debugging. */
function quiet(log: Log, broker: string) {
  const nothing = () => {}
  const say = (message: string) => log.debug('kafkajs', { broker, message })
  const logger = { namespace: () => logger, debug: nothing, info: nothing, warn: say, error: say }
  return logger
}

function asOpsError(thrown: unknown, op: string, address: string): OpsError {
  if (thrown instanceof OpsError) return thrown
  const { code } = thrown as { code?: unknown }
  const text = messageOf(thrown)
  if (/Connection timeout/.test(text)) {
    return new OpsError('timeout', op, `${address} did not accept a connection in ${CONNECT_MS} ms`, thrown)
  }
  // TLS speaks of certificates in codes of its own: reached, and not trusted.
  const isTrust = typeof code === 'string' && /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(code)
  return new OpsError(isTrust ? 'refused' : 'unreachable', op, `${address}: ${text}`, thrown)
}
