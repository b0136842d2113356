import { describe, expect, it } from 'vitest'
import { request } from '../../../test/support/raw-resp.ts'
import { startEngine, type TestClient } from '../../../test/support/redis-engine.ts'
import { seeded } from '../../domain/seeded.ts'

/** One page: the next cursor, and the keys. */
async function page(client: TestClient, cursor: string, ...more: readonly string[]): Promise<[string, string[]]> {
  const lines = (await client.ask('SCAN', cursor, ...more)).split('\r\n')
  return [lines[2] as string, lines.slice(4).filter((_, at) => at % 2 === 1)]
}

describe('SCAN', () => {
  it('meets every key that stays exactly once, while others come and go', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const client = startEngine().connect()
      const random = seeded(seed)
      const stays = Array.from({ length: 300 }, (_, at) => `stays:${at}`)
      for (const key of stays) await client.say(request('SET', key, '1') + request('SET', `goes:${key}`, '1'))
      const met: string[] = []
      let cursor = '0'
      do {
        const [next, keys] = await page(client, cursor, 'COUNT', '20')
        met.push(...keys.filter((key) => key.startsWith('stays:')))
        cursor = next
        for (let change = 0; change < 20; change++) {
          const key = stays[Math.floor(random() * stays.length)] as string
          await client.ask(random() < 0.5 ? 'DEL' : 'INCR', `goes:${key}`)
          await client.ask('SET', key, String(change))
        }
      } while (cursor !== '0')
      expect(met.toSorted()).toEqual(stays.toSorted())
    }
  })

  it('of a database that shrank to nothing ends', async () => {
    const client = startEngine().connect()
    for (let at = 0; at < 100; at++) await client.ask('SET', `k${at}`, '1')
    const [cursor] = await page(client, '0')
    await client.ask('FLUSHALL')
    expect(await page(client, cursor)).toEqual(['0', []])
  })

  it('shows only what matches, and neither ends early nor tells keys whose time is over', async () => {
    const engine = startEngine()
    const client = engine.connect()
    for (let at = 0; at < 50; at++) await client.ask('SET', `a${at}`, '1')
    await client.ask('LPUSH', 'list', 'x')
    await client.ask('SET', 'b', '1', 'PX', '50')
    const found: string[] = []
    engine.clock.advance(51)
    let cursor = '0'
    do {
      const [next, keys] = await page(client, cursor, 'MATCH', '[bl]*')
      found.push(...keys)
      cursor = next
    } while (cursor !== '0')
    expect(found).toEqual(['list'])
    expect((await page(client, '0', 'TYPE', 'list', 'COUNT', '1000'))[1]).toEqual(['list'])
  })
})

describe('expiry', () => {
  it('runs by itself, a bounded number of keys at a time', async () => {
    const engine = startEngine()
    const client = engine.connect()
    for (let at = 0; at < 200; at++) await client.ask('SET', `k${at}`, '1', 'PX', at < 100 ? '500' : '5000')
    engine.pass(450)
    expect(await client.ask('DBSIZE')).toBe(':200\r\n')
    engine.pass(200)
    expect(await client.ask('DBSIZE')).toBe(':100\r\n')
    expect(engine.engine.stats.expiredKeys).toBe(100)
    engine.pass(5_000)
    expect(await client.ask('DBSIZE')).toBe(':0\r\n')
  })

  it('follows its conditions, and goes with the key', async () => {
    const engine = startEngine()
    const client = engine.connect()
    await client.ask('SET', 'k', '1')
    const steps: readonly (readonly [command: string, answer: string])[] = [
      ['EXPIRE k 100 XX', ':0'],
      ['EXPIRE k 100 GT', ':0'],
      ['EXPIRE k 100 NX', ':1'],
      ['EXPIRE k 50 GT', ':0'],
      ['EXPIRE k 50 LT', ':1'],
      ['TTL k', ':50'],
      ['RENAME k l', '+OK'],
      ['PTTL l', ':50000'],
      ['COPY l m', ':1'],
      ['PTTL m', ':50000'],
      ['MOVE m 1', ':1'],
      ['PERSIST l', ':1'],
      ['TTL l', ':-1'],
      ['EXPIRE l -1', ':1'],
      ['EXISTS l', ':0'],
      ['TTL l', ':-2'],
      ['SWAPDB 0 1', '+OK'],
      ['PTTL m', ':50000'],
    ]
    for (const [command, answer] of steps)
      expect(await client.ask(...command.split(' ')), command).toBe(`${answer}\r\n`)
  })
})

