import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { ROLES } from './role.ts'
import { ShopProcesses } from './shop.ts'

const redis = 'redis://:s3cret@127.0.0.1:1'
const node = process.execPath
let folder: string
let troubles: string[]
let told: unknown[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-shop-'))
  troubles = []
  told = []
})
afterEach(async () => {
  process.execPath = node
  await rm(folder, { recursive: true })
})

function start(program: string): ShopProcesses {
  const world = {
    answer: async (question: unknown) => {
      told.push(question)
      return { id: 0, error: null }
    },
  }
  return new ShopProcesses({ program, redis, world, seed: 1, onTrouble: (text) => troubles.push(text) })
}

test('the processes are told the Redis, and its password stands in no list of processes', async () => {
  const program = join(folder, 'program.mjs')
  await writeFile(
    program,
    `process.on('message', (message) => message === 'end' && process.exit())
     process.send({ argv: process.argv.slice(2), redis: process.env.SLUICE_DEMO_REDIS })`,
  )
  const shop = start(program)
  await eventually(() => expect(told).toHaveLength(ROLES.length))
  await shop.end()
  const expected = ROLES.map((role, at) => ({ argv: ['_demo-process', role, String(1 + at)], redis }))
  expect(told).toEqual(expect.arrayContaining(expected))
})

test('a process that cannot be started is told of, and is not waited for at the end', async () => {
  process.execPath = join(folder, 'none')
  await start('none').end()
  const shop = start('none')
  await eventually(() => expect(troubles).toHaveLength(2 * ROLES.length))
  await shop.end()
  for (const trouble of troubles) expect(trouble).toMatch(/^the shop's \w+ did not start: spawn .*ENOENT/)
})
