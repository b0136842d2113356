import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisBroker, redisBroker } from '../../server/broker/index.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'

let redis: StartedRedis
let embedded: RedisBroker
const open: Redis[] = []

beforeAll(async () => {
  redis = await startRedis({ engine: 'server' })
  embedded = await redisBroker()
})
afterAll(async () => {
  for (const client of open) client.disconnect()
  await embedded?.close()
  await redis?.stop()
})

function connect(port: number): Redis {
  const client = new Redis(port, '127.0.0.1')
  client.on('error', () => {})
  open.push(client)
  return client
}

/** What a person's program does, and everything it hears. */
async function shop(port: number): Promise<readonly unknown[]> {
  const [client, other, listener] = [connect(port), connect(port), connect(port)]
  const heard: unknown[] = []
  heard.push(await client.flushall(), await client.set('k', 'v', 'PX', 60_000, 'NX'), await client.get('k'))
  heard.push(await client.mset({ a: '1', b: '2' }), await client.mget('a', 'b', 'none'))
  heard.push(await client.getBuffer('k'), await client.hset('h', 'x', '1', 'y', 'ü'), await client.hgetall('h'))
  heard.push(await client.zadd('z', '1', 'a', '2.5', 'b'), await client.zrange('z', '0', '-1', 'WITHSCORES'))
  heard.push(
    await client
      .multi()
      .incr('n')
      .lpush('k', 'x')
      .get('n')
      .exec()
      .then((all) => all?.map(([error, value]) => error?.message ?? value)),
  )
  heard.push(await client.pipeline().set('p', '1').incr('p').incr('p').exec())
  const waiting = other.brpop('jobs', 5)
  await client.lpush('jobs', 'one')
  heard.push(await waiting)
  const messages: unknown[] = []
  listener.on('message', (...message) => messages.push(message))
  listener.on('pmessage', (...message) => messages.push(message))
  heard.push(await listener.subscribe('news', 'mail'), await listener.psubscribe('n*'))
  heard.push(await client.publish('news', 'hello'), await client.publish('mail', 'you'))
  await eventually(() => messages.length === 3)
  heard.push(messages, await listener.unsubscribe('news'))
  client.defineCommand('twice', { numberOfKeys: 1, lua: "return {redis.call('get', KEYS[1]), ARGV[1] * 2}" })
  heard.push(await (client as unknown as { twice(key: string, n: number): Promise<unknown> }).twice('p', 21))
  const found: string[] = []
  for await (const page of client.scanStream({ match: '?', count: 2 })) found.push(...(page as string[]))
  heard.push(found.sort(), await client.dbsize(), await client.type('z'))
  heard.push(await client.xadd('s', '1-1', 'f', 'v'), await client.xread('STREAMS', 's', '0'))
  heard.push(await client.call('LPUSH', 'a', 'x').catch((error: Error) => error.message))
  return heard
}

describe('ioredis', () => {
  it('hears the same from the embedded engine as from redis-server', async () => {
    expect(await shop(embedded.port)).toEqual(await shop(redis.port))
  })

  it('comes back after its connection was dropped, and its request is done once', async () => {
    const client = connect(embedded.port)
    await client.set('count', '0')
    embedded.fault({ request: 'incr', effect: { kind: 'drop' } })
    await eventually(async () => (await client.incr('count')) > 0)
    expect(await client.get('count')).toBe('1')
  })
})

const run = promisify(execFile)

describe('redis-cli', () => {
  const lines = [
    ['SET', 'k', 'v'],
    ['GET', 'k'],
    ['HSET', 'h', 'a', '1', 'b', '2'],
    ['HGETALL', 'h'],
    ['ZADD', 'z', '1.5', 'a'],
    ['ZSCORE', 'z', 'a'],
    ['SMEMBERS', 'none'],
    ['LRANGE', 'k', '0', '-1'],
    ['EVAL', 'return {1, "a", {true, false}}', '0'],
    ['CONFIG', 'GET', 'maxmemory-policy'],
    ['OBJECT', 'ENCODING', 'k'],
    ['XADD', 's', '5-1', 'f', 'v'],
    ['XRANGE', 's', '-', '+'],
    ['BLPOP', 'none', '0.01'],
  ]
  it.each(['-2', '-3'])('with %s prints the same from both', async (protocol) => {
    const printed: string[] = []
    for (const port of [redis.port, embedded.port]) {
      await run('redis-cli', ['-p', String(port), 'FLUSHALL'])
      const texts: string[] = []
      for (const line of lines) {
        const { stdout } = await run('redis-cli', ['-p', String(port), protocol, '--no-raw', ...line])
        texts.push(stdout.replace(/\(\d\.\d\ds\)/, '(time)'))
      }
      printed.push(texts.join(''))
    }
    expect(printed[1]).toBe(printed[0])
  })

  it('finds its way with --scan, --bigkeys and --stat style INFO', async () => {
    const port = ['-p', String(embedded.port)]
    await run('redis-cli', [...port, 'MSET', ...Array.from({ length: 200 }, (_, at) => [`key:${at}`, 'v']).flat()])
    const { stdout: keys } = await run('redis-cli', [...port, '--scan', '--pattern', 'key:*'])
    expect(new Set(keys.trim().split('\n')).size).toBe(200)
    const { stdout: big } = await run('redis-cli', [...port, '--bigkeys'])
    expect(big).toMatch(/\d+ strings with \d+ bytes/)
    const { stdout: info } = await run('redis-cli', [...port, 'INFO', 'server'])
    expect(info).toContain('server_name:sluice')
  })
})

describe('localhost', () => {
  it.each(['127.0.0.1', '::1', 'localhost'])('reaches the engine as %s', async (host) => {
    const client = new Redis({ host, port: embedded.port, maxRetriesPerRequest: 1 })
    client.on('error', () => {})
    open.push(client)
    expect(await client.ping()).toBe('PONG')
  })
})
