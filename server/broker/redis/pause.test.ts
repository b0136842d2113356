import { expect, it } from 'vitest'
import { request } from '../../../test/support/raw-resp.ts'
import { startEngine } from '../../../test/support/redis-engine.ts'

it.each(['SET k v', 'EVAL return(1) 0', 'EVALSHA e0e1f9 0', 'PUBLISH c m', 'SPUBLISH c m'])(
  'a pause of writes holds %s, and the EXEC of a transaction with it',
  async (line) => {
    const engine = startEngine()
    const [plain, within] = [engine.connect(), engine.connect()]
    await engine.connect().ask('CLIENT', 'PAUSE', '1000', 'WRITE')
    expect(await plain.ask(...line.split(' '))).toBe('')
    expect(await within.say(request('MULTI') + request(...line.split(' ')))).toBe('+OK\r\n+QUEUED\r\n')
    expect(await within.ask('EXEC')).toBe('')
    engine.pass(1_000)
    expect(await plain.heard()).not.toBe('')
    expect(await within.heard()).toMatch(/^\*1\r\n/)
  },
)

it.each(['GET k', 'EVAL_RO return(1) 0'])(
  'a pause of writes lets %s pass, alone and in a transaction',
  async (line) => {
    const engine = startEngine()
    const client = engine.connect()
    await client.ask('CLIENT', 'PAUSE', '1000', 'WRITE')
    expect(await client.ask(...line.split(' '))).not.toBe('')
    await client.say(request('MULTI') + request(...line.split(' ')))
    expect(await client.ask('EXEC')).toMatch(/^\*1\r\n/)
  },
)
