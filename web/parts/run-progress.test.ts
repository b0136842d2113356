import { expect, test } from 'vitest'
import { doneWords, shareOf, signOfRun } from './run-progress.tsx'

test.each([
  [{ tickCount: 438_200, tickTotal: 1_200_000 }, '438,200 of 1,200,000 (36 %)'],
  [{ tickCount: 1_204_311, tickTotal: 1_200_000 }, '1,204,311 (expected 1,200,000)'],
  [{ tickCount: 12, tickTotal: null }, '12 done, nobody knows of how many'],
  [{ status: 'succeeded', tickCount: 4, tickTotal: null }, '4 done'],
  [{ tickCount: null, tickTotal: null }, 'it does not tell how far it is'],
  [{ tickCount: 999, tickTotal: 1_000 }, '999 of 1,000 (99 %)'],
  [{ tickCount: 3, tickTotal: 1_000 }, '3 of 1,000 (< 1 %)'],
])('%o is said as %s', (run, words) => expect(doneWords({ status: 'running', ...run })).toBe(words))

test('a bar is never more than full, and never empty for want of a total', () => {
  expect(shareOf({ tickCount: 12, tickTotal: 10 })).toBe(1)
  expect(shareOf({ tickCount: 12, tickTotal: null })).toBeNull()
  expect(shareOf({ tickCount: 0, tickTotal: 0 })).toBeNull()
})

test('a run that stands still is not shown as running', () => {
  expect(signOfRun({ status: 'running', stalledMs: 240_000 }).word).toBe('stalled')
  expect(signOfRun({ status: 'running', stalledMs: null }).tone).toBe('fine')
  expect(signOfRun({ status: 'interrupted', stalledMs: null }).tone).toBe('notice')
})
