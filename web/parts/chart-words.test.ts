import { expect, test } from 'vitest'
import { chartSentence, chartTable, gapsOf, type Series } from './chart-words.ts'

const series = (points: (number | null)[], label = 'in'): Series => ({
  key: label,
  label,
  as: 'rate',
  unit: '/s',
  points,
})

test('the sentence says now and the range of each series', () => {
  expect(chartSentence([series([40, 120, 90]), series([5, 5], 'out')])).toBe(
    'Last hour: in 90/s now, between 40/s and 120/s; out 5/s throughout.',
  )
})

test('the sentence says how much was not observed, and never 0 for it', () => {
  expect(chartSentence([series([1, null, null, 1])])).toContain('50 % of the hour was not observed')
  expect(chartSentence([series([null, null])])).toBe('Last hour: in not observed.')
})

test('time before the first observation is no gap', () => {
  expect(gapsOf([null, null, 1, null, null, 2, null])).toEqual([
    [3, 4],
    [6, 6],
  ])
  expect(chartSentence([series([null, null, 3, 3])])).not.toContain('not observed')
})

test('the table is newest first, one row per minute, without rows nobody observed', () => {
  const rows = chartTable({ startMs: 0, stepMs: 15_000 }, [series([null, null, null, null, 1, 2, 3, null])], 60_000)
  expect(rows).toEqual([{ atMs: 105_000, values: [3] }])
})
