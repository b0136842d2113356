import { usage } from './exit.ts'
import type { Keyboard } from './session.ts'

/** The process's own stdin, as a person or as a pipe. */
export function keyboardOf(stdin: NodeJS.ReadStream): Keyboard {
  return {
    isTTY: stdin.isTTY,
    ask: async (question, signal) => {
      const { createInterface } = await import('node:readline')
      const lines = createInterface({ input: stdin, output: process.stderr, terminal: true })
      try {
        return await new Promise<string | null>((resolve, reject) => {
          const onAbort = () => {
            process.stderr.write('\n')
            reject(signal.reason)
          }
          signal.addEventListener('abort', onAbort, { once: true })
          // In raw mode Ctrl-C is a key, which readline gives back; Ctrl-D ends the input.
          lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
          lines.once('close', () => resolve(null))
          lines.question(question, (answer) => {
            signal.removeEventListener('abort', onAbort)
            resolve(answer)
          })
        })
      } finally {
        lines.close()
      }
    },
    readAll: async (bytesMax) => {
      const chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of stdin as AsyncIterable<Buffer>) {
        bytes += chunk.length
        if (bytes > bytesMax) throw usage(`stdin holds more than ${bytesMax} bytes`)
        chunks.push(chunk)
      }
      return Buffer.concat(chunks).toString('utf8')
    },
  }
}
