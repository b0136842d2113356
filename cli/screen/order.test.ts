import { describe, expect, test } from 'vitest'
import { countChanges, heldRows, holdOrder, refreshHeld } from './order.ts'

const row = (ref: string, depth = 0) => ({ ref, depth })

describe('how many order changes wait', () => {
  test.each([
    ['abcd', 'abcd', 0],
    ['abcd', 'bacd', 1],
    ['abcd', 'dabc', 1],
    ['abcd', 'dcba', 3],
    ['abcd', 'xabc', 1],
    ['abcd', 'abc', 1],
    ['', 'ab', 2],
    ['abcd', 'wxyz', 4],
  ])('%s → %s is %d', (before, after, changes) => {
    expect(countChanges([...before], [...after])).toBe(changes)
  })
})

test('held rows keep their places and take new values; those that left keep their last, new ones wait', () => {
  const held = refreshHeld(holdOrder(0, [row('a', 1), row('b', 2), row('c', 3)]), [
    row('new', 9),
    row('c', 30),
    row('a', 10),
  ])
  expect(heldRows(held)).toEqual([row('a', 10), row('b', 2), row('c', 30)])
  expect(held.changes).toBe(2)
})
