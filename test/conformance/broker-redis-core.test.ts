import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisBroker, redisBroker } from '../../server/broker/index.ts'
import { acl } from '../../server/broker/redis/commands/acl.ts'
import { client } from '../../server/broker/redis/commands/client.ts'
import { commandTable } from '../../server/broker/redis/commands/command-table.ts'
import { connection } from '../../server/broker/redis/commands/connection.ts'
import { expiry } from '../../server/broker/redis/commands/expiry.ts'
import { keys } from '../../server/broker/redis/commands/keys.ts'
import { object } from '../../server/broker/redis/commands/object.ts'
import { pubsub } from '../../server/broker/redis/commands/pubsub.ts'
import { scripting } from '../../server/broker/redis/commands/scripting.ts'
import { server } from '../../server/broker/redis/commands/server.ts'
import { slowlog } from '../../server/broker/redis/commands/slowlog.ts'
import { transactions } from '../../server/broker/redis/commands/transactions.ts'
import { seeded } from '../../server/domain/seeded.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { openRaw } from '../support/raw-resp.ts'
import { coreEdges } from '../support/redis-core-edges.ts'

let redis: StartedRedis
let embedded: RedisBroker

beforeAll(async () => {
  redis = await startRedis({ engine: 'server' })
  embedded = await redisBroker()
})
afterAll(async () => {
  await embedded?.close()
  await redis?.stop()
})

/** Answers that cannot be compared: lists of what is there, chance, clocks, help in our own words. Tested beside the sources instead. */
const NOT_COMPARED = [
  ...[
    'client|id',
    'client|list',
    'client|setinfo',
    'client|no-touch',
    'info',
    'time',
    'lastsave',
    'monitor',
    'command',
  ],
  ...['bgsave', 'bgrewriteaof', 'memory|doctor', 'memory|stats', 'acl|log', 'latency|doctor', 'latency|histogram'],
]

/** Sends each request to both, and gives those that were answered differently. */
async function differences(requests: readonly (readonly string[])[], protocol: 2 | 3): Promise<string[]> {
  const both = await Promise.all([openRaw(redis.port), openRaw(embedded.port)])
  try {
    const fresh = [['HELLO', String(protocol)], ['FLUSHALL'], ['CONFIG', 'RESETSTAT'], ['SCRIPT', 'FLUSH']]
    for (const one of both) await one.ask(fresh)
    const found: string[] = []
    for (const request of requests) {
      const [model, ours] = await Promise.all(both.map((one) => one.ask([request])))
      const [expected, got] = [masked(request, model?.[0]), masked(request, ours?.[0])]
      if (expected !== got) found.push(`${request.join(' ')}\n  redis-server ${expected}\n  embedded     ${got}`)
    }
    return found
  } finally {
    for (const one of both) one.close()
  }
}

/** The number of a connection is its own. */
function masked(request: readonly string[], reply: string | undefined): string {
  const text = JSON.stringify(reply)
  return request[0]?.toLowerCase() === 'hello' ? text.replace(/id\\r\\n:\d+/, 'id') : text
}

describe.each([2, 3] as const)('in RESP%i the embedded engine answers as redis-server does', (protocol) => {
  it.each(Object.entries(coreEdges))('%s', async (_, requests) => {
    expect(await differences(requests, protocol)).toEqual([])
  })

  it.each([1, 2, 3, 4, 5, 6])('random commands of keys and expiry, seed %i', async (seed) => {
    expect(await differences(randomRequests(seeded(seed), 250), protocol)).toEqual([])
  })
})

const KEYS = ['a', 'b', 'c', 'd']
const FAR = ['33177117420', '33177117421000', '33177117422000', '9999999999']

/** Times are far away, so that an answer does not depend on when it is given. */
function randomRequests(random: () => number, count: number): string[][] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const key = () => pick(KEYS)
  const conditions = () =>
    random() < 0.5 ? [] : [pick(['NX', 'XX', 'GT', 'LT']), ...(random() < 0.2 ? [pick(['XX', 'GT', 'LT', 'foo'])] : [])]
  const makers: readonly (() => string[])[] = [
    () => ['SET', key(), String(Math.floor(random() * 100))],
    () => ['SET', key(), 'v', 'KEEPTTL'],
    () => ['RPUSH', key(), 'x'],
    () => ['SADD', key(), '1'],
    () => ['DEL', key(), key()],
    () => ['EXISTS', key(), key()],
    () => ['TYPE', key()],
    () => ['RENAME', key(), key()],
    () => ['RENAMENX', key(), key()],
    () => ['COPY', key(), key(), ...(random() < 0.5 ? ['REPLACE'] : []), ...(random() < 0.3 ? ['DB', '1'] : [])],
    () => ['MOVE', key(), pick(['0', '1'])],
    () => ['SELECT', pick(['0', '1'])],
    () => ['SWAPDB', '0', '1'],
    () => ['PEXPIREAT', key(), pick(FAR), ...conditions()],
    () => ['EXPIREAT', key(), pick(FAR), ...conditions()],
    () => ['EXPIRE', key(), pick(['0', '-1', 'x', '100000']), ...conditions()],
    () => ['PEXPIRETIME', key()],
    () => ['PERSIST', key()],
    () => ['OBJECT', 'ENCODING', key()],
    () => ['DBSIZE'],
    () => ['GET', key()],
    () => ['INCR', key()],
    () => ['WATCH', key()],
    () => ['MULTI'],
    () => ['EXEC'],
    () => ['DISCARD'],
  ]
  return Array.from({ length: count }, () => pick(makers)())
}

it('sends every command of these families', () => {
  const sent = new Set<string>()
  for (const [name = '', sub = ''] of Object.values(coreEdges).flat()) {
    sent.add(name.toLowerCase()).add(`${name}|${sub}`.toLowerCase())
  }
  const names = [
    connection,
    client,
    server,
    commandTable,
    acl,
    slowlog,
    object,
    keys,
    expiry,
    transactions,
    pubsub,
    scripting,
  ]
    .flat()
    .map(({ name }) => name)
  expect(names.filter((name) => !sent.has(name) && !NOT_COMPARED.includes(name))).toEqual([])
})
