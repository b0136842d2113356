import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createScriptEngine } from '../../server/broker/redis/lua/script-engine.ts'
import { ErrorReply } from '../../server/broker/redis/reply.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { randomScript } from '../support/lua/scripts.ts'
import { bytesOf, smallHost } from '../support/lua/small-host.ts'
import { openRaw, type RawRedis } from '../support/raw-resp.ts'

/** Scripts run on the real Redis 7 and here must answer the same bytes, the texts of errors included. */

const here = dirname(fileURLToPath(import.meta.url))
const LIMITS = { timeLimitMs: 5_000, memoryLimitBytes: 64_000_000, cachedScripts: 500 }
const SEED = Number(process.env.SLUICE_SEED ?? 20_261_121)
const RANDOM_SCRIPTS = 1_500

let redis: StartedRedis
let real: RawRedis

beforeAll(async () => {
  redis = await startRedis()
  real = await openRaw(redis.port)
})
afterAll(async () => {
  real.close()
  await redis.stop()
})

async function theirs(source: string): Promise<string> {
  const [reply] = await real.ask([['EVAL', source, '0']])
  return reply!
}

const engine = createScriptEngine(LIMITS)
const host = smallHost()

function ours(source: string): string {
  try {
    return bytesOf(engine.run(engine.load(source, 'eval'), [], [], host))
  } catch (error) {
    if (error instanceof ErrorReply) return bytesOf(error)
    throw error
  }
}

/** Addresses differ from run to run. */
function masked(bytes: string): string {
  return bytes.replace(/0x[0-9a-f]{8,}/g, '0x…')
}

test('every probe of the dialect answers as on redis-server', async () => {
  const probes = readFileSync(join(here, 'broker-redis-lua.probes.lua'), 'latin1').trimEnd().split('\n----\n')
  expect(probes.length).toBeGreaterThan(400)
  const differing: unknown[] = []
  for (const probe of probes) {
    const expected = masked(await theirs(probe))
    const got = masked(ours(probe))
    if (got !== expected) differing.push({ probe, expected, got })
  }
  expect(differing).toEqual([])
})

test(`${RANDOM_SCRIPTS} random scripts answer as on redis-server`, async () => {
  for (let i = 0; i < RANDOM_SCRIPTS; i++) {
    const script = randomScript(SEED + i)
    const expected = masked(await theirs(script))
    expect({ seed: SEED + i, script, bytes: masked(ours(script)) }).toEqual({ seed: SEED + i, script, bytes: expected })
  }
})

describe.each(['bullmq', 'bullmq5'])('%s', (name) => {
  test('every one of its scripts compiles', () => {
    const scripts = packagedScripts(name)
    expect(scripts.length).toBeGreaterThan(40)
    for (const { file, source } of scripts) {
      expect({ file, sha: engine.load(source, 'load') }).toEqual({ file, sha: expect.stringMatching(/^[0-9a-f]{40}$/) })
    }
  })
})

/** The texts of the Lua scripts a BullMQ package carries in its JavaScript. */
function packagedScripts(name: string): readonly { readonly file: string; readonly source: string }[] {
  const folder = join(here, '../../node_modules', name, 'dist/cjs/scripts')
  return readdirSync(folder)
    .filter((file) => file.endsWith('.js') && file !== 'index.js')
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      const source = /const content = `([\s\S]*?)`;/.exec(text)?.[1]
      if (source === undefined) throw new Error(`${file} has no script`)
      return { file, source: Buffer.from(source.replace(/\\(.)/g, '$1'), 'utf8').toString('latin1') }
    })
}
