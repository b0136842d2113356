import { describe, expect, it } from 'vitest'
import { request } from '../../../test/support/raw-resp.ts'
import { startEngine } from '../../../test/support/redis-engine.ts'
import { seeded } from '../../domain/seeded.ts'

describe('a hostile client', () => {
  it('that has not signed in and never reads is dropped at 1 MB of output', async () => {
    const engine = startEngine({ password: 'secret' })
    const client = engine.connect()
    client.stopReading()
    const many = request('GET', 'k').repeat(10_000)
    for (let sent = 0; sent < 1_000_000 && !client.isClosed; sent += 10_000) await client.say(many)
    expect(client.isClosed).toBe(true)
    expect(engine.listener.peers.size).toBe(0)
    expect(engine.listener.bytesOut).toBeLessThan(3 * 1024 * 1024)
  })

  it('that signed in and never reads is not listened to, then dropped; others are served', async () => {
    const engine = startEngine()
    const [client, other] = [engine.connect(), engine.connect()]
    await other.ask('SET', 'k', 'x'.repeat(100_000))
    client.stopReading()
    for (let sent = 0; sent < 20; sent++) await client.say(request('GET', 'k').repeat(100))
    expect(engine.listener.bytesOut).toBeLessThan(4 * 1024 * 1024)
    expect(await other.ask('PING')).toBe('+PONG\r\n')
    engine.pass(61_000)
    await client.heard()
    expect(client.isClosed).toBe(true)
    expect(await other.ask('PING')).toBe('+PONG\r\n')
  })

  it('that breaks the protocol is told so and closed; what it asked before is answered', async () => {
    const engine = startEngine()
    const client = engine.connect()
    expect(await client.say(`${request('PING')}*1\r\n$-5\r\n`)).toBe(
      '+PONG\r\n-ERR Protocol error: invalid bulk length\r\n',
    )
    expect(client.isClosed).toBe(true)
    expect(engine.engine.clients.size).toBe(0)
  })

  it.each([
    ['POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET pwned 1\r\n'],
    ['GET / HTTP/1.1\r\nHOST: localhost\r\n\r\nSET pwned 1\r\n'],
    [`${request('post', '/')}${request('SET', 'pwned', '1')}`],
  ])('that is a web page in a browser is closed without an answer, and writes nothing: %j', async (bytes) => {
    const engine = startEngine()
    const [page, other] = [engine.connect(), engine.connect()]
    expect(await page.say(bytes)).not.toContain('+OK')
    expect(page.isClosed).toBe(true)
    expect(await other.ask('EXISTS', 'pwned')).toBe(':0\r\n')
    expect(engine.logged).toEqual([expect.stringContaining('request of HTTP')])
  })

  it('must sign in first, and cannot send much before', async () => {
    const engine = startEngine({ password: 'secret' })
    const client = engine.connect()
    expect(await client.ask('GET', 'k')).toBe('-NOAUTH Authentication required.\r\n')
    expect(await client.ask('AUTH', 'wrong')).toMatch(/^-WRONGPASS /)
    expect(await client.say(`*2\r\n$4\r\nAUTH\r\n$16385\r\n`)).toBe(
      '-ERR Protocol error: unauthenticated bulk length\r\n',
    )
    const other = engine.connect()
    expect(await other.ask('AUTH', 'secret')).toBe('+OK\r\n')
    expect(await other.ask('SET', 'k', 'x'.repeat(20_000))).toBe('+OK\r\n')
    expect(await other.say(request('RESET') + request('GET', 'k'))).toBe(
      '+RESET\r\n-NOAUTH Authentication required.\r\n',
    )
    expect(await other.say(`*2\r\n$4\r\nAUTH\r\n$16385\r\n`)).toBe(
      '-ERR Protocol error: unauthenticated bulk length\r\n',
    )
  })

  it('of ten thousand mutated frames makes nothing fall over', async () => {
    const engine = startEngine()
    const random = seeded(7)
    const stream = [
      ...[request('SET', 'k', 'v'), request('HSET', 'h', 'f', '1'), request('MULTI'), request('EXEC'), 'PING\r\n'],
      ...[
        request('XADD', 's', '*', 'a', '1'),
        request('CLIENT', 'LIST'),
        request('SCAN', '0'),
        request('SUBSCRIBE', 'c'),
      ],
    ].join('')
    for (let run = 0; run < 1_000; run++) {
      const bytes = Buffer.from(stream, 'latin1')
      for (let flip = 0; flip < 10; flip++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      const client = engine.connect()
      await client.say(bytes.toString('latin1'))
      client.leave()
    }
    expect(engine.logged).toEqual([])
    expect(await engine.connect().ask('PING')).toBe('+PONG\r\n')
  })

  it('finds the door closed when there are as many as may be', async () => {
    const engine = startEngine()
    const first = engine.connect()
    await first.ask('CONFIG', 'SET', 'maxclients', '1')
    const second = engine.connect()
    expect(await second.heard()).toBe('-ERR max number of clients reached\r\n')
    expect(await first.ask('PING')).toBe('+PONG\r\n')
  })
})

describe('patterns', () => {
  it('cost no more than the product of the lengths', async () => {
    const client = startEngine().connect()
    await client.ask('SET', 'a'.repeat(5_000), '1')
    const startMs = performance.now()
    expect(await client.ask('KEYS', `${'a*'.repeat(500)}b`)).toBe('*0\r\n')
    expect(performance.now() - startMs).toBeLessThan(1_000)
  })
})

describe('a text that is almost a number', () => {
  it.each([
    ['digits', `${'1'.repeat(9_990)}x`],
    ['hexadecimal digits', `0x${'f'.repeat(9_990)}z`],
    ['a point and digits', `.${'1'.repeat(9_990)}x`],
  ])('costs no more than its length: %s', async (_, text) => {
    const client = startEngine().connect()
    const startMs = performance.now()
    for (let count = 0; count < 5; count++) {
      expect(await client.ask('ZADD', 'z', text, 'm')).toBe('-ERR value is not a valid float\r\n')
      expect(await client.ask('INCRBYFLOAT', 'k', text)).toBe('-ERR value is not a valid float\r\n')
    }
    expect(performance.now() - startMs).toBeLessThan(1_000)
  })
})

describe('memory', () => {
  it('above maxmemory refuses what adds, and lets reads and removals go on', async () => {
    const engine = startEngine({ maxMemoryBytes: 1 })
    const client = engine.connect()
    engine.engine.checkMemory()
    const refused = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
    expect(await client.ask('SET', 'k', 'v')).toBe(refused)
    expect(await client.ask('GET', 'k')).toBe('$-1\r\n')
    expect(await client.ask('DEL', 'k')).toBe(':0\r\n')
    expect(await client.say(request('MULTI') + request('LPUSH', 'l', 'a') + request('EXEC'))).toBe(
      `+OK\r\n${refused}-EXECABORT Transaction discarded because of previous errors.\r\n`,
    )
    await client.ask('CONFIG', 'SET', 'maxmemory', '0')
    expect(await client.ask('SET', 'k', 'v')).toBe('+OK\r\n')
  })

  it('that ran out since MULTI ends the transaction, unless nothing in it adds', async () => {
    const engine = startEngine()
    const [client, other, third] = [engine.connect(), engine.connect(), engine.connect()]
    await client.say(request('MULTI') + request('SET', 'k', 'v'))
    await other.say(request('MULTI') + request('DEL', 'k'))
    await third.say(request('MULTI') + request('FOO') + request('SET', 'k', 'v'))
    engine.engine.isOverMemory = true
    expect(await client.say(request('EXEC') + request('GET', 'k'))).toBe(
      "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.\r\n$-1\r\n",
    )
    expect(await other.ask('EXEC')).toBe('*1\r\n:0\r\n')
    expect(await third.ask('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.\r\n')
  })
})
