import type { Clock } from '../../domain/clock.ts'
import type { Log } from '../../domain/log.ts'
import type { Timers } from '../system-clock.ts'
import { EngineCall } from './call.ts'
import { Client, type ClientLink, type Queued } from './client.ts'
import { BLOCKED } from './command.ts'
import { commands } from './commands/all.ts'
import { Config } from './config.ts'
import { Db, type DbListener } from './db.ts'
import type { EngineOptions, Traffic } from './engine-options.ts'
import { refusalOf, unknownCommand } from './gate.ts'
import type { Effect, Journal, Journaled } from './journal-port.ts'
import type { ScriptEngine } from './lua/script-host.ts'
import { Parking } from './parking.ts'
import { Pause } from './pause.ts'
import { Pubsub } from './pubsub.ts'
import { type Entry, Registry } from './registry.ts'
import { ErrorReply, type Reply } from './reply.ts'
import { NO_LINK, Scripted } from './scripted.ts'
import { Stats } from './stats.ts'
import { Users } from './users.ts'
import { Watches } from './watches.ts'

const DATABASES = 16

/** The embedded engine: databases, clients and what happens between a request and its answer. No sockets, no disk. */
export class Engine implements DbListener, Journaled {
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  readonly random: () => number
  readonly scripts: ScriptEngine
  readonly options: EngineOptions
  readonly config: Config
  readonly dbs: readonly Db[]
  readonly registry = new Registry(commands)
  readonly pubsub = new Pubsub()
  readonly users: Users
  readonly stats: Stats
  readonly watches = new Watches()
  readonly clients = new Map<number, Client>()
  readonly monitors = new Set<Client>()
  /** Set once it has recovered; null: nothing is kept. */
  journal: Journal | null = null
  /** Frozen while a command, a transaction or a script runs. */
  nowMs: number
  isOverMemory = false
  traffic: Traffic = { accepted: 0, rejected: 0, bytesIn: 0, bytesOut: 0 }
  readonly runId: string
  readonly scripted: Scripted
  /** Keys changed so far, by anybody. */
  changes = 0
  readonly pause: Pause
  readonly parking: Parking
  /** Told which command begins, for the beat. */
  onBegin: ((entry: Entry) => void) | null = null

  readonly #nobody: Client
  readonly #top: EngineCall
  readonly #nested: EngineCall
  readonly #scripted: EngineCall
  #frame: Effect[] = []
  #isReplaying = false
  /** Something went to the journal since it was last written. */
  #isUnwritten = false

