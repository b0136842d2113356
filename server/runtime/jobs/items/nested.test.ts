import { expect, test } from 'vitest'
import { entriesOf, expectEveryStop } from '../../../../test/support/every-stop.ts'
import { seeded } from '../../../domain/seeded.ts'
import type { Entry, Items } from '../iterating.ts'
import { fromArray, fromPages, fromRange } from './builders.ts'
import { type NestedCursor, nested } from './nested.ts'

const SEED = Number(process.env.SLUICE_SEED ?? 20_261_121)

async function* asynchronous<Item, Cursor>(items: Iterable<Entry<Item, Cursor>>) {
  for (const entry of items) {
    await Promise.resolve()
    yield entry
  }
}

/** Either kind of iterable, given at once or as a promise. */
function anyKind<Item, Cursor>(chance: () => number, items: Iterable<Entry<Item, Cursor>>) {
  const made: Items<Item, Cursor> = chance() < 0.5 ? items : asynchronous(items)
  return chance() < 0.5 ? made : Promise.resolve(made)
}

test(`two and three levels of any kind and length, empty ones too, resume at every stop (seed ${SEED})`, async () => {
  const chance = seeded(SEED)
  const few = () => Math.floor(chance() * 4)
  for (let round = 0; round < 40; round += 1) {
    const tree = Array.from({ length: few() }, () =>
      Array.from({ length: few() }, () => Array.from({ length: few() }, () => chance())),
    )
    const two = await expectEveryStop((cursor: NestedCursor<number, number> | null) =>
      nested(
        {
          outer: (at) => anyKind(chance, fromArray(tree, at)),
          inner: (branch, at: number | null) => anyKind(chance, fromArray(branch, at)),
        },
        cursor,
      ),
    )
    expect(two.map(({ item }) => item)).toEqual(tree.flat())
    type Inner = NestedCursor<number, number>
    const three = await expectEveryStop((cursor: NestedCursor<number, Inner> | null) =>
      nested(
        {
          outer: (at) => anyKind(chance, fromArray(tree, at)),
          inner: (branch, at: Inner | null) =>
            nested(
              {
                outer: (a) => anyKind(chance, fromArray(branch, a)),
                inner: (leaves, a: number | null) => anyKind(chance, fromArray(leaves, a)),
              },
              at,
            ),
        },
        cursor,
      ),
    )
    expect(three.map(({ item }) => item)).toEqual(tree.flat(2))
  }
})

test('an outer item that vanished in hand hides none of the inner items of the next one', async () => {
  let shops = [1, 2, 3]
  const make = (cursor: NestedCursor<number, number> | null) =>
    nested(
      {
        outer: (at) =>
          fromPages({ read: (after) => shops.filter((id) => after === null || id > after), keyOf: (id) => id }, at),
        inner: function* (shop, at: number | null) {
          for (const { item, cursor: here } of fromRange({ from: 0, to: 3 }, at))
            yield { item: `${shop}.${item}`, cursor: here }
        },
      },
      cursor,
    )
  const all = await entriesOf(make(null))
  const stopped = all[4]
  expect(stopped?.item).toBe('2.1')
  shops = [1, 3]
  const rest = await entriesOf(make(stopped?.cursor ?? null))
  expect(rest.map(({ item }) => item)).toEqual(['3.0', '3.1', '3.2'])
})

test('a stop in the middle closes the inner and the outer items', async () => {
  const closed: string[] = []
  const watched = (name: string) =>
    (function* () {
      try {
        yield* fromRange({ from: 0, to: 9 }, null)
      } finally {
        closed.push(name)
      }
    })()
  for await (const _ of nested({ outer: () => watched('outer'), inner: () => watched('inner') }, null)) break
  expect(closed).toEqual(['inner', 'outer'])
})
