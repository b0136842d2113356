import type { ReadStream } from 'node:tty'

/** Single keys of a person at a terminal, while the demo runs. Without a terminal there are none. @returns how to stop */
export function followKeys(stdin: ReadStream, onKey: (key: string) => void): () => void {
  if (!stdin.isTTY) return () => undefined
  const onData = (chunk: Buffer) => {
    const key = chunk.toString('utf8')
    // In raw mode Ctrl-C is a key like any other.
    if (key === '\u0003') process.kill(process.pid, 'SIGINT')
    else onKey(key)
  }
  stdin.setRawMode(true)
  stdin.on('data', onData)
  stdin.resume()
  return () => {
    stdin.off('data', onData)
    stdin.setRawMode(false)
    stdin.pause()
  }
}
