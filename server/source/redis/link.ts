import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { AbstractConnector, Redis, ReplyError as ServerReply } from 'ioredis'
import { messageOf, OpsError } from '../../domain/errors.ts'
import type { Cost } from '../../domain/snapshot.ts'
import type { HostPort, RedisSettings } from '../settings.ts'
import { connectionFault, isServerState, replyFault } from './faults.ts'
import { ReplyGuard } from './reply-guard.ts'

/** A command and its arguments, as they go on the wire. */
export type Command = readonly [name: string, ...args: (string | number)[]]

/** What a command answered. An error reply is a value here: the other commands of a batch are not lost with it. */
export type Reply = string | number | null | ReplyError | readonly Reply[]

export class ReplyError {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What is in a list; nothing where the answer is none. */
export function listOf(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : []
}

export interface LinkOptions extends Pick<RedisSettings, 'username' | 'password' | 'db' | 'tls'> {
  readonly connectTimeoutMs: number
  /** For the password and database exchange, and for each batch. */
  readonly commandTimeoutMs: number
}

/** Our own deadlines (the client has none that holds against a silent peer). */
export const LINK_TIMEOUTS = { connectTimeoutMs: 3_000, commandTimeoutMs: 2_000 } as const

/**
 * One connection to one Redis node. It never retries: the first fault closes it for good, and the next collect opens
 * another. Every batch has a deadline; a peer that is silent, slow or not a Redis costs one `OpsError`, never a hang.
 */
export class Link {
  readonly address: string
  readonly #redis: Redis
  readonly #socket: Socket
  readonly #guard: ReplyGuard
  readonly #commandTimeoutMs: number
  #fault: OpsError | null = null
  #commands = 0
  readonly #onFault = new Set<(fault: OpsError) => void>()

  /** Connects, authenticates and selects the database; rejects with OpsError. */
  static async open(node: HostPort, options: LinkOptions, signal: AbortSignal): Promise<Link> {
    const link = new Link(node, options)
    try {
      await link.#within('connect', options.connectTimeoutMs, signal, () => link.#redis.connect())
      await link.#introduce(options, signal)
      return link
    } catch (thrown) {
      link.close()
      throw connectionFault('connect', link.address, thrown)
    }
  }

  private constructor(node: HostPort, options: LinkOptions) {
    this.address = node.host.includes(':') ? `[${node.host}]:${node.port}` : `${node.host}:${node.port}`
    this.#commandTimeoutMs = options.commandTimeoutMs
    this.#guard = new ReplyGuard()
    const socket = openSocket(node, options.tls)
    this.#socket = socket
    this.#stopBadAnswers()
    socket.on('error', (error) => this.#fail(connectionFault('read', this.address, error)))
    socket.on('close', () =>
      this.#fail(new OpsError('unreachable', 'read', `redis ${this.address}: connection closed`)),
    )
    this.#redis = new Redis({ ...CLIENT_OPTIONS, Connector: connectorOf(socket) })
    this.#redis.on('error', (error) => this.#fail(connectionFault('read', this.address, error)))
  }

  /** Why it ended; null while it can be used. */
  get fault(): OpsError | null {
    return this.#fault
  }

  /** What this connection has cost so far, from the socket's own counts. */
  get cost(): Cost {
    return { commands: this.#commands, bytesSent: this.#socket.bytesWritten, bytesRead: this.#socket.bytesRead }
  }

  /** Sends all commands in one write and waits for all answers, in order. Rejects when the connection failed. */
  async run(op: string, commands: readonly Command[], signal: AbortSignal): Promise<readonly Reply[]> {
    if (commands.length === 0) return []
    const answers = await this.#within(op, this.#commandTimeoutMs, signal, () => {
      this.#commands += commands.length
      this.#guard.expect(commands.length)
      const pipeline = this.#redis.pipeline()
      for (const [name, ...args] of commands) pipeline.call(name, ...args)
      return pipeline.exec()
    })
    if (this.#fault) throw this.#fault
    if (!answers || answers.length !== commands.length) {
      throw new OpsError('malformed', op, `redis ${this.address}: answers are missing`)
    }
    return answers.map(([error, value]) => (error ? this.#errorReply(op, error) : (value as Reply)))
  }

  /** An error that the server sent is a value; one that the client made up means that the connection is no longer good. */
  #errorReply(op: string, error: Error): ReplyError {
    const text = messageOf(error)
    if (!(error instanceof ServerReply)) this.#fail(connectionFault(op, this.address, error))
    if (this.#fault) throw this.#fault
    if (isServerState(text)) throw replyFault(op, this.address, text)
    return new ReplyError(text)
  }

  /** One command whose refusal is a failure. */
  async ask(op: string, command: Command, signal: AbortSignal): Promise<Reply> {
    const [reply] = await this.run(op, [command], signal)
    if (reply instanceof ReplyError) throw replyFault(op, this.address, reply.text)
    return reply ?? null
  }

  /** Closes at once, without a farewell that a dead peer would keep us waiting for. */
  close(): void {
    this.#fail(new OpsError('closed', 'close', `redis ${this.address}: closed by Sluice`))
  }

  /**
   * AUTH, SELECT and the name are sent here and not by the client: it would print warnings of its own to the console,
   * and keeps the password in the errors that it throws.
   */
  async #introduce({ username, password, db }: LinkOptions, signal: AbortSignal): Promise<void> {
    const auth: Command[] = password ? [['AUTH', ...(username ? [username] : []), password.reveal()]] : []
    const select: Command[] = db > 0 ? [['SELECT', db]] : []
    // AUTH by itself: what follows a wrong password is only told that there was none.
    for (const commands of [auth, [...select, ['CLIENT', 'SETNAME', 'sluice'] as const]]) {
      const replies = await this.run('authenticate', commands, signal)
      for (const [at, reply] of replies.entries()) {
        if (!(reply instanceof ReplyError) || commands[at]?.[0] === 'CLIENT') continue
        // A server without a password says so when it is given one: that is no reason to turn away.
        if (/no password is set|without any password configured/i.test(reply.text)) continue
        throw replyFault('authenticate', this.address, reply.text)
      }
    }
  }

  /** `push` is where every byte of a readable stream passes first, before any listener. */
  #stopBadAnswers(): void {
    const push = this.#socket.push.bind(this.#socket)
    this.#socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
      const complaint = chunk instanceof Uint8Array ? this.#guard.check(chunk) : null
      if (complaint === null) return push(chunk, encoding)
      this.#fail(
        complaint.refusal
          ? replyFault('read', this.address, complaint.why)
          : new OpsError('malformed', 'read', `redis ${this.address}: not a Redis answer: ${complaint.why}`),
      )
      return false
    }
  }

