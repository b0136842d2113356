import { RESP_LIMITS_UNAUTHENTICATED, RespError, RespParser } from '../../wire/resp.ts'
import type { Faults } from '../faults.ts'
import type { Conversation } from '../listener.ts'
import type { Peer } from '../peer.ts'
import type { Client } from './client.ts'
import { BLOCKED } from './command.ts'
import type { Engine } from './engine.ts'
import { oneLine } from './reply.ts'

/** RESP on one connection: bytes to requests, requests to the engine, replies to bytes. */
export class Connection implements Conversation {
  readonly #engine: Engine
  readonly #peer: Peer
  readonly #faults: Faults
  readonly #client: Client
  readonly #parser: RespParser
  /** A request that is to be run later: CLIENT PAUSE, or a fault. */
  #deferred: readonly string[] | null = null
  /** The deferred one has had its fault. */
  #isFaulted = false
  #cancelTimer: (() => void) | null = null

  constructor(engine: Engine, peer: Peer, faults: Faults) {
    this.#engine = engine
    this.#peer = peer
    this.#faults = faults
    this.#client = engine.connect(peer)
    this.#parser = new RespParser(RESP_LIMITS_UNAUTHENTICATED)
  }

  get pendingBytes(): number {
    return this.#parser.pendingBytes
  }

  received(chunk: Buffer): void {
    this.#parser.feed(chunk)
  }

  step(): boolean {
    const args = this.#deferred ?? this.#next()
    if (args === undefined) return false
    this.#deferred = null
    if (this.#engine.pause.isOn && this.#isPaused(args)) return true
    if (!this.#faults.isEmpty && this.#suffers(args)) return true
    this.#isFaulted = false
    this.#answer(args)
    return true
  }

  ended(): void {
    this.#cancelTimer?.()
    this.#engine.disconnect(this.#client)
  }

  #next(): readonly string[] | undefined {
    // RESET makes a stranger of who had signed in.
    this.#parser.limits = this.#client.user === null ? RESP_LIMITS_UNAUTHENTICATED : this.#engine.config.limits
    try {
      const args = this.#parser.next()
      if (args === undefined || !isOfHttp(args[0] as string)) return args
      this.#engine.log.warn('client dropped: it sent a request of HTTP', { client: this.#peer.remote })
      this.#peer.drop()
      return undefined
    } catch (error) {
      if (!(error instanceof RespError)) throw error
      this.#peer.send(`-ERR Protocol error: ${oneLine(error.message)}\r\n`)
      this.#peer.end()
      return undefined
    }
  }

  #answer(args: readonly string[]): void {
    const client = this.#client
    const reply = this.#engine.execute(client, args)
    if (reply !== BLOCKED) client.answer(reply)
    if (client.isLeaving) this.#peer.end()
  }

  #isPaused(args: readonly string[]): boolean {
    const { pause } = this.#engine
    if (!pause.holds(this.#client, args)) return false
    this.#hold(args)
    this.#cancelTimer = pause.whenOver(() => this.#peer.release())
    return true
  }

  /** Whether a fault takes the place of the request. */
  #suffers(args: readonly string[]): boolean {
    if (this.#isFaulted) return false
    const fault = this.#faults.take(this.#engine.nameOf(args))
    if (fault === null) return false
    if (fault.kind === 'answer') this.#peer.send(fault.text)
    if (fault.kind === 'lose') this.#engine.execute(this.#client, args)
    if (fault.kind === 'drop' || fault.kind === 'lose') this.#peer.drop()
    if (fault.kind === 'delay') {
      this.#isFaulted = true
      this.#hold(args)
      this.#cancelTimer = this.#engine.timers.after(fault.ms, () => this.#peer.release())
    }
    return true
  }

  #hold(args: readonly string[]): void {
    this.#deferred = args
    this.#peer.hold()
  }
}

/** What a web page can make a browser send to any port: as in Redis it is not answered, and nothing after it is read. */
function isOfHttp(word: string): boolean {
  return (word.length === 4 && word.toLowerCase() === 'post') || (word.length === 5 && word.toLowerCase() === 'host:')
}
