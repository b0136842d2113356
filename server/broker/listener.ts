import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Log } from '../domain/log.ts'
import { Peer } from './peer.ts'
import type { Timers } from './system-clock.ts'

/** What a protocol does with one connection. */
export interface Conversation {
  /** Keeps bytes that came. */
  received(chunk: Buffer): void
  /** Handles the next whole request and sends its answer, or holds the peer until there is one. false: more bytes are needed. */
  step(): boolean
  /** Bytes that came and were not handled yet. */
  readonly pendingBytes: number
  /** The connection is gone. */
  ended(): void
}

export interface ListenerOptions {
  /** Called once for each connection. */
  converse(peer: Peer): Conversation
  /** Connections at once. */
  clientsMax(): number
  /** Told to one too many, before it is closed. */
  readonly fullText: string
  /** Answers leave when this is settled; rejected: their connections are closed without them. null: at once. */
  barrier(): Promise<void> | null
  /** A piece of work has ended, and what is to be sent has asked for its barrier. Must not begin another. */
  settled(): void
  readonly timers: Timers
  readonly log: Log
}

const LOOPBACK = ['127.0.0.1', '::1'] as const
const PORT_TRIES = 10
const BACKLOG = 511

/** Takes connections, on sockets or handed in, and lets each of them speak, one request at a time. */
export class Listener {
  readonly options: ListenerOptions
  readonly peers = new Set<Peer>()
  /** Connections turned away. */
  rejected = 0
  accepted = 0
  bytesIn = 0
  bytesOut = 0
  readonly #servers: Server[] = []
  #nextId = 1
  /** Peers with something to send or to do once the request under way has ended. */
  #due: Peer[] = []
  #isWorking = false

  constructor(options: ListenerOptions) {
    this.options = options
  }

  /**
   * @param host null: loopback, 127.0.0.1 and, where there is one, [::1]
   * @param port 0: a free one, the same for both
   * @returns the port
   */
  async listen(host: string | null, port: number): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#listenOn(host === null ? LOOPBACK : [host], port)
      } catch (error) {
        await this.#stopListening()
        // A free port of one address may be taken on the other.
        if (port !== 0 || attempt >= PORT_TRIES || codeOf(error) !== 'EADDRINUSE') throw error
      }
    }
  }

  /** One connection that is there already: one end of a pair, in tests. */
  add(stream: Duplex): void {
    this.accepted++
    if (this.peers.size >= this.options.clientsMax()) {
      this.rejected++
      stream.on('error', () => {})
      stream.end(this.options.fullText, 'latin1')
      return
    }
    const peer = new Peer(this, stream, this.#nextId++)
    this.peers.add(peer)
    peer.start(this.options.converse(peer))
  }

  /** Takes no more connections and closes those there are, at once: what was not sent is lost. */
  async close(): Promise<void> {
    const stopped = this.#stopListening()
    for (const peer of this.peers) peer.drop()
    await stopped
  }

  /** Runs a piece of work; what peers have to send and to do goes out when the outermost piece ends. */
  work(run: () => void): void {
    if (this.#isWorking) {
      run()
      return
    }
    this.#isWorking = true
    try {
      run()
    } finally {
      // Peers may become due while others work.
      for (let at = 0; at < this.#due.length; at++) this.#due[at]?.settle()
      this.#due = []
      this.options.settled()
      this.#isWorking = false
    }
  }

  /** The peer has something to send or to do: at the end of this piece of work, or right away. */
  due(peer: Peer): void {
    this.#due.push(peer)
    if (!this.#isWorking) this.work(() => {})
  }

  async #listenOn(hosts: readonly string[], wanted: number): Promise<number> {
    let port = wanted
    for (const host of hosts) {
      const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 300_000 }, (socket) =>
        this.add(socket),
      )
      try {
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject)
          server.listen({ host, port, backlog: BACKLOG }, resolve)
        })
      } catch (error) {
        const isAbsent = host === '::1' && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error))
        if (!isAbsent) throw error
        continue
      }
      server.removeAllListeners('error')
      server.on('error', (error) => this.options.log.error('accepting failed', { error: error.message }))
      this.#servers.push(server)
      port = (server.address() as AddressInfo).port
    }
    return port
  }

  async #stopListening(): Promise<void> {
    const servers = this.#servers.splice(0)
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

/** `127.0.0.1:50412`, `[::1]:50412`; a stream that is no socket has none. */
export function addressOf(stream: Duplex, side: 'local' | 'remote'): string {
  if (!(stream instanceof Socket)) return '127.0.0.1:0'
  const [address, port] =
    side === 'local' ? [stream.localAddress, stream.localPort] : [stream.remoteAddress, stream.remotePort]
  return address?.includes(':') ? `[${address}]:${port}` : `${address ?? '127.0.0.1'}:${port ?? 0}`
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
