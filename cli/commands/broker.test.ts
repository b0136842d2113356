import { createServer, type Server } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { EXIT } from '../exit.ts'
import type { Io } from '../session.ts'
import { runBroker } from './broker.ts'

let taken: Server | null = null

afterEach(() => {
  taken?.close()
  taken = null
})

/** What a command prints, and how to interrupt it. */
function plainIo(): { io: Io; printed: string[]; interrupt: AbortController } {
  const printed: string[] = []
  const interrupt = new AbortController()
  const sink = { write: (text: string) => printed.push(text) }
  const stdin = { ask: async () => null, readAll: async () => '' }
  return { io: { stdout: sink, stderr: sink, stdin, env: {}, interrupt: interrupt.signal }, printed, interrupt }
}

it('sluice broker redis prints one line with name, address, durability and folder, and ends when it is interrupted', async () => {
  const { io, printed, interrupt } = plainIo()
  const ended = runBroker('redis', { port: 0 }, io)
  while (printed.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(printed[0]).toMatch(
    /^embedded Redis-compatible engine at redis:\/\/127\.0\.0\.1:\d+, durability memory, nothing is kept on disk\n$/,
  )
  interrupt.abort()
  expect(await ended).toBe(EXIT.done)
  expect(printed).toHaveLength(1)
})

it('a port that is taken is said in one sentence, with what to do', async () => {
  taken = createServer()
  await new Promise<void>((resolve) => taken?.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  await expect(runBroker('redis', { port }, plainIo().io)).rejects.toThrow(
    `port ${port} is already taken: choose another with --port, or 0 for any`,
  )
})

it('a broker that is not embedded is not started', async () => {
  await expect(runBroker('kafka', {}, plainIo().io)).rejects.toThrow('there is redis, got "kafka"')
})
