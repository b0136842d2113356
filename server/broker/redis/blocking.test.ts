import { beforeEach, describe, expect, it } from 'vitest'
import { request } from '../../../test/support/raw-resp.ts'
import { startEngine, type TestEngine } from '../../../test/support/redis-engine.ts'

let engine: TestEngine

beforeEach(() => {
  engine = startEngine()
})

const popped = (key: string, item: string) => `*2\r\n$${key.length}\r\n${key}\r\n$${item.length}\r\n${item}\r\n`

describe('who waits', () => {
  it('is served in the order of arrival, one item each', async () => {
    const waiting = Array.from({ length: 5 }, () => engine.connect())
    for (const client of waiting) expect(await client.ask('BLPOP', 'l', '0')).toBe('')
    await engine.connect().ask('RPUSH', 'l', 'a', 'b', 'c')
    const heard: string[] = []
    for (const client of waiting) heard.push(await client.heard())
    expect(heard).toEqual([popped('l', 'a'), popped('l', 'b'), popped('l', 'c'), '', ''])
  })

  it('is answered nil once its time is over, and takes nothing afterwards', async () => {
    const client = engine.connect()
    await client.ask('BLPOP', 'l', '0.5')
    engine.pass(499)
    expect(await client.heard()).toBe('')
    engine.pass(1)
    expect(await client.heard()).toBe('*-1\r\n')
    const other = engine.connect()
    await other.ask('RPUSH', 'l', 'a')
    expect(await client.heard()).toBe('')
    expect(await other.ask('LLEN', 'l')).toBe(':1\r\n')
  })

  it('takes nothing when its connection ended before', async () => {
    const client = engine.connect()
    await client.ask('BLPOP', 'l', '0')
    client.leave()
    const other = engine.connect()
    await other.heard()
    await other.ask('RPUSH', 'l', 'a')
    expect(await other.ask('LLEN', 'l')).toBe(':1\r\n')
  })

  it('is answered before its next request is looked at', async () => {
    const client = engine.connect()
    expect(await client.say(request('BLPOP', 'l', '0') + request('PING'))).toBe('')
    await engine.connect().ask('RPUSH', 'l', 'a')
    expect(await client.heard()).toBe(`${popped('l', 'a')}+PONG\r\n`)
  })

  it('sees what a transaction left, not what it had in between', async () => {
    const client = engine.connect()
    await client.ask('BLPOP', 'l', '0')
    const other = engine.connect()
    const steps = [['MULTI'], ['RPUSH', 'l', 'a'], ['DEL', 'l'], ['RPUSH', 'l', 'b'], ['EXEC']]
    await other.say(steps.map((step) => request(...step)).join(''))
    expect(await client.heard()).toBe(popped('l', 'b'))
  })

  it('passes an item on to whoever waits for its new place', async () => {
    const [last, first] = [engine.connect(), engine.connect()]
    await last.ask('BLPOP', 'two', '0')
    await first.ask('BLMOVE', 'one', 'two', 'LEFT', 'RIGHT', '0')
    await engine.connect().ask('RPUSH', 'one', 'x')
    expect(await first.heard()).toBe('$1\r\nx\r\n')
    expect(await last.heard()).toBe(popped('two', 'x'))
  })

  it('can wait for several keys, and is served once', async () => {
    const client = engine.connect()
    await client.ask('BLPOP', 'a', 'b', '0')
    const other = engine.connect()
    await other.say(request('MULTI') + request('RPUSH', 'b', '1') + request('RPUSH', 'a', '2') + request('EXEC'))
    expect([popped('b', '1'), popped('a', '2')]).toContain(await client.heard())
    expect(await other.ask('DBSIZE')).toBe(':1\r\n')
  })

  it('can be sent on by CLIENT UNBLOCK', async () => {
    const [client, other] = [engine.connect(), engine.connect()]
    const id = (await client.ask('CLIENT', 'ID')).slice(1).trim()
    await client.ask('BLPOP', 'a', '0')
    expect(await other.ask('CLIENT', 'UNBLOCK', id, 'ERROR')).toBe(':1\r\n')
    expect(await client.heard()).toBe('-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n')
    expect(await other.ask('CLIENT', 'UNBLOCK', id)).toBe(':0\r\n')
  })

  it('is woken by every way in which a list comes to be', async () => {
    const other = engine.connect()
    const ways: readonly (readonly string[])[] = [
      ['LPUSH', 'l', 'x'],
      ['RENAME', 'source', 'l'],
      ['COPY', 'source', 'l'],
      ['LMOVE', 'source', 'l', 'LEFT', 'LEFT'],
      ['SORT', 'source', 'ALPHA', 'STORE', 'l'],
    ]
    for (const way of ways) {
      await other.ask('DEL', 'source', 'l')
      await other.ask('RPUSH', 'source', 'x')
      const client = engine.connect()
      await client.ask('BLPOP', 'l', '0')
      await other.ask(...way)
      expect(await client.heard(), way.join(' ')).toBe(popped('l', 'x'))
    }
  })

  it.each([
    ['by itself', () => engine.pass(200)],
    ['when somebody looks', () => engine.clock.advance(60)],
  ])('for entries of a group hears of the end of its stream, found %s', async (_, passes) => {
    const [client, other] = [engine.connect(), engine.connect()]
    await other.ask('XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM')
    await client.ask('XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '0', 'STREAMS', 's', '>')
    await other.ask('PEXPIRE', 's', '50')
    passes()
    expect(await other.ask('EXISTS', 's')).toBe(':0\r\n')
    expect(await client.heard()).toBe('-UNBLOCKED the stream key no longer exists\r\n')
  })
})
