import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisBroker, redisBroker } from '../../server/broker/index.ts'
import { bitmaps } from '../../server/broker/redis/commands/bitmaps.ts'
import { hashes } from '../../server/broker/redis/commands/hashes.ts'
import { lists } from '../../server/broker/redis/commands/lists.ts'
import { sets } from '../../server/broker/redis/commands/sets.ts'
import { sortedSets } from '../../server/broker/redis/commands/sorted-sets.ts'
import { strings } from '../../server/broker/redis/commands/strings.ts'
import { seeded } from '../../server/domain/seeded.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { typeFamilies } from '../support/redis-families.ts'
import { sequence } from '../support/redis-templates.ts'
import { compare, openTwins, type Step, shrink, type Twins } from '../support/redis-twins.ts'
import { EDGE_KEYS, typeEdges } from '../support/redis-type-edges.ts'

const SEED = Number(process.env.SLUICE_SEED ?? 1)
const SEQUENCES = Number(process.env.SLUICE_SEQUENCES ?? 24)
const LENGTH = 60

let redis: StartedRedis
let embedded: RedisBroker
const twins = new Map<number, Twins>()
const sent = new Map<string, number>()

beforeAll(async () => {
  redis = await startRedis()
  embedded = await redisBroker()
  for (const protocol of [2, 3] as const) twins.set(protocol, await openTwins(redis.port, embedded.port, protocol))
})
afterAll(async () => {
  for (const pair of twins.values()) pair.close()
  await embedded?.close()
  await redis?.stop()
})

async function expectEqual(pair: Twins, steps: readonly Step[], keys: readonly string[], seed: string): Promise<void> {
  for (const [name] of steps.flat()) sent.set(name!.toLowerCase(), (sent.get(name!.toLowerCase()) ?? 0) + 1)
  if ((await compare(pair, steps, keys)) === null) return
  const fewest = await shrink(steps, async (fewer) => (await compare(pair, fewer, keys)) !== null)
  const difference = await compare(pair, fewest, keys)
  const lines = fewest.flat().map((request) => request.map((word) => JSON.stringify(word)).join(' '))
  const at = difference === null ? 'gone when shrunk' : JSON.stringify(difference.request)
  expect.fail(
    `${seed}\n${lines.join('\n')}\nanswers to ${at}\n  redis-server ${JSON.stringify(difference?.model)}\n  embedded     ${JSON.stringify(difference?.ours)}`,
  )
}

describe.each([2, 3] as const)('in RESP%i', (protocol) => {
  describe.each(typeFamilies)('$name', (family) => {
    it.each(Array.from({ length: SEQUENCES }, (_, i) => SEED + i))(
      'sequence %i answers as redis-server does',
      async (seed) => {
        const steps = sequence(family, LENGTH, seeded(seed * 7919 + protocol))
        const keys = [...family.keys, 'w', 'lex1', 'lex2', 'one']
        await expectEqual(twins.get(protocol)!, steps, keys, `seed ${seed}, ${family.name}, RESP${protocol}`)
      },
    )
  })

  it.each(Object.entries(typeEdges))('%s', async (name, steps) => {
    await expectEqual(twins.get(protocol)!, steps, EDGE_KEYS, `${name}, RESP${protocol}`)
  })
})

it('sent every command of these types, 3,000 in all', () => {
  const names = [...strings, ...bitmaps, ...hashes, ...lists, ...sets, ...sortedSets].map((command) => command.name)
  expect(names.filter((name) => !sent.has(name))).toEqual([])
  expect([...sent.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(3_000)
})
