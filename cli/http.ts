import { request as httpRequest, type IncomingMessage } from 'node:http'
import { CliFailure, EXIT } from './exit.ts'
import { inert } from './format/inert.ts'

/** No body of the API comes near: a window of 200 rows is below 1 MB. A larger one is not Sluice's. */
const BODY_BYTES_MAX = 64 * 1024 * 1024
const CONNECT_MS = 3_000

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export interface Asked {
  readonly accept?: string
  /** `Bearer …`; null = as a stranger. */
  readonly authorization?: string | null
  /** JSON to POST; without it a GET. */
  readonly post?: { readonly json: string; readonly idempotencyKey: string | null }
}

/**
 * Starts a request without keep-alive, so that nothing holds the process open afterwards, and gives the response's head.
 * node:http and not fetch, which takes 75 ms longer to start. Throws CliFailure with a remedy when it cannot connect.
 */
export async function open(url: URL, asked: Asked, signal: AbortSignal): Promise<IncomingMessage> {
  // node:https takes 10 ms to load, and is seldom needed.
  const request = url.protocol === 'https:' ? (await import('node:https')).request : httpRequest
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: asked.post ? 'POST' : 'GET',
      agent: false,
      headers: headersOf(asked),
      signal,
    })
    let isConnected = false
    const connecting = setTimeout(
      () => outgoing.destroy(Object.assign(new Error('no answer to connect'), { code: 'ETIMEDOUT' })),
      CONNECT_MS,
    )
    outgoing.on('socket', (socket) => {
      const connected = () => {
        isConnected = true
        clearTimeout(connecting)
      }
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
    })
    outgoing.once('response', (incoming) => {
      clearTimeout(connecting)
      resolve(incoming)
    })
    outgoing.once('error', (error) => {
      clearTimeout(connecting)
      // Once the connection stood, the request may have arrived.
      reject(signal.aborted ? signal.reason : unreachable(url, error, { isLost: isConnected }))
    })
    outgoing.end(asked.post?.json)
  })
}

function headersOf({ accept = 'application/json', authorization = null, post }: Asked): Record<string, string> {
  return {
    accept,
    connection: 'close',
    ...(authorization === null ? {} : { authorization }),
    ...(post ? { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(post.json)) } : {}),
    ...(post?.idempotencyKey ? { 'idempotency-key': post.idempotencyKey } : {}),
  }
}

/** Reads a whole answer. Rejects with the signal's reason when it is aborted. */
export async function exchange(url: URL, asked: Asked, signal: AbortSignal): Promise<Answer> {
  const incoming = await open(url, asked, signal)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > BODY_BYTES_MAX)
        throw new CliFailure(EXIT.failed, `${serverOf(url)} sent more than 64 MB: is that Sluice?`)
      chunks.push(chunk)
    }
  } catch (error) {
    incoming.destroy()
    if (signal.aborted) throw signal.reason
    throw error instanceof CliFailure ? error : unreachable(url, error, { isLost: true })
  }
  return {
    status: incoming.statusCode ?? 0,
    contentType: incoming.headers['content-type'] ?? '',
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

/** What every failure to connect ends in: exit 7, the cause in words, and what to do. */
export function unreachable(url: URL, error: unknown, { isLost = false } = {}): CliFailure {
  const cause = causeOf(error)
  return new CliFailure(
    EXIT.unreachable,
    `cannot reach ${serverOf(url)} (${cause}): start it with \`sluice serve\`, or name another with --server`,
    [],
    { isLost },
  )
}

/** `http://127.0.0.1:7380`, without user and password. */
export function serverOf(url: URL): string {
  return inert(url.origin)
}

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'no such host, or no name server',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer within 3s',
  EPIPE: 'connection closed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
}

/** Why a connection failed, in words. */
export function causeOf(error: unknown): string {
  // Several addresses tried (::1 and 127.0.0.1) come as one error without a message of its own.
  const one = error instanceof AggregateError ? error.errors[0] : error
  if (!(one instanceof Error)) return 'unknown cause'
  const code = 'code' in one ? String(one.code) : ''
  if (code.startsWith('HPE_')) return 'its answer is not HTTP'
  return CAUSES[code] ?? inert(one.message || code)
}
