import { expect, test } from 'vitest'
import { isListDue } from './pace.ts'

test.each([
  ['never read', { sinceMs: null, tookMs: 0, isUrgent: false }, true],
  ['200 queues: each cycle', { sinceMs: 2_000, tookMs: 12, isUrgent: false }, true],
  ['5,000 queues: not each cycle', { sinceMs: 5_000, tookMs: 400, isUrgent: false }, false],
  ['5,000 queues: after 20 s', { sinceMs: 20_000, tookMs: 400, isUrgent: false }, true],
  ['something new: sooner', { sinceMs: 8_000, tookMs: 400, isUrgent: true }, true],
  ['10,000 queues: once a minute', { sinceMs: 60_000, tookMs: 2_900, isUrgent: false }, true],
  ['never more than a tenth of the time', { sinceMs: 60_000, tookMs: 6_001, isUrgent: true }, false],
])('%s', (_, pace, isDue) => {
  expect(isListDue(pace)).toBe(isDue)
})
