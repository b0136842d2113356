import { expect, test } from 'vitest'
import { KEYS, matchKeys } from './keys.ts'

test('no two rows of the table have the same keys, and none is the beginning of another', () => {
  for (const row of KEYS) {
    const clash = KEYS.filter((other) => other !== row && other.keys.join().startsWith(row.keys.join()))
    expect(clash).toEqual([])
  }
})

test('a sequence is begun by its first key and done by its last', () => {
  expect(matchKeys(['g'])).toBe('begun')
  expect(matchKeys(['g', 'q'])).toEqual({ go: '/queues' })
  expect(matchKeys(['g', 'x'])).toBeNull()
  expect(matchKeys(['z'])).toBe('freeze')
})
