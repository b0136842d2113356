import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisBroker, redisBroker } from '../../server/broker/index.ts'
import { sort } from '../../server/broker/redis/commands/sort.ts'
import { streams } from '../../server/broker/redis/commands/streams.ts'
import { seeded } from '../../server/domain/seeded.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { openRaw, type RawRedis } from '../support/raw-resp.ts'
import {
  type Generator,
  SORT_KEYS,
  STREAM_KEYS,
  sortCommands,
  streamCommands,
} from '../support/redis-stream-commands.ts'
import { streamEdges } from '../support/redis-stream-edges.ts'
import { type Difference, openTwins, type Request, shrink, type Twins } from '../support/redis-twins.ts'

const SEED = Number(process.env.SLUICE_SEED ?? 1)
const SEQUENCES = Number(process.env.SLUICE_SEQUENCES ?? 8)
const LENGTH = 120

let redis: StartedRedis
let embedded: RedisBroker
const twins = new Map<number, Twins>()
const sent = new Map<string, number>()

beforeAll(async () => {
  redis = await startRedis({ engine: 'server' })
  embedded = await redisBroker()
  for (const protocol of [2, 3] as const) twins.set(protocol, await openTwins(redis.port, embedded.port, protocol))
})
afterAll(async () => {
  for (const pair of twins.values()) pair.close()
  await embedded?.close()
  await redis?.stop()
})

/** Times differ by what lies between two requests: the one before a count of deliveries, `idle` and `seen-time` are masked. */
function masked([name = '']: Request, reply: string): string {
  if (!/^(XPENDING|XINFO)$/i.test(name)) return reply
  return reply.replace(/:\d+(?=\r\n:\d+\r\n)/g, ':time').replace(/(idle|seen-time)\r\n:\d+/g, '$1\r\n:time')
}

async function firstDifference(
  pair: Twins,
  requests: readonly Request[],
  keys: readonly string[],
): Promise<Difference | null> {
  const contents = keys.flatMap((key): Request[] => [
    ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'],
    ['XRANGE', key, '-', '+'],
    ['LRANGE', key, '0', '-1'],
    ['XINFO', 'GROUPS', key],
  ])
  const all: readonly Request[] = [['FLUSHALL'], ...requests, ...contents]
  const [theirs, mine] = await Promise.all([pair.model.ask(all), pair.ours.ask(all)])
  for (const [at, request] of all.entries()) {
    const model = masked(request, theirs[at]!)
    const ours = masked(request, mine[at]!)
    if (model !== ours) return { request, model, ours }
  }
  return null
}

async function expectEqual(pair: Twins, requests: readonly Request[], keys: readonly string[]): Promise<void> {
  for (const [name] of requests) sent.set(name!.toLowerCase(), (sent.get(name!.toLowerCase()) ?? 0) + 1)
  if ((await firstDifference(pair, requests, keys)) === null) return
  const fewest = await shrink(requests, async (fewer) => (await firstDifference(pair, fewer, keys)) !== null)
  const found = await firstDifference(pair, fewest, keys)
  const lines = fewest.map((request) => request.map((word) => JSON.stringify(word)).join(' '))
  expect.fail(
    `${lines.join('\n')}\nanswers to ${JSON.stringify(found?.request)}\n  redis-server ${JSON.stringify(found?.model)}\n  embedded     ${JSON.stringify(found?.ours)}`,
  )
}

const taken = (generator: Generator, count: number) => Array.from({ length: count }, () => generator.next())

