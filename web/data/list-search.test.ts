import { expect, test } from 'vitest'
import { parseSearch, readListSearch, writeSearch } from './list-search.ts'

test('what a list shows survives the address and back', () => {
  const search = { filter: 'a&b=*mail', sort: '-depth', source: 'redis-main', faults: true }
  expect(readListSearch(parseSearch(writeSearch(search)))).toEqual(search)
})

test('defaults leave no trace in the address', () => {
  expect(writeSearch({ filter: '', sort: undefined, faults: false })).toBe('')
})

test('what is not understood is dropped, never shown', () => {
  expect(readListSearch({ filter: 7, sort: ['x'], faults: 'yes', other: 'x' })).toEqual({})
})

test('a numeric filter stays text', () => {
  expect(readListSearch(parseSearch('?filter=42'))).toEqual({ filter: '42' })
})