  constructor(options: EngineOptions) {
    this.options = options
    this.clock = options.clock
    this.timers = options.timers
    this.log = options.log
    this.random = options.random
    this.scripts = options.scripts
    this.nowMs = options.clock.nowMs()
    this.config = new Config(options)
    this.users = new Users(options.password)
    this.config.onPassword = (password) => this.users.requirePassword(password)
    this.stats = new Stats(this.nowMs, this.registry)
    const nowMs = () => this.nowMs
    this.dbs = Array.from({ length: DATABASES }, (_, index) => new Db(index, this, nowMs))
    this.runId = options.runId
    this.pause = new Pause(options, this.registry)
    this.scripted = new Scripted(this)
    this.#nobody = new Client(NO_LINK, this.nowMs)
    this.#nobody.user = this.users.default
    this.#top = new EngineCall(this, this.#nobody, { isNested: false })
    this.#nested = new EngineCall(this, this.#nobody, { isNested: true })
    this.#scripted = new EngineCall(this, this.#nobody, { isNested: true, isScripted: true })
    this.parking = new Parking(this, this.#nobody)
  }

  /** From now on what changes is kept. */
  keepIn(journal: Journal, { data, durability }: { readonly data: string | null; readonly durability: string }): void {
    this.journal = journal
    this.config.tell('dir', data ?? '')
    this.config.tell('appendonly', 'yes')
    this.config.tell('appendfsync', durability === 'always' ? 'always' : 'everysec')
  }

  connect(link: ClientLink): Client {
    const client = new Client(link, this.clock.nowMs())
    this.signIn(client, this.users.anybody)
    this.clients.set(client.id, client)
    return client
  }

  /** @param user null: a stranger, who has to sign in first */
  signIn(client: Client, user: Client['user']): void {
    const { config } = this
    client.user = user
    client.link.outputBytesMax = user === null ? config.outputBytesMaxUnauthenticated : config.outputBytesMax
  }

  disconnect(client: Client): void {
    this.clients.delete(client.id)
    this.forget(client)
  }

  /** What RESET and the end of a connection undo. */
  forget(client: Client): void {
    client.parked?.leave()
    client.parked = null
    client.queue = null
    this.watches.release(client)
    this.pubsub.leaveAll(client)
    this.monitors.delete(client)
  }

  /** One request from its beginning to its end. BLOCKED: the answer is sent later. */
  execute(client: Client, args: readonly string[]): Reply | typeof BLOCKED {
    this.nowMs = this.clock.nowMs()
    let entry: Entry | undefined
    try {
      entry = this.registry.find(args)
      if (entry === undefined) throw unknownCommand(args)
      const refusal = refusalOf(this, client, entry, args)
      if (refusal !== null) throw refusal
    } catch (error) {
      if (client.queue !== null) client.isQueueBroken = true
      if (entry !== undefined) entry.rejectedCalls++
      return entry?.name === 'exec' ? this.#abort(client, error) : this.failure(error, null)
    }
    client.lastAtMs = this.nowMs
    client.lastEntry = entry
    if (client.queue !== null && !entry.isNoQueue) return client.enqueue(entry, args)
    const call = this.#top
    call.aim(client, this.dbs[client.dbIndex] as Db)
    const reply = this.#run(call, entry, args)
    if (this.#frame.length > 0 || this.parking.hasChanged) this.settle()
    return reply
  }

  /** One command of a transaction. An error is returned. */
  executeQueued(client: Client, { entry, args }: Queued): Reply {
    return this.#runFor(this.#nested, client, entry, args)
  }

  /** One command of a script, which runs as a client of its own: a SELECT in it ends with it. An error is returned. */
  executeScripted(client: Client, entry: Entry, args: readonly string[]): Reply {
    return this.#runFor(this.#scripted, client, entry, args)
  }

  /** Ends what was begun: what changed goes to the journal as one frame, and those who wait for it are looked at. */
  settle(): void {
    this.commit()
    if (this.parking.hasChanged) this.parking.serve()
  }

  /** What changed since the last time becomes one frame. */
  commit(): void {
    if (this.#frame.length === 0) return
    const frame = this.#frame
    this.#frame = []
    this.journal?.append(frame)
    this.#isUnwritten = true
  }

  /** Writes what went to the journal; who answers for it waits for what this returns. null: nothing to wait for. */
  flushed(): Promise<void> | null {
    this.#isUnwritten = false
    return this.journal === null ? null : this.journal.flushed()
  }

  /** Writes what nobody answers for: keys whose time was over, clients that want no answers. The journal tells of a failure itself. */
  flushUnanswered(): void {
    if (this.#isUnwritten) this.flushed()?.catch(() => {})
  }

  /** One effect of the command under way, for the journal. */
  keep(db: number, args: readonly string[]): void {
    if (this.journal !== null && !this.#isReplaying) this.#frame.push({ db, args })
  }

  /** The name of a request as faults and statistics know it. */
  nameOf(args: readonly string[]): string {
    const parent = this.registry.named(args[0] ?? '')
    const sub = args[1]?.toLowerCase() ?? ''
    return parent?.subcommands?.get(sub)?.name ?? parent?.name ?? (args[0] ?? '').toLowerCase()
  }

  /** What has to be done now and then: keys whose time is over go, and memory is compared with its limit. */
  tick(placesMax: number, keysMax: number): void {
    this.nowMs = this.clock.nowMs()
    for (const db of this.dbs) db.sweep(placesMax, keysMax)
    this.settle()
    this.checkMemory()
  }

  checkMemory(): void {
    this.stats.peakMemoryBytes = Math.max(this.stats.peakMemoryBytes, this.options.usedMemory())
    this.isOverMemory = this.options.isMemoryOver(this.config.maxMemoryBytes)
  }

  replay(frame: readonly Effect[]): void {
    this.#isReplaying = true
    this.nowMs = Number.NEGATIVE_INFINITY
    try {
      const call = this.#nested
      for (const { db, args } of frame) {
        const entry = this.registry.find(args)
        if (entry === undefined) throw new ErrorReply(`ERR unknown command '${args[0]}'`)
        call.aim(this.#nobody, this.dbs[db] as Db)
        entry.command.run(call, args)
      }
    } finally {
      this.#isReplaying = false
      this.nowMs = this.clock.nowMs()
    }
  }

  beforeChange(db: Db, key: string): void {
    this.journal?.beforeChange(db, key)
  }
  afterChange(db: Db, key: string): void {
    if (this.watches.size > 0) this.watches.touch(db.index, key)
    this.afterBookkeeping(db, key)
  }
  afterBookkeeping(db: Db, key: string): void {
    this.changes++
    this.parking.changed(db, key)
  }
  expired(db: Db, key: string): void {
    this.stats.expiredKeys++
    this.parking.changed(db, key)
    if (this.watches.size > 0) this.watches.touch(db.index, key)
    this.keep(db.index, ['DEL', key])
  }

  /** An error as an answer; one that is no ErrorReply is a fault of ours: logged, and told without details. */
  failure(error: unknown, entry: Entry | null): ErrorReply {
    if (entry !== null) entry.failedCalls++
    if (error instanceof ErrorReply) {
      this.stats.countError(error.text)
      return error
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.log.error('command failed', { command: entry?.name ?? null, error: text })
    return new ErrorReply(error instanceof RangeError ? 'ERR the answer is too long' : 'ERR internal error')
  }

  #runFor(call: EngineCall, client: Client, entry: Entry, args: readonly string[]): Reply {
    call.aim(client, this.dbs[client.dbIndex] as Db)
    const reply = this.#run(call, entry, args)
    return reply === BLOCKED ? null : reply
  }

  #run(call: EngineCall, entry: Entry, args: readonly string[]): Reply | typeof BLOCKED {
    const before = this.changes
    this.onBegin?.(entry)
    if (this.monitors.size > 0) this.stats.tellMonitors(this, call, entry, args)
    // Reading the clock costs as much as a short command does: those are timed one in eight.
    const isTimed = !entry.isFast || (entry.calls & 7) === 0
    const startMs = isTimed ? this.clock.monotonicMs() : 0
    let reply: Reply | typeof BLOCKED
    try {
      reply = entry.command.run(call, args)
    } catch (error) {
      reply = this.failure(error, entry)
    }
    entry.calls++
    if (isTimed) this.stats.time(this, entry, { args, client: call.client, ms: this.clock.monotonicMs() - startMs })
    if (this.changes !== before && !call.hasEffects) this.keep(call.db.index, args)
    return reply
  }

  /** An EXEC that is refused ends the transaction. */
  #abort(client: Client, error: unknown): ErrorReply {
    client.queue = null
    this.watches.release(client)
    const why = this.failure(error, null).text.replace(/^ERR /, '')
    return new ErrorReply(`EXECABORT Transaction discarded because of: ${why}`)
  }
}
