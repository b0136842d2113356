import { expect, test } from 'vitest'
import { type HeldOrder, holdOrder } from './order-hold.ts'

interface Row {
  readonly ref: string
  readonly depth: number
}

const list = (...rows: [ref: string, depth: number][]) =>
  new Map(rows.map(([ref, depth], place): [number, Row] => [place, { ref, depth }]))
const hold = (before: HeldOrder<Row> | null, fresh: Map<number, Row>) => holdOrder(before, fresh, ({ ref }) => ref)
const shown = (rows: ReadonlyMap<number, Row>) => [...rows.values()].map(({ ref, depth }) => `${ref} ${depth}`)

test('without a hold the order is the fresh one', () => {
  const { rows, changes } = hold(null, list(['b', 2], ['a', 1]))
  expect(shown(rows)).toEqual(['b 2', 'a 1'])
  expect(changes).toBe(0)
})

test('a held row keeps its place while its values change', () => {
  const { held } = hold(null, list(['a', 1], ['b', 2], ['c', 3]))
  const { rows, changes, gone } = hold(held, list(['c', 30], ['a', 10], ['b', 20]))
  expect(shown(rows)).toEqual(['a 10', 'b 20', 'c 30'])
  expect(changes).toBe(3)
  expect(gone.size).toBe(0)
})

test('a row that left keeps its last values and is told apart, and the new one waits', () => {
  const { held } = hold(null, list(['a', 1], ['b', 2]))
  const { rows, changes, gone } = hold(held, list(['a', 5], ['new', 9]))
  expect(shown(rows)).toEqual(['a 5', 'b 2'])
  expect([...gone]).toEqual(['b'])
  expect(changes).toBe(1)
})

test('rows scrolled into view take the places that were never seen', () => {
  const { held } = hold(null, list(['a', 1]))
  const { rows } = hold(held, new Map([[7, { ref: 'h', depth: 8 }]]))
  expect([...rows.keys()]).toEqual([0, 7])
})

test('a row never stands in two places', () => {
  const { held } = hold(null, list(['a', 1]))
  const { rows } = hold(held, new Map([[7, { ref: 'a', depth: 2 }]]))
  expect([...rows].map(([place, { ref }]) => [place, ref])).toEqual([[0, 'a']])
})

test('a place whose row stands elsewhere is given to one that has no place, and does not wait for ever', () => {
  const { held } = hold(null, list(['a', 1], ['b', 2]))
  const fresh = new Map([...list(['a', 1], ['c', 3]), [2, { ref: 'b', depth: 2 }] as [number, Row]])
  expect(shown(hold(held, fresh).rows)).toEqual(['a 1', 'b 2', 'c 3'])
})
