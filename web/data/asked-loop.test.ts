import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AskedLoop, REST_MS } from './asked-loop.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function aLoop() {
  const asked: { request: string; answer: (result: string) => void; fail: (why: string) => void }[] = []
  const told: string[] = []
  const loop = new AskedLoop<string, string>({
    ask: (request) =>
      new Promise((resolve, reject) => {
        asked.push({ request, answer: resolve, fail: (why) => reject(new Error(why)) })
      }),
    tell: (result) => told.push(result),
    fail: (message) => told.push(`failed: ${message}`),
  })
  return { loop, asked, told }
}
const settle = () => vi.advanceTimersByTimeAsync(0)
const rest = () => vi.advanceTimersByTimeAsync(REST_MS)

test('only what is wanted after a rest is asked', async () => {
  const { loop, asked } = aLoop()
  loop.want('a')
  loop.want('ab')
  await rest()
  expect(asked.map(({ request }) => request)).toEqual(['ab'])
})

test('one is in flight at a time, and the answer to the older is not told', async () => {
  const { loop, asked, told } = aLoop()
  loop.want('a')
  await rest()
  loop.want('b')
  await rest()
  expect(asked).toHaveLength(1)
  asked[0]?.answer('of a')
  await settle()
  expect(asked.map(({ request }) => request)).toEqual(['a', 'b'])
  asked[1]?.answer('of b')
  await settle()
  expect(told).toEqual(['of b'])
})

test('the same is not asked twice, unless anew', async () => {
  const { loop, asked } = aLoop()
  loop.want('a')
  await rest()
  asked[0]?.answer('x')
  await settle()
  loop.want('a')
  await rest()
  expect(asked).toHaveLength(1)
  loop.want('a', true)
  await rest()
  expect(asked).toHaveLength(2)
})

test('a failure is told in words', async () => {
  const { loop, asked, told } = aLoop()
  loop.want('a')
  await rest()
  asked[0]?.fail('Sluice cannot be reached')
  await settle()
  expect(told).toEqual(['failed: Sluice cannot be reached'])
})

test('after it is closed nothing is told', async () => {
  const { loop, asked, told } = aLoop()
  loop.want('a')
  await rest()
  loop.close()
  asked[0]?.answer('late')
  await settle()
  expect(told).toEqual([])
})
