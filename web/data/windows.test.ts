import { expect, test } from 'vitest'
import { rowsByPlace, WINDOW_ROWS, windowsOver } from './windows.ts'

test.each([
  [0, 24, [0]],
  [40, 64, [0, 50]],
  [50, 99, [50]],
  [9_990, 9_999, [9_950]],
  [0, -1, [0]],
  [0, 1_000, [0, 50, 100]],
])('rows %i to %i are held by the windows %j', (first, last, offsets) => {
  expect(windowsOver(first, last)).toEqual(offsets)
})

test('no more than 100 rows are followed for a screen of 50', () => {
  for (let first = 0; first < 200; first++) {
    expect(windowsOver(first, first + 49).length * WINDOW_ROWS).toBeLessThanOrEqual(100)
  }
})

test('rows of two windows get their places in the whole list', () => {
  const rows = rowsByPlace([
    { offset: 50, items: ['x', 'y'] },
    { offset: 0, items: ['a'] },
  ])
  expect([...rows]).toEqual([
    [50, 'x'],
    [51, 'y'],
    [0, 'a'],
  ])
})