describe.each([2, 3] as const)('in RESP%i', (protocol) => {
  it.each(streamEdges)('%s', (_, requests) => expectEqual(twins.get(protocol)!, requests, [...STREAM_KEYS, 'to']))

  it.each(Array.from({ length: SEQUENCES }, (_, i) => SEED + i))('streams, sequence %i, as redis-server', (seed) => {
    const requests = taken(streamCommands(seeded(seed * 7919 + protocol)), LENGTH)
    return expectEqual(twins.get(protocol)!, requests, STREAM_KEYS)
  })

  it.each(Array.from({ length: SEQUENCES }, (_, i) => SEED + i))('SORT, sequence %i, as redis-server', (seed) => {
    const requests = taken(sortCommands(seeded(seed * 104729 + protocol)), LENGTH)
    return expectEqual(twins.get(protocol)!, requests, SORT_KEYS)
  })

  it('who waits is answered as redis-server answers', async () => {
    const pair = twins.get(protocol)!
    const waiters = await openTwins(redis.port, embedded.port, protocol)
    const both = async (waits: Request, does: readonly Request[]) => {
      const answers = [waiters.model, waiters.ours].map((client) => client.ask([waits]))
      await Promise.all([parked(pair.model), parked(pair.ours)])
      await Promise.all([pair.model.ask(does), pair.ours.ask(does)])
      const [model, ours] = await Promise.all(answers)
      expect(ours).toEqual(model)
    }
    const start: readonly Request[] = [
      ['FLUSHALL'],
      ['XADD', 's1', '1-1', 'f', 'v'],
      ['XGROUP', 'CREATE', 's1', 'g', '$'],
    ]
    await Promise.all([pair.model.ask(start), pair.ours.ask(start)])
    await both(['XREAD', 'BLOCK', '0', 'STREAMS', 's1', 's2', '$', '0'], [['XADD', 's1', '2-1', 'f', 'v']])
    await both(
      ['XREAD', 'BLOCK', '0', 'STREAMS', 's2', '$'],
      [
        ['SET', 's2', 'x'],
        ['DEL', 's2'],
        ['XADD', 's2', '1-1', 'f', 'v'],
      ],
    )
    const group = ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '0', 'STREAMS', 's1', '>']
    const begin = () => Promise.all([pair.model, pair.ours].map((client) => client.ask([...fresh])))
    const fresh: readonly Request[] = [
      ['XGROUP', 'CREATE', 's1', 'g', '$'],
      ['XGROUP', 'SETID', 's1', 'g', '$'],
    ]
    for (const end of [
      ['XADD', 's1', '3-1', 'f', 'v'],
      ['XGROUP', 'DESTROY', 's1', 'g'],
      ['DEL', 's1'],
    ]) {
      await begin()
      await both(group, [end])
    }
    waiters.close()
  })

  it('WATCH counts what redis-server counts', async () => {
    const pair = twins.get(protocol)!
    const others = await openTwins(redis.port, embedded.port, protocol)
    const ids = ['1-0', '2-0', '3-0', '4-0']
    const start: readonly Request[] = [['FLUSHALL'], ...ids.map((id): Request => ['XADD', 's', id, 'f', 'v'])]
    const group: Request = ['XGROUP', 'CREATE', 's', 'g', '0']
    await Promise.all([pair.model, pair.ours].map((client) => client.ask([...start, group])))
    const changes: readonly Request[] = [
      ['XADD', 's', '5-0', 'f', 'v'],
      ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '1', 'STREAMS', 's', '>'],
      ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '0'],
      ['XCLAIM', 's', 'g', 'd', '0', '2-0', 'FORCE'],
      ['XAUTOCLAIM', 's', 'g', 'e', '0', '0'],
      ['XACK', 's', 'g', '1-0', '2-0'],
      ['XGROUP', 'CREATE', 's', 'g2', '0'],
      ['XGROUP', 'SETID', 's', 'g', '0'],
      ['XGROUP', 'CREATECONSUMER', 's', 'g', 'z'],
      ['XGROUP', 'DELCONSUMER', 's', 'g', 'z'],
      ['XGROUP', 'DESTROY', 's', 'g2'],
      ['XGROUP', 'CREATE', 'new', 'g', '0', 'MKSTREAM'],
      ['XTRIM', 's', 'MAXLEN', '3'],
      ['XDEL', 's', '77-0'],
      ['XDEL', 's', '4-0'],
      ['XSETID', 's', '9-0'],
    ]
    for (const change of changes) {
      const answers = [pair.model, pair.ours].map(async (client, place) => {
        await client.ask([['WATCH', 's', 'new']])
        await [others.model, others.ours][place]!.ask([change])
        return client.ask([['MULTI'], ['PING'], ['EXEC']])
      })
      const [model, ours] = await Promise.all(answers)
      expect(ours, change.join(' ')).toEqual(model)
    }
    others.close()
  })
})

/** Until one client of the server waits. */
function parked(client: RawRedis): Promise<void> {
  return eventually(async () => {
    const [info] = await client.ask([['INFO', 'clients']])
    expect(info).toMatch(/blocked_clients:[1-9]/)
  })
}

it('an id of the clock is a time, and grows', async () => {
  const client = await openRaw(embedded.port)
  const [first, second] = await client.ask([
    ['XADD', 'clock', '*', 'f', 'v'],
    ['XADD', 'clock', '*', 'f', 'v'],
  ])
  client.close()
  expect(first).toMatch(/^\$\d+\r\n\d{13}-\d\r\n$/)
  expect(second! > first!).toBe(true)
})

it('sent every command of these families, 800 in all', () => {
  const names = [...streams, ...sort].map((command) => command.name.split('|')[0]!)
  expect(names.filter((name) => !sent.has(name))).toEqual([])
  expect([...sent.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(800)
})
