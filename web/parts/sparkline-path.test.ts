import { expect, test } from 'vitest'
import { sparklineShape } from './sparkline-path.ts'

const size = { width: 40, height: 20 }

test('the largest value touches the top and 0 the bottom', () => {
  const { line, max } = sparklineShape([0, 5, 10], size)
  expect(line).toBe('M0 18.5L20 10L40 1.5')
  expect(max).toBe(10)
})

test('a null breaks the line and is a gap, never a fall to 0', () => {
  const { line, gaps } = sparklineShape([4, 4, null, 4, 4], size)
  expect(line).toBe('M0 1.5L10 1.5M30 1.5L40 1.5')
  expect(gaps).toEqual([[10, 20]])
})

test('neighbouring nulls are one gap up to the edge', () => {
  expect(sparklineShape([4, 4, 4, null, null], size).gaps).toEqual([[20, 20]])
})

test('the time before the first observation is no gap', () => {
  const { gaps, line, firstX } = sparklineShape([null, null, 3, 3, 3], size)
  expect(gaps).toEqual([])
  expect(firstX).toBe(20)
  expect(line.startsWith('M20 ')).toBe(true)
})

test('nothing observed draws nothing', () => {
  expect(sparklineShape([null, null], size)).toEqual({ line: '', area: '', gaps: [], max: null, firstX: 40 })
})

test('a series of zeros lies at the bottom', () => {
  expect(sparklineShape([0, 0, 0], size).line).toBe('M0 18.5L20 18.5L40 18.5')
})

test('a step that is not over yet is no gap', () => {
  expect(sparklineShape([4, 4, 4, 4, null], size).gaps).toEqual([])
})
