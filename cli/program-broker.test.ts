import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addBrokerCommand, type BrokerOptions } from './program-broker.ts'

/** What the options are read as; rejects with commander's words. */
async function read(...args: readonly string[]): Promise<BrokerOptions> {
  let read: BrokerOptions = {}
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  const broker = async (_: string, options: BrokerOptions) => {
    read = options
  }
  addBrokerCommand(program, { broker }, () => undefined)
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined })
  await program.parseAsync(['broker', 'redis', ...args], { from: 'user' })
  return read
}

test.each([
  ['512', 512],
  ['256mb', 256 * 1024 ** 2],
  ['2GB', 2 * 1024 ** 3],
  ['0', 0],
])('--maxmemory %s is a size', async (size, bytes) => {
  expect(await read('--maxmemory', size)).toMatchObject({ maxmemory: bytes })
})

test.each(['1constructor', '5tostring', '1tb', 'mb', '-1'])('--maxmemory %s is none, and refused', async (size) => {
  await expect(read(`--maxmemory=${size}`)).rejects.toThrow('Expected a size such as 256mb.')
})
