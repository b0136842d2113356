import { beforeEach, describe, expect, it } from 'vitest'
import { request } from '../../../test/support/raw-resp.ts'
import { startEngine, type TestClient, type TestEngine } from '../../../test/support/redis-engine.ts'

let engine: TestEngine
let one: TestClient
let other: TestClient

beforeEach(() => {
  engine = startEngine()
  one = engine.connect()
  other = engine.connect()
})

describe('a transaction', () => {
  it('runs its commands together, an error among them being one answer', async () => {
    const queued = ['SET k v', 'LPUSH k x', 'INCR n'].map((line) => request(...line.split(' '))).join('')
    expect(await one.say(request('MULTI') + queued + request('EXEC'))).toBe(
      '+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n:1\r\n',
    )
  })

  it('is given up when a command in it is refused', async () => {
    await one.ask('MULTI')
    expect(await one.ask('SET', 'k')).toBe("-ERR wrong number of arguments for 'set' command\r\n")
    await one.ask('SET', 'k', 'v')
    expect(await one.ask('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.\r\n')
    expect(await one.ask('GET', 'k')).toBe('$-1\r\n')
  })

  it('does nothing when somebody changed a watched key', async () => {
    await one.ask('WATCH', 'k')
    await other.ask('SET', 'k', '1')
    await one.ask('MULTI')
    await one.ask('SET', 'k', '2')
    expect(await one.ask('EXEC')).toBe('*-1\r\n')
    expect(await one.ask('GET', 'k')).toBe('$1\r\n1\r\n')
  })

  it('does nothing when the time of a watched key ended', async () => {
    await one.ask('SET', 'k', '1', 'PX', '50')
    await one.ask('WATCH', 'k')
    engine.pass(60)
    await one.ask('MULTI')
    await one.ask('SET', 'other', '2')
    expect(await one.ask('EXEC')).toBe('*-1\r\n')
  })

  it('runs when the watched key was changed in another database, or the watch ended before', async () => {
    await one.ask('WATCH', 'k')
    await other.say(request('SELECT', '1') + request('SET', 'k', '1'))
    await one.ask('MULTI')
    expect(await one.ask('EXEC')).toBe('*0\r\n')
    await one.ask('WATCH', 'k')
    await one.ask('UNWATCH')
    await other.say(request('SELECT', '0') + request('SET', 'k', '1'))
    await one.ask('MULTI')
    expect(await one.ask('EXEC')).toBe('*0\r\n')
  })

  it('takes what a blocking pop finds, and waits for nothing', async () => {
    const text = request('MULTI') + request('RPUSH', 'l', 'a') + request('BLPOP', 'l', '0') + request('BLPOP', 'l', '0')
    expect(await one.say(text + request('EXEC'))).toMatch(/\*3\r\n:1\r\n\*2\r\n\$1\r\nl\r\n\$1\r\na\r\n\*-1\r\n$/)
  })

  it('refuses MULTI in MULTI, WATCH in MULTI, and EXEC without MULTI', async () => {
    expect(await one.ask('EXEC')).toBe('-ERR EXEC without MULTI\r\n')
    expect(await one.ask('DISCARD')).toBe('-ERR DISCARD without MULTI\r\n')
    await one.ask('MULTI')
    expect(await one.ask('MULTI')).toBe('-ERR MULTI calls can not be nested\r\n')
    expect(await one.ask('WATCH', 'k')).toBe('-ERR WATCH inside MULTI is not allowed\r\n')
    expect(await one.ask('DISCARD')).toBe('+OK\r\n')
  })

  it('forgets its watches and its queue with its connection', async () => {
    await one.ask('WATCH', 'k')
    one.leave()
    await other.heard()
    expect(engine.engine.watches.size).toBe(0)
    expect(engine.engine.clients.size).toBe(1)
  })
})
