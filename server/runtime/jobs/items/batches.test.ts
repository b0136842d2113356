import { expect, test } from 'vitest'
import { expectEveryStop } from '../../../../test/support/every-stop.ts'
import { inBatches } from './batches.ts'
import { fromPages, fromRange } from './builders.ts'

test.each([
  [0, 3, []],
  [7, 3, [[0, 1, 2], [3, 4, 5], [6]]],
  [
    6,
    3,
    [
      [0, 1, 2],
      [3, 4, 5],
    ],
  ],
  [2, 1, [[0], [1]]],
])('%i items in batches of %i resume at every stop', async (to, size, batches) => {
  const sync = (cursor: number | null) => inBatches(fromRange({ from: 0, to }, cursor), size)
  const pages = {
    read: (after: number | null, limit: number) => [...Array(to).keys()].slice((after ?? -1) + 1).slice(0, limit),
    keyOf: (one: number) => one,
    limit: 2,
  }
  const promised = async (cursor: number | null) => inBatches(Promise.resolve(fromPages(pages, cursor)), size)
  for (const make of [sync, promised]) {
    const entries = await expectEveryStop(make)
    expect(entries.map(({ item }) => item)).toEqual(batches)
  }
})

test('what came before an error is given before it is thrown, so that nothing read is read for nothing', async () => {
  const failing = (function* () {
    yield { item: 'a', cursor: 1 }
    yield { item: 'b', cursor: 2 }
    throw new Error('no more')
  })()
  const seen: unknown[] = []
  const reading = (async () => {
    for await (const entry of inBatches(failing, 5)) seen.push(entry)
  })()
  await expect(reading).rejects.toThrow('no more')
  expect(seen).toEqual([{ item: ['a', 'b'], cursor: 2 }])
})

test('a stop closes the items, and an error of the consumer stays his', async () => {
  let closed = 0
  const items = () =>
    (function* () {
      try {
        yield* fromRange({ from: 0, to: 9 }, null)
      } finally {
        closed += 1
      }
    })()
  for await (const _ of inBatches(items(), 2)) break
  const failing = (async () => {
    for await (const _ of inBatches(items(), 2)) throw new Error('of each')
  })()
  await expect(failing).rejects.toThrow('of each')
  expect(closed).toBe(2)
})

test.each([0, -1, 1.5, Number.NaN])('%d is no size', async (size) => {
  await expect(inBatches(fromRange({ from: 0, to: 2 }, null), size).next()).rejects.toThrow(RangeError)
})