  async #within<T>(op: string, ms: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#fault) throw this.#fault
    let timer: NodeJS.Timeout | undefined
    const stop = () => this.#fail(new OpsError('timeout', op, `redis ${this.address}: no answer before the deadline`))
    const late = () => this.#fail(new OpsError('timeout', op, `redis ${this.address}: no answer within ${ms} ms`))
    let onFault: (fault: OpsError) => void = () => {}
    try {
      const failed = new Promise<never>((_, reject) => {
        onFault = reject
        this.#onFault.add(onFault)
      })
      failed.catch(() => {}) // when `work` throws at once, nobody else listens
      signal.addEventListener('abort', stop, { once: true })
      timer = setTimeout(late, ms)
      if (signal.aborted) stop()
      if (this.#fault) throw this.#fault
      return await Promise.race([failed, work()])
    } catch (thrown) {
      throw this.#fault ?? connectionFault(op, this.address, thrown)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      this.#onFault.delete(onFault)
    }
  }

  /** The first fault wins: what follows from closing the socket says less. */
  #fail(fault: OpsError): void {
    if (this.#fault) return
    this.#fault = fault
    this.#redis?.disconnect()
    this.#socket.destroy()
    for (const onFault of [...this.#onFault]) onFault(fault)
  }
}

/**
 * Everything the client would decide by itself, decided. No retry, no queue of commands waiting for a connection, no
 * commands of its own (so that replies can be counted). RESP2: no HELLO (older servers and proxies do not know it), no
 * push frames that answer nothing, and five reply types that the guard can check in full.
 */
const CLIENT_OPTIONS = {
  lazyConnect: true,
  retryStrategy: null,
  reconnectOnError: null,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  enableAutoPipelining: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  disableClientInfo: true,
  protocol: 2,
  replyMapping: 'legacy',
  stringNumbers: false,
  readOnly: false,
  monitor: false,
  keyPrefix: '',
  db: 0,
  connectTimeout: 0,
  keepAlive: 30_000,
  noDelay: true,
} as const

function openSocket({ host, port }: HostPort, tls: RedisSettings['tls']): Socket {
  if (!tls) return connectTcp({ host, port })
  const servername = tls.serverName ?? (/^[\d.]+$|:/.test(host) ? undefined : host)
  return connectTls({
    host,
    port,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(servername === undefined ? {} : { servername }),
  })
}

/** Hands the client a socket that we have opened and guard; it opens none itself. */
function connectorOf(socket: Socket): new (options: unknown) => AbstractConnector {
  return class extends AbstractConnector {
    constructor() {
      super(0)
    }

    override connect() {
      this.stream = socket
      return new Promise<Socket>((resolve, reject) => {
        if (!socket.connecting && !socket.destroyed) return resolve(socket)
        const ready = 'encrypted' in socket ? 'secureConnect' : 'connect'
        socket.once(ready, () => resolve(socket))
        socket.once('close', () => reject(new Error('connection closed')))
      })
    }

    override disconnect(): void {
      socket.destroy()
    }
  }
}
