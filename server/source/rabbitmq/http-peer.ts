import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { OpsError } from '../../domain/errors.ts'
import type { Cost } from '../../domain/snapshot.ts'
import type { TlsSettings } from '../settings.ts'
import { badAnswer, requestFailed } from './http-errors.ts'

/** An HTTP server that we read from: an origin with a base path, no query. */
export interface HttpPeerSettings {
  readonly url: string
  /** Name and password for basic authentication; null = none is sent. */
  readonly login: { readonly username: string; readonly password: { reveal(): string } } | null
  readonly tls: TlsSettings | null
}

export interface HttpRequest {
  readonly signal: AbortSignal
  /** From the call to the last byte. */
  readonly timeoutMs: number
  /** A status other than 200 whose body is an answer too. */
  readonly alsoStatus?: number
}

const CONNECT_TIMEOUT_MS = 3_000
/** 10,000 queues are 14 MB in the dearest answer known; more than this is a bomb or a mistake. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024
const HEADER_BYTES_MAX = 32 * 1024
const SOCKETS_MAX = 2

const inflate = promisify(gunzip)

/**
 * GET requests to one server: at most two connections, kept between requests; every wait and every size bounded;
 * redirects are not followed. Counts what went over the wire.
 */
export class HttpPeer {
  readonly #settings: HttpPeerSettings
  readonly #origin: URL
  readonly #agent: http.Agent
  readonly #closed = new AbortController()
  #commands = 0
  #bytesSent = 0
  #bytesRead = 0

  constructor(settings: HttpPeerSettings) {
    this.#settings = settings
    this.#origin = new URL(settings.url)
    const options = {
      keepAlive: true,
      maxSockets: SOCKETS_MAX,
      maxFreeSockets: SOCKETS_MAX,
      scheduling: 'lifo',
    } as const
    this.#agent = this.#isTls() ? new https.Agent(options) : new http.Agent(options)
  }

  /** Host and port, for messages. */
  get address(): string {
    return this.#origin.host
  }

  /** Requests and bytes since it was made, as counted at the socket. */
  get cost(): Cost {
    return { commands: this.#commands, bytesSent: this.#bytesSent, bytesRead: this.#bytesRead }
  }

  /**
   * The body of a 200 answer as text (or of `alsoStatus`). `path` begins with a slash, its parts already encoded.
   * Throws OpsError: unreachable, timeout, refused (401, 403), not-found, malformed, unsupported, closed.
   */
  async get(path: string, request: HttpRequest): Promise<string> {
    // The server may end an idle connection just as we take it up again: that request was never read, so ask anew, as
    // often as there can be such connections.
    for (let stale = 0; stale <= SOCKETS_MAX; stale++) {
      try {
        return await this.#getOnce(path, request)
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error
      }
    }
    throw new OpsError('unreachable', 'get', `${this.address}: connection lost`)
  }

  /** Ends every connection; requests under way fail with `closed`. */
  close(): void {
    this.#closed.abort()
    this.#agent.destroy()
  }

  #isTls(): boolean {
    return this.#origin.protocol === 'https:'
  }

  #getOnce(path: string, { signal, timeoutMs, alsoStatus = 200 }: HttpRequest): Promise<string> {
    const peer = this.address
    if (this.#closed.signal.aborted) return Promise.reject(new OpsError('closed', 'get', `${peer}: closed`))
    if (signal.aborted) return Promise.reject(new OpsError('timeout', 'get', `${peer}: no time left to ask`))
    this.#commands++
    return new Promise((resolve, reject) => {
      const deadline = AbortSignal.any([signal, this.#closed.signal, AbortSignal.timeout(timeoutMs)])
      const request = (this.#isTls() ? https : http).request({ ...this.#options(path), signal: deadline })
      let answer: IncomingMessage | null = null
      let connectTimer: NodeJS.Timeout | undefined

      const fail = (error: unknown): void => {
        clearTimeout(connectTimer)
        request.destroy()
        if (this.#closed.signal.aborted) reject(new OpsError('closed', 'get', `${peer}: closed`))
        else if (deadline.aborted) reject(late(peer, answer !== null))
        else if (request.reusedSocket && !answer && isReset(error)) reject(new StaleConnection())
        else reject(requestFailed(peer, error))
      }
      request.on('error', fail)
      request.on('socket', (socket) => {
        this.#meter(socket, request)
        if (!socket.connecting) return
        connectTimer = setTimeout(() => fail(late(peer, false)), CONNECT_TIMEOUT_MS)
        socket.once(this.#isTls() ? 'secureConnect' : 'connect', () => clearTimeout(connectTimer))
      })
      request.on('response', (response) => {
        answer = response
        readBody(response, peer).then((body) => {
          const status = response.statusCode ?? 0
          if (status === 200 || status === alsoStatus) resolve(body)
          else reject(badAnswer(peer, status, body))
        }, fail)
      })
      request.end()
    })
  }

  #options(path: string): https.RequestOptions {
    const { login, tls } = this.#settings
    const { hostname, port, pathname, protocol } = this.#origin
    const host = hostname.replace(/^\[|\]$/g, '')
    const headers: Record<string, string> = { accept: '*/*', 'accept-encoding': 'gzip' }
    if (login) {
      const pair = `${login.username}:${login.password.reveal()}`
      headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    }
    return {
      method: 'GET',
      protocol,
      host,
      port: port || (protocol === 'https:' ? 443 : 80),
      // Not through URL, which would make `/api/queues/%2F/..` of a queue named `..` into the whole list.
      path: pathname.replace(/\/$/, '') + path,
      headers,
      agent: this.#agent,
      maxHeaderSize: HEADER_BYTES_MAX,
      ...(tls && { ca: tls.ca ?? undefined, servername: tls.serverName ?? undefined }),
      rejectUnauthorized: true,
    }
  }

  /** Adds what this request moved over its socket, whatever becomes of it. */
  #meter(socket: Socket, request: http.ClientRequest): void {
    const sentBefore = request.reusedSocket ? socket.bytesWritten : 0
    const readBefore = request.reusedSocket ? socket.bytesRead : 0
    request.once('close', () => {
      this.#bytesSent += Math.max(0, socket.bytesWritten - sentBefore)
      this.#bytesRead += Math.max(0, socket.bytesRead - readBefore)
    })
  }
}

/** A kept connection that the server had already given up. Never leaves this file. */
class StaleConnection extends Error {}

async function readBody(response: IncomingMessage, peer: string): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > ANSWER_BYTES_MAX) throw tooLarge(peer)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return bytes.toString('utf8')
  if (encoding !== 'gzip')
    throw new OpsError('malformed', 'get', `${peer}: answered in encoding ${encoding.slice(0, 20)}`)
  const plain = await inflate(bytes, { maxOutputLength: ANSWER_BYTES_MAX }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : null
    throw code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(peer) : new OpsError('malformed', 'get', `${peer}: broken gzip`)
  })
  return plain.toString('utf8')
}

function tooLarge(peer: string): OpsError {
  return new OpsError('malformed', 'get', `${peer}: the answer is larger than ${ANSWER_BYTES_MAX >> 20} MB`)
}

function late(peer: string, answering: boolean): OpsError {
  return new OpsError(
    'timeout',
    'get',
    `${peer}: ${answering ? 'the answer did not end in time' : 'no answer in time'}`,
  )
}

function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}
