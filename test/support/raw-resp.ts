/** A Redis client that hands out replies as the bytes they came in. Strings hold one byte per character. */
import { connect, type Socket } from 'node:net'

/** A reply as a tree, without its kind being lost: `['$', 'text']`, `['*', [ … ]]`. */
export type Tree = readonly [kind: string, value: string | readonly Tree[]]

export interface RawRedis {
  /** Sends all at once; one reply each, as it came. Rejects when one of them takes longer than 10 s. */
  ask(commands: readonly (readonly string[])[]): Promise<string[]>
  close(): void
}

const REPLY_TIMEOUT_MS = 10_000

export async function openRaw(port: number): Promise<RawRedis> {
  const socket = await connected(port)
  let text = ''
  let waiting: { readonly count: number; done: (replies: string[]) => void } | null = null
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
    if (waiting === null) return
    const ends = replyEnds(text, waiting.count)
    if (ends.length < waiting.count) return
    const { done } = waiting
    waiting = null
    const replies = ends.map((end, i) => text.slice(i === 0 ? 0 : ends[i - 1], end))
    text = text.slice(ends.at(-1))
    done(replies)
  })
  return {
    async ask(commands) {
      if (commands.length === 0) return []
      if (socket.destroyed) throw new Error('the connection was closed')
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no answer to ${JSON.stringify(commands)}`)), REPLY_TIMEOUT_MS)
        const fail = () => reject(new Error('the connection was closed'))
        socket.once('close', fail)
        const done = (replies: string[]) => {
          clearTimeout(timer)
          socket.off('close', fail)
          resolve(replies)
        }
        waiting = { count: commands.length, done }
        socket.write(commands.map((args) => request(...args)).join(''), 'latin1')
      })
    },
    close: () => socket.destroy(),
  }
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** A request as the bytes it is sent in. */
export function request(...args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
}

/** Where each of the first `count` replies ends; fewer when not all are there yet. */
function replyEnds(text: string, count: number): number[] {
  const ends: number[] = []
  let at = 0
  while (ends.length < count) {
    for (let open = 1; open > 0; ) {
      const line = text.indexOf('\r\n', at)
      if (line < 0) return ends
      const kind = text.charAt(at)
      const size = Number(text.slice(at + 1, line))
      at = line + 2
      open--
      if ('$=!'.includes(kind) && size >= 0) at += size + 2
      else if ('*~>'.includes(kind)) open += Math.max(size, 0)
      else if (kind === '%') open += 2 * size
      if (at > text.length) return ends
    }
    ends.push(at)
  }
  return ends
}

/** A whole reply as a tree. */
export function parseReply(text: string): Tree {
  let at = 0
  function next(): Tree {
    const line = text.indexOf('\r\n', at)
    const kind = text.charAt(at)
    const rest = text.slice(at + 1, line)
    at = line + 2
    if (rest === '-1' && '$*'.includes(kind)) return ['nil', kind]
    if ('$=!'.includes(kind)) {
      const value = text.slice(at, at + Number(rest))
      at += Number(rest) + 2
      return [kind, value]
    }
    if (!'*~>%'.includes(kind)) return [kind, rest]
    return [kind, Array.from({ length: Number(rest) * (kind === '%' ? 2 : 1) }, next)]
  }
  return next()
}
