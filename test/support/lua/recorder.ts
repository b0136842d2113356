import { once } from 'node:events'
import { connect } from 'node:net'

export interface Recorder {
  /** The commands of clients in the order the server ran them; those of scripts are left out. */
  stop(): readonly (readonly string[])[]
}

/** Records what a Redis is told, by MONITOR. */
export async function record(port: number): Promise<Recorder> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.write('MONITOR\r\n')
  await once(socket, 'data')
  return {
    stop() {
      socket.destroy()
      return text.split('\r\n').flatMap((line) => {
        const [, origin, rest] = /^\+[\d.]+ \[\d+ ([^\]]*)\] (.*)$/.exec(line) ?? []
        if (origin === undefined || origin === 'lua' || rest === undefined) return []
        return [argumentsOf(rest)]
      })
    },
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' }

function argumentsOf(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, quoted = '']) =>
    quoted.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, char: string) =>
      hex === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  )
}
