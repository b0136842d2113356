import { type Cluster, Redis } from 'ioredis'
import { messageOf, OpsError } from '../../domain/errors.ts'
import type { Chance } from '../system-clock.ts'
import type { Script } from './script.ts'

/** Our own deadlines: the client has none that holds against a peer that accepts and stays silent. */
export const CONNECTION_TIMEOUTS = { connectTimeoutMs: 3_000, commandTimeoutMs: 2_000 } as const

/** Reconnects at a random moment of at most this: workers are back within a second, and not all at once. */
const RECONNECT_MS_MAX = 800

/**
 * How to reach Redis: a URL (`redis://`, `rediss://`) or a function that opens a client of your own (Sentinel, Cluster,
 * TLS), called twice: once for commands, once for nudges. Give such a client `enableOfflineQueue: false`,
 * `autoResendUnfulfilledCommands: false` and `maxRetriesPerRequest: 0`, so that nothing is sent later than we think.
 */
export type RedisTarget = string | (() => Redis | Cluster)

/** One connection that reconnects by itself. Every call has a deadline and fails with `OpsError`, never hangs. */
export class Connection {
  readonly #redis: Redis | Cluster
  #isClosed = false
  #becomingReady: Promise<void> | null = null

  constructor(target: RedisTarget, chance: Chance) {
    this.#redis = typeof target === 'string' ? openUrl(target, chance) : target()
    // Each failing call tells its caller; without a listener the client prints the same to the console.
    this.#redis.on('error', () => {})
  }

  /** Runs a script by its hash and sends its text when this Redis does not know it. */
  run(script: Script, key: string, args: readonly (string | number)[]): Promise<unknown> {
    return this.#within(script.name, async () => {
      try {
        return await this.#redis.evalsha(script.sha, 1, key, ...args)
      } catch (thrown) {
        if (!/^NOSCRIPT/.test(messageOf(thrown))) throw thrown
        return await this.#redis.eval(script.lua, 1, key, ...args)
      }
    })
  }

  /** Any other command. */
  call(name: string, ...args: readonly (string | number)[]): Promise<unknown> {
    return this.#within(name, () => this.#redis.call(name, ...args.map(String)))
  }

  /** Follows channels, also after a reconnect. Only for a connection of its own, and once. */
  async follow(channels: readonly string[], onMessage: (channel: string) => void): Promise<void> {
    this.#redis.on('message', (channel: string) => onMessage(channel))
    await this.#within('subscribe', () => this.#redis.subscribe(...channels))
  }

  /** Closes at once; what is still unanswered fails with `closed`. */
  close(): void {
    this.#isClosed = true
    this.#redis.disconnect()
  }

  async #within<T>(op: string, work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new OpsError('closed', op, 'redis: this connection was closed')
    if (this.#redis.status !== 'ready') await this.#whenReady(op)
    const { commandTimeoutMs } = CONNECTION_TIMEOUTS
    let timer: NodeJS.Timeout | undefined
    try {
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(new OpsError('timeout', op, `redis: no answer within ${commandTimeoutMs} ms`))
          // What else this connection was asked will not be answered either: begin anew.
          if (!this.#isClosed) this.#redis.disconnect(true)
        }, commandTimeoutMs)
      })
      return await Promise.race([late, work()])
    } catch (thrown) {
      throw this.#isClosed ? new OpsError('closed', op, 'redis: this connection was closed') : faultOf(op, thrown)
    } finally {
      clearTimeout(timer)
    }
  }

  /** All that wait, wait together. */
  #whenReady(op: string): Promise<void> {
    this.#becomingReady ??= this.#becomeReady(op).finally(() => {
      this.#becomingReady = null
    })
    return this.#becomingReady
  }

  #becomeReady(op: string): Promise<void> {
    const redis = this.#redis
    const { connectTimeoutMs } = CONNECTION_TIMEOUTS
    return new Promise((resolve, reject) => {
      let lastError: unknown = null
      const onReady = () => done(() => resolve())
      const onError = (error: unknown) => {
        lastError = error
      }
      const onEnd = () => done(() => reject(new OpsError('closed', op, 'redis: this connection was closed')))
      const timer = setTimeout(() => {
        done(() =>
          reject(
            lastError === null
              ? new OpsError('timeout', op, `redis: not ready within ${connectTimeoutMs} ms`)
              : faultOf(op, lastError),
          ),
        )
        if (!this.#isClosed && redis.status !== 'reconnecting' && redis.status !== 'ready') redis.disconnect(true)
      }, connectTimeoutMs)
      const done = (settle: () => void) => {
        clearTimeout(timer)
        redis.off('ready', onReady)
        redis.off('error', onError)
        redis.off('end', onEnd)
        settle()
      }
      redis.on('ready', onReady)
      redis.on('error', onError)
      redis.on('end', onEnd)
    })
  }
}

/** Everything the client would decide by itself, decided. */
function openUrl(url: string, chance: Chance): Redis {
  return new Redis(url, {
    connectTimeout: CONNECTION_TIMEOUTS.connectTimeoutMs,
    retryStrategy: () => Math.ceil(chance() * RECONNECT_MS_MAX),
    reconnectOnError: null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableReadyCheck: true,
    enableAutoPipelining: false,
    autoResubscribe: true,
    // A claim that is sent again after a lost connection would take work that nobody does.
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    protocol: 2,
    replyMapping: 'legacy',
    keepAlive: 30_000,
    noDelay: true,
  })
}

function faultOf(op: string, thrown: unknown): OpsError {
  if (thrown instanceof OpsError) return thrown
  const text = messageOf(thrown).slice(0, 300)
  const isReply = thrown instanceof Error && thrown.name === 'ReplyError'
  if (!isReply || /^(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN)/.test(text)) {
    return new OpsError('unreachable', op, `redis: ${text}`, thrown)
  }
  if (/^ERR unknown command/i.test(text)) return new OpsError('unsupported', op, `redis (6.2 or newer): ${text}`)
  // Without the cause: the client keeps the command's arguments in it, and those are payload.
  return new OpsError('refused', op, `redis: ${text}`)
}
