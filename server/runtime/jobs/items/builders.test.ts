import { expect, test } from 'vitest'
import { entriesOf } from '../../../../test/support/every-stop.ts'
import { fromArray, fromPages, fromRange } from './builders.ts'

const array = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const pages = {
  read: (after: string | null, limit: number) => array.filter((one) => after === null || one > after).slice(0, limit),
  keyOf: (one: string) => one,
  limit: 3,
}

test.each([
  ['an array', (cursor: unknown) => fromArray(array, cursor as number | null)],
  ['a range', (cursor: unknown) => fromRange({ from: 3, to: 17, step: 2 }, cursor as number | null)],
  ['a falling range', (cursor: unknown) => fromRange({ from: 6, to: -1, step: -1 }, cursor as number | null)],
  ['pages', (cursor: unknown) => fromPages(pages, cursor as string | null)],
])('%s goes on after any cursor with exactly what is left', async (_, items) => {
  const all: { item: unknown; cursor: unknown }[] = []
  for await (const entry of items(null)) all.push(entry)
  expect(all).toHaveLength(7)
  for (const [at, { cursor }] of all.entries()) {
    const rest: unknown[] = []
    for await (const { item } of items(JSON.parse(JSON.stringify(cursor)))) rest.push(item)
    expect(rest).toEqual(all.slice(at + 1).map(({ item }) => item))
  }
})

test('pages are read one at a time, and none after the last', async () => {
  const asked: (string | null)[] = []
  const read = (after: string | null, limit: number) => {
    asked.push(after)
    return pages.read(after, limit)
  }
  for await (const _ of fromPages({ ...pages, read }, null));
  expect(asked).toEqual([null, 'c', 'f'])
})

test.each([[{ from: 0, to: 5, step: 0 }], [{ from: 0.5, to: 5 }], [{ from: 0, to: Number.POSITIVE_INFINITY }]])(
  '%j is no range',
  (range) => {
    expect(() => [...fromRange(range, null)]).toThrow(RangeError)
  },
)

test('a read that does not look at the key is told, instead of going round for ever', async () => {
  const reading = entriesOf(fromPages({ ...pages, read: () => array.slice(0, 3) }, null))
  await expect(reading).rejects.toThrow(/begin after/)
  await expect(entriesOf(fromPages({ ...pages, limit: 0 }, null))).rejects.toThrow(RangeError)
})
