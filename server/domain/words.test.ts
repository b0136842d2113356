import { expect, test } from 'vitest'
import { formatCount, formatDuration, formatRate } from './words.ts'

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1k'],
  [9_949, '9.9k'],
  [77_412, '77.4k'],
  [999_400, '999k'],
  [999_700, '1M'],
  [1_240_000, '1.24M'],
  [12_400_000, '12.4M'],
  [-120, '-120'],
  [3_100_000_000, '3.1G'],
])('%d is said as %s', (value, said) => expect(formatCount(value)).toBe(said))

test.each([
  [0, '0 s'],
  [40, '< 0.1 s'],
  [400, '0.4 s'],
  [1_000, '1 s'],
  [59_999, '59 s'],
  [60_000, '1 m'],
  [860_000, '14 m 20 s'],
  [7_500_000, '2 h 05 m'],
  [273_600_000, '3 d 4 h'],
])('%d ms is said as %s', (ms, said) => expect(formatDuration(ms)).toBe(said))

test.each([
  [0, '0'],
  [0.001, '< 0.01'],
  [0.25, '0.25'],
  [4.84, '4.8'],
  [41.4, '41'],
  [1_240, '1.2k'],
])('%d per second is said as %s', (rate, said) => expect(formatRate(rate)).toBe(said))
