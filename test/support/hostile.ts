/** Servers that behave badly, each in one way, on a free loopback port: what a broker in trouble looks like from here. */
import { createServer, type Server, type Socket } from 'node:net'
import { freePort, portOf } from '../brokers/port.ts'

export interface HostileServer {
  readonly host: string
  readonly port: number
  /** How many connections were accepted so far: proof that somebody tried, and how often. */
  connections(): number
  /** How many of them are open now: proof that somebody let go. */
  open(): number
  /** Closes the port and every connection. */
  stop(): Promise<void>
}

/** Accepts, reads everything and never answers: a stopped process, a full host, a firewall that drops. */
export function silentServer(): Promise<HostileServer> {
  return serve((socket) => socket.resume())
}

/**
 * Answers whatever arrives, and the connection itself, with random bytes: the wrong port, a broken proxy.
 * @param seed the same seed gives the same bytes
 */
export function garbageServer(seed: number): Promise<HostileServer> {
  const bytes = randomBytes(seed)
  return serve((socket) => {
    socket.write(bytes(256))
    socket.on('data', () => socket.write(bytes(1_024)))
  })
}

/**
 * Sends a good answer so slowly that it never ends: each byte resets a timeout that counts only idle time.
 * @param answer repeated for ever once its end is reached
 */
export function dripServer(answer: Uint8Array, everyMs = 50): Promise<HostileServer> {
  return serve((socket) => {
    let sent = 0
    socket.resume()
    const timer = setInterval(() => {
      socket.write(answer.subarray(sent % answer.length, (sent % answer.length) + 1))
      sent += 1
    }, everyMs)
    socket.once('close', () => clearInterval(timer))
  })
}

/** Accepts and closes at once: a broker that is shutting down, a limit on connections. */
export function closingServer(): Promise<HostileServer> {
  return serve((socket) => socket.end())
}

/** Answers every chunk that arrives with the same bytes, for example `-ERR max number of clients reached\r\n`. */
export function answeringServer(answer: Uint8Array | string): Promise<HostileServer> {
  return serve((socket) => socket.on('data', () => socket.write(answer)))
}

/** A port where nobody listens: a connection to it is refused at once. */
export async function refusingPort(): Promise<{ readonly host: string; readonly port: number }> {
  return { host: '127.0.0.1', port: await freePort() }
}

async function serve(treat: (socket: Socket) => void): Promise<HostileServer> {
  const sockets = new Set<Socket>()
  let accepted = 0
  const server: Server = createServer((socket) => {
    accepted += 1
    sockets.add(socket)
    // The other side giving up is what these servers are for.
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    treat(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1' }, resolve)
  })
  return {
    host: '127.0.0.1',
    port: portOf(server),
    connections: () => accepted,
    open: () => sockets.size,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** The generator mulberry32 (public domain): 32 bits of state, good enough to be garbage. */
function randomBytes(seed: number): (count: number) => Buffer {
  let state = seed >>> 0
  return (count) => {
    const bytes = Buffer.alloc(count)
    for (let at = 0; at < count; at += 1) {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      bytes[at] = (mixed ^ (mixed >>> 14)) & 0xff
    }
    return bytes
  }
}
