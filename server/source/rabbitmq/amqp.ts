import type { Socket } from 'node:net'
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { messageOf, type OpsCode, OpsError } from '../../domain/errors.ts'
import type { RabbitmqSettings } from '../settings.ts'

const CONNECT_TIMEOUT_MS = 3_000
const COMMAND_TIMEOUT_MS = 2_000
const HEARTBEAT_S = 10
const FRAME_BYTES_MAX = 131_072
const CHANNELS_MAX = 64

/**
 * Opens a connection within 3 s, or throws OpsError and leaves nothing behind. Has an error handler: amqplib ends the
 * process without one.
 */
export async function openConnection(amqp: RabbitmqSettings['amqp'], signal: AbortSignal): Promise<ChannelModel> {
  const { host, port, vhost, username, password, tls } = amqp
  const giveUp = new AbortController()
  const socketOptions = {
    noDelay: true,
    timeout: CONNECT_TIMEOUT_MS,
    // Destroys the socket while it is being opened; amqplib itself would let it wait.
    signal: giveUp.signal,
    clientProperties: { connection_name: 'sluice' },
    ...(tls && { ca: tls.ca ?? undefined, servername: tls.serverName ?? host, rejectUnauthorized: true }),
  }
  const opening = connect(
    {
      protocol: tls ? 'amqps' : 'amqp',
      hostname: host,
      port,
      username,
      password: password.reveal(),
      // amqplib decodes it once.
      vhost: encodeURIComponent(vhost),
      locale: 'en_US',
      heartbeat: HEARTBEAT_S,
      frameMax: FRAME_BYTES_MAX,
      channelMax: CHANNELS_MAX,
    },
    socketOptions,
  )
  try {
    const connection = await within(opening, { signal, timeoutMs: CONNECT_TIMEOUT_MS })
    connection.on('error', () => undefined)
    return connection
  } catch (error) {
    opening.then(destroy, () => undefined)
    giveUp.abort()
    throw translated(error)
  }
}

export async function openChannel(connection: ChannelModel, signal: AbortSignal): Promise<Channel> {
  const channel = await within(connection.createChannel(), { signal, timeoutMs: COMMAND_TIMEOUT_MS })
  channel.on('error', () => undefined)
  return channel
}

/** Closes it politely for at most 2 s, then by force. Never throws. */
export async function closeConnection(connection: ChannelModel): Promise<void> {
  // It may be closed already, which `close` reports by throwing.
  const closing = async (): Promise<void> => connection.close()
  await within(closing(), { signal: null, timeoutMs: COMMAND_TIMEOUT_MS }).catch(() => undefined)
  destroy(connection)
}

/** The answer, or OpsError `timeout` when it does not come in time. The late answer itself is dropped. */
export async function within<T>(
  answer: Promise<T>,
  { signal, timeoutMs }: { signal: AbortSignal | null; timeoutMs: number },
): Promise<T> {
  answer.catch(() => undefined)
  const ends: (() => void)[] = []
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new OpsError('timeout', 'within', 'AMQP: no answer in time'))
    const timer = setTimeout(fail, timeoutMs)
    signal?.addEventListener('abort', fail)
    ends.push(
      () => clearTimeout(timer),
      () => signal?.removeEventListener('abort', fail),
    )
    if (signal?.aborted) fail()
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    for (const end of ends) end()
  }
}

/** What amqplib throws, as ours. The broker's own reply code decides where there is one. */
export function translated(error: unknown): OpsError {
  if (error instanceof OpsError) return error
  const code = error instanceof Error && 'code' in error ? error.code : null
  const message = `AMQP: ${messageOf(error)}`
  return new OpsError(codeOf(code, message), 'amqp', message, error)
}

function codeOf(code: unknown, message: string): OpsCode {
  if (code === 404) return 'not-found'
  if (code === 403 || code === 530 || /ACCESS_REFUSED|ACCESS-REFUSED|ConnectionOpenOk/.test(message)) return 'refused'
  if (/ETIMEDOUT/.test(message)) return 'timeout'
  if (/frame|protocol|Invalid|Expected/i.test(message)) return 'malformed'
  return 'unreachable'
}

/** The socket under a connection, which amqplib does not type: for counting bytes and for ending it by force. */
export function socketOf(connection: ChannelModel): Socket | null {
  const { stream } = connection.connection as { readonly stream?: unknown } & object
  return typeof stream === 'object' && stream !== null && 'bytesRead' in stream ? (stream as Socket) : null
}

export function versionOf(connection: ChannelModel): string | null {
  const { version } = connection.connection.serverProperties
  return typeof version === 'string' ? version : null
}

function destroy(connection: ChannelModel): void {
  socketOf(connection)?.destroy()
}
