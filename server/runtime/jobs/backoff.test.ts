import { expect, test } from 'vitest'
import { backoffMs, DEFAULT_RETRIES } from './backoff.ts'

test.each([
  [1, 1_000],
  [2, 2_000],
  [5, 16_000],
  [13, 3_600_000],
  [500, 3_600_000],
])('after %i failures a unit waits at most %i ms, and any shorter time as well', (failures, bound) => {
  expect(backoffMs(DEFAULT_RETRIES, failures, () => 0)).toBe(0)
  expect(backoffMs(DEFAULT_RETRIES, failures, () => 1 - 2 ** -32)).toBe(bound)
  expect(backoffMs(DEFAULT_RETRIES, failures, () => 0.5)).toBe(Math.floor((bound + 1) / 2))
})
