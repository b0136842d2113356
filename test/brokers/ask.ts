/** One question over a plain socket, without any client library: a broker is ready when it answers. */
import { connect } from 'node:net'

const ANSWER_BYTES_MAX = 64 * 1024

/** Sends the bytes and resolves with what came back as soon as `isWhole` says so. Rejects after `timeoutMs`. */
export function ask(
  port: number,
  question: Uint8Array,
  { isWhole, timeoutMs = 1_000 }: { readonly isWhole: (answer: Buffer) => boolean; readonly timeoutMs?: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer: Buffer = Buffer.alloc(0)
    const socket = connect({ host: '127.0.0.1', port })
    const timer = setTimeout(() => end(new Error(`no answer from port ${port} within ${timeoutMs} ms`)), timeoutMs)
    function end(error: Error | null): void {
      clearTimeout(timer)
      socket.destroy()
      if (error === null) resolve(answer)
      else reject(error)
    }
    socket.once('connect', () => socket.write(question))
    socket.once('error', end)
    socket.once('close', () => end(new Error(`port ${port} closed without a whole answer`)))
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes])
      if (isWhole(answer)) end(null)
      else if (answer.length > ANSWER_BYTES_MAX) end(new Error(`port ${port} answered more than was asked for`))
    })
  })
}
