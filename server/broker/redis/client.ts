import type { Parked } from '../waiters.ts'
import { encode } from './encode.ts'
import type { Entry } from './registry.ts'
import { ErrorReply, QUEUED, type Reply } from './reply.ts'
import type { User } from './users.ts'

/** The connection of a client, as far as the engine uses it: a `Peer`, or something simpler in a test. */
export interface ClientLink {
  readonly id: number
  readonly remote: string
  readonly local: string
  readonly outputBytes: number
  outputBytesMax: number
  send(text: string): void
  hold(): void
  release(): void
  end(): void
}

export interface Queued {
  readonly entry: Entry
  readonly args: readonly string[]
}

/** One transaction: commands, and bytes of their arguments. */
const QUEUE_MAX = 1_000_000
const QUEUE_BYTES_MAX = 256 * 1024 * 1024

/** What the engine knows of one connection. */
export class Client {
  readonly link: ClientLink
  readonly id: number
  readonly createdAtMs: number
  name = ''
  libraryName = ''
  libraryVersion = ''
  dbIndex = 0
  protocol: 2 | 3 = 2
  /** null: has not said who it is, and must. */
  user: User | null = null
  lastAtMs: number
  lastEntry: Entry | null = null

  /** Between MULTI and EXEC. */
  queue: Queued[] | null = null
  queuedBytes = 0
  /** A command was refused between MULTI and EXEC. */
  isQueueBroken = false
  /** Keys under WATCH, each with its database before it: `0:key`. */
  readonly watched = new Set<string>()
  isWatchBroken = false

  readonly channels = new Set<string>()
  readonly patterns = new Set<string>()
  readonly shardChannels = new Set<string>()
  isMonitor = false

  parked: Parked | null = null
  /** What CLIENT UNBLOCK answers for a client that waits. */
  timedOutReply: Reply = null
  /** CLIENT REPLY. */
  replies: 'on' | 'off' | 'skip-next' | 'skip' = 'on'
  /** The connection ends once this answer is sent: QUIT, CLIENT KILL of oneself. */
  isLeaving = false
  isNoEvict = false
  isNoTouch = false

  constructor(link: ClientLink, nowMs: number) {
    this.link = link
    this.id = link.id
    this.createdAtMs = nowMs
    this.lastAtMs = nowMs
  }

  /** Channels and patterns together, as the answers to SUBSCRIBE count them. */
  get subscriptions(): number {
    return this.channels.size + this.patterns.size
  }
  get isSubscriber(): boolean {
    return this.channels.size + this.patterns.size + this.shardChannels.size > 0
  }

  /** A command between MULTI and EXEC. Nothing of a transaction that cannot come about is kept. */
  enqueue(entry: Entry, args: readonly string[]): Reply {
    if (this.isQueueBroken) return QUEUED
    const queue = this.queue ?? []
    for (const arg of args) this.queuedBytes += arg.length
    if (queue.length >= QUEUE_MAX || this.queuedBytes > QUEUE_BYTES_MAX) {
      this.isQueueBroken = true
      return new ErrorReply('ERR the transaction is too long')
    }
    queue.push({ entry, args })
    return QUEUED
  }

  /** The answer to a request, unless CLIENT REPLY keeps it back. */
  answer(reply: Reply): void {
    if (this.replies === 'on') this.send(reply)
    else if (this.replies === 'skip') this.replies = 'on'
    else if (this.replies === 'skip-next') this.replies = 'skip'
  }

  /** Something out of band, at once. */
  send(reply: Reply): void {
    this.link.send(encode(reply, this.protocol))
  }
}