describe('INFO', () => {
  it('carries what clients look for, and the true calls and keys', async () => {
    const client = startEngine().connect()
    for (let at = 0; at < 20; at++) await client.ask('SET', `k${at}`, 'v', 'EX', '100')
    await client.ask('GET')
    const text = await client.ask('INFO', 'everything')
    for (const line of [
      'redis_version:7.0.15',
      'server_name:sluice',
      'maxmemory_policy:noeviction',
      'role:master',
      'loading:0',
    ]) {
      expect(text).toContain(`${line}\r\n`)
    }
    expect(text).toMatch(/used_memory:\d+\r\n/)
    expect(text).toContain('connected_clients:1\r\n')
    expect(text).toContain('db0:keys=20,expires=20,avg_ttl=0\r\n')
    expect(text).toMatch(/cmdstat_set:calls=20,usec=\d+,usec_per_call=[\d.]+,rejected_calls=0,failed_calls=0\r\n/)
    expect(text).toMatch(/cmdstat_get:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,failed_calls=0\r\n/)
  })
})

describe('CLIENT', () => {
  it('LIST tells names, ages and idle times; KILL ends those that match', async () => {
    const engine = startEngine()
    const [one, two] = [engine.connect(), engine.connect()]
    await one.ask('CLIENT', 'SETNAME', 'worker')
    engine.pass(90_000)
    await two.ask('PING')
    engine.pass(5_000)
    const text = await two.ask('CLIENT', 'LIST')
    expect(text).toMatch(/id=1 .*name=worker age=95 idle=95 flags=N db=0/)
    expect(text).toMatch(/id=2 .*name= age=95 idle=0 .*cmd=client\|list user=default/)
    expect(await two.ask('CLIENT', 'KILL', 'ID', '1')).toBe(':1\r\n')
    await one.heard()
    expect(one.isClosed).toBe(true)
  })

  it('PAUSE WRITE holds writers until its end, and nobody else', async () => {
    const engine = startEngine()
    const [one, two] = [engine.connect(), engine.connect()]
    await two.ask('CLIENT', 'PAUSE', '1000', 'WRITE')
    expect(await one.ask('GET', 'k')).toBe('$-1\r\n')
    expect(await one.say(request('SET', 'k', 'v') + request('GET', 'k'))).toBe('')
    engine.pass(1_000)
    expect(await one.heard()).toBe('+OK\r\n$1\r\nv\r\n')
    await two.ask('CLIENT', 'PAUSE', '100000')
    expect(await one.ask('PING')).toBe('')
    await two.ask('CLIENT', 'UNPAUSE')
    expect(await one.heard()).toBe('+PONG\r\n')
  })

  it('REPLY SKIP keeps back one answer, OFF all until ON', async () => {
    const client = startEngine().connect()
    expect(await client.say(request('CLIENT', 'REPLY', 'SKIP') + request('PING') + request('ECHO', 'a'))).toBe(
      '$1\r\na\r\n',
    )
    expect(await client.say(request('CLIENT', 'REPLY', 'OFF') + request('PING'))).toBe('')
    expect(await client.ask('CLIENT', 'REPLY', 'ON')).toBe('+OK\r\n')
    const skip = request('CLIENT', 'REPLY', 'SKIP')
    expect(await client.say(skip + skip + request('ECHO', 'a') + request('ECHO', 'b'))).toBe('$1\r\nb\r\n')
  })

  it('REPLY SKIP and OFF keep back the answer to who waited', async () => {
    const engine = startEngine()
    const [client, other] = [engine.connect(), engine.connect()]
    await client.say(request('CLIENT', 'REPLY', 'SKIP') + request('BLPOP', 'l', '0') + request('ECHO', 'a'))
    await other.ask('RPUSH', 'l', 'x')
    expect(await client.heard()).toBe('$1\r\na\r\n')
    await client.say(request('CLIENT', 'REPLY', 'SKIP') + request('BLPOP', 'l', '1') + request('ECHO', 'b'))
    engine.pass(1_000)
    expect(await client.heard()).toBe('$1\r\nb\r\n')
    await client.say(request('CLIENT', 'REPLY', 'OFF') + request('BLPOP', 'l', '0') + request('ECHO', 'c'))
    await other.ask('RPUSH', 'l', 'x')
    expect(await client.heard()).toBe('')
    expect(await client.say(request('CLIENT', 'REPLY', 'ON') + request('LLEN', 'l'))).toBe('+OK\r\n:0\r\n')
  })
})

describe('a fault', () => {
  it('answers, delays or drops one request, once', async () => {
    const engine = startEngine()
    const client = engine.connect()
    engine.faults.add({ request: 'get', effect: { kind: 'answer', text: '-LOADING not yet\r\n' } })
    expect(await client.ask('GET', 'k')).toBe('-LOADING not yet\r\n')
    expect(await client.ask('GET', 'k')).toBe('$-1\r\n')
    engine.faults.add({ request: 'client|id', effect: { kind: 'delay', ms: 300 } })
    expect(await client.ask('CLIENT', 'ID')).toBe('')
    engine.pass(300)
    expect(await client.heard()).toBe(':1\r\n')
    engine.faults.add({ request: 'set', effect: { kind: 'lose' } })
    expect(await client.ask('SET', 'k', 'v')).toBe('')
    expect(client.isClosed).toBe(true)
    const other = engine.connect()
    expect(await other.ask('GET', 'k')).toBe('$1\r\nv\r\n')
  })
})
