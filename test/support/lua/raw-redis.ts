import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const MARK = 'END-OF-ANSWER'
const DEADLINE_MS = 10_000

/** A connection that gives the bytes of an answer as they came. */
export class RawRedis {
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async connect(port: number): Promise<RawRedis> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.setNoDelay(true)
    return new RawRedis(socket)
  }

  eval(script: string, keys: readonly string[] = [], argv: readonly string[] = []): Promise<string> {
    return this.send(['EVAL', script, String(keys.length), ...keys, ...argv])
  }

  send(args: readonly string[]): Promise<string> {
    const end = `$${MARK.length}\r\n${MARK}\r\n`
    return new Promise((resolve, reject) => {
      let bytes = ''
      const onData = (chunk: Buffer) => {
        bytes += chunk.toString('latin1')
        if (bytes.endsWith(end)) settle(() => resolve(bytes.slice(0, -end.length)))
      }
      const fail = (how: string) =>
        settle(() => reject(new Error(`${how} ${JSON.stringify(args).slice(0, 500)} after ${bytes.slice(-300)}`)))
      const onClose = () => fail('the server closed at')
      const timer = setTimeout(() => fail('no answer to'), DEADLINE_MS)
      const settle = (act: () => void) => {
        clearTimeout(timer)
        this.#socket.off('data', onData).off('close', onClose)
        act()
      }
      this.#socket.on('data', onData).on('close', onClose)
      this.#socket.write(Buffer.from(frame(args) + frame(['ECHO', MARK]), 'latin1'))
    })
  }

  close(): void {
    this.#socket.destroy()
  }
}

function frame(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
}
