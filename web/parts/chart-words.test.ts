import { expect, test } from 'vitest'
import { chartSentence, chartTable, gapsOf, type Series, sinceFirstSeen } from './chart-words.ts'

const series = (points: (number | null)[], label = 'in'): Series => ({
  key: label,
  label,
  as: 'rate',
  unit: '/s',
  points,
})

test('the sentence says now and the range of each series', () => {
  expect(chartSentence([series([40, 120, 90]), series([5, 5], 'out')])).toBe(
    'in 90/s now, between 40/s and 120/s; out 5/s throughout.',
  )
})

test('the sentence says how much was not observed, and never 0 for it', () => {
  expect(chartSentence([series([1, null, null, 1])])).toContain('50 % of it was not observed')
  expect(chartSentence([series([null, null])])).toBe('in not observed.')
})

test('neither the time before the first observation nor the step under way is a gap', () => {
  expect(gapsOf([null, null, 1, null, null, 2, null])).toEqual([[3, 4]])
  expect(chartSentence([series([null, null, 3, 3])])).not.toContain('not observed')
})

test('the table is newest first, one row per minute, without rows nobody observed', () => {
  const rows = chartTable({ startMs: 0, stepMs: 15_000 }, [series([null, null, null, null, 1, 2, 3, null])], 60_000)
  expect(rows).toEqual([{ atMs: 105_000, values: [3] }])
})

test('two minutes of observation are not drawn as an empty hour', () => {
  const stepMs = 10_000
  const points = [...Array.from({ length: 348 }, () => null), ...Array.from({ length: 12 }, () => 7)]
  const { shown, seenAtMs } = sinceFirstSeen({
    startMs: 0,
    stepMs,
    series: { depth: points, inPerSecond: points.map(() => null) },
  })
  expect(shown.series.depth).toHaveLength(30)
  expect(shown.series.inPerSecond).toHaveLength(30)
  expect(shown.startMs).toBe(330 * stepMs)
  expect(seenAtMs).toBe(348 * stepMs)
})

test('a history that was observed from its beginning is drawn whole', () => {
  const history = { startMs: 0, stepMs: 10_000, series: { depth: [1, null, 2] } }
  expect(sinceFirstSeen(history)).toEqual({ shown: history, seenAtMs: null })
})
