import { expect, it } from 'vitest'
import { startEngine, type TestClient } from '../../../../test/support/redis-engine.ts'

const WRONG = '-ERR DUMP payload version or checksum are wrong\r\n'

async function dumped(client: TestClient, key: string): Promise<string> {
  const reply = await client.ask('DUMP', key)
  return reply.slice(reply.indexOf('\r\n') + 2, -2)
}

it.each([
  ['a string', ['SET', 'k', '\0\xff text'], ['GET', 'copy']],
  ['a hash', ['HSET', 'k', 'f', 'v', '', ''], ['HGETALL', 'copy']],
  ['a list', ['RPUSH', 'k', 'a', '', 'b'], ['LRANGE', 'copy', '0', '-1']],
  ['a set', ['SADD', 'k', 'x', '2', '1'], ['SMEMBERS', 'copy']],
  ['a sorted set', ['ZADD', 'k', '-inf', 'a', '0.1', 'b', '3', 'c'], ['ZRANGE', 'copy', '0', '-1', 'WITHSCORES']],
  ['a stream', ['XADD', 'k', '1-2', 'f', 'v'], ['XINFO', 'STREAM', 'copy', 'FULL']],
])('%s comes back from its dump, and with any bit flipped is refused', async (_, make, read) => {
  const engine = startEngine()
  const client = engine.connect()
  await client.ask(...make)
  const payload = await dumped(client, 'k')
  expect(await client.ask('RESTORE', 'copy', '0', payload)).toBe('+OK\r\n')
  const answer = await client.ask(...read)
  expect(answer).toBe(await client.ask(...read.map((word) => (word === 'copy' ? 'k' : word))))
  expect(await dumped(client, 'copy')).toBe(payload)
  for (let bit = 0; bit < payload.length * 8; bit++) {
    const bytes = Buffer.from(payload, 'latin1')
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    engine.engine.dbs[0]!.remove('copy')
    expect(await client.ask('RESTORE', 'copy', '0', bytes.toString('latin1'))).toBe(WRONG)
  }
  for (let size = 0; size < payload.length; size++) {
    expect(await client.ask('RESTORE', 'copy', '0', payload.slice(0, size))).toBe(WRONG)
  }
})

it('RESTORE answers in the words of Redis', async () => {
  const engine = startEngine()
  const client = engine.connect()
  await client.ask('SET', 'k', 'v')
  const payload = await dumped(client, 'k')
  /** `DUMP` of the text `v` by redis-server 7.0.15. */
  const foreign = '\x00\x01v\n\x00\x91\b\xce\xb2\x198\x8a\xce'
  const now = engine.clock.nowMs()
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['k', '0', payload], '-BUSYKEY Target key name already exists.\r\n'],
    [['k', '0', payload, 'REPLACE'], '+OK\r\n'],
    [['n', '-1', payload], '-ERR Invalid TTL value, must be >= 0\r\n'],
    [['n', 'x', payload], '-ERR value is not an integer or out of range\r\n'],
    [['n', '0', payload, 'NOSUCH'], '-ERR syntax error\r\n'],
    [['n', '0', payload, 'IDLETIME', '-1'], '-ERR Invalid IDLETIME value, must be >= 0\r\n'],
    [['n', '0', payload, 'FREQ', '256'], '-ERR Invalid FREQ value, must be >= 0 and <= 255\r\n'],
    [['n', '0', payload, 'FREQ', '1', 'IDLETIME', '1'], '-ERR syntax error\r\n'],
    [['n', '0', foreign], WRONG],
    [['n', '0', ''], WRONG],
    [['n', '5000', payload, 'IDLETIME', '7'], '+OK\r\n'],
    [['m', String(now + 9000), payload, 'ABSTTL'], '+OK\r\n'],
    [['past', String(now - 1), payload, 'ABSTTL'], '+OK\r\n'],
  ]
  for (const [args, answer] of cases) expect(await client.ask('RESTORE', ...args), args.join(' ')).toBe(answer)
  expect(await client.ask('PTTL', 'n')).toBe(':5000\r\n')
  expect(await client.ask('PTTL', 'm')).toBe(':9000\r\n')
  expect(await client.ask('EXISTS', 'past')).toBe(':0\r\n')
  expect(await client.ask('DUMP', 'none')).toBe('$-1\r\n')
})
