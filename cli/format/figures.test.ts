import { describe, expect, test } from 'vitest'
import * as figures from './figures.ts'

describe('counts', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1_240, '1.2k'],
    [77_412, '77.4k'],
    [310_114, '310k'],
    [1_900_000, '1.9M'],
    [-480, '-480'],
  ])('%d is shown as %s', (value, shown) => expect(figures.formatCount(value)).toBe(shown))

  test('a pipe gets every digit', () => {
    expect(figures.formatCount(77_412, true)).toBe('77412')
    expect(figures.formatRate(48.9996, true)).toBe('49')
    expect(figures.formatBytes(12_400_000_001, true)).toBe('12400000001')
  })
})

test.each([
  [0, '0'],
  [400, '0.4s'],
  [8_000, '8s'],
  [860_000, '14m20s'],
  [120_000, '2m'],
  [3_900_000, '1h05m'],
  [259_200_000, '3d'],
])('%d ms is shown as %s', (ms, shown) => expect(figures.formatDuration(ms)).toBe(shown))

test.each([
  [0, '<1s'],
  [999, '<1s'],
  [2_999, '2s'],
  [128_000, '2m08s'],
])('an age of %d ms is shown as %s, in whole seconds', (ms, shown) => expect(figures.formatAge(ms)).toBe(shown))

test.each([
  [12_300, '+12.3k'],
  [-480, '-480'],
  [0, '0'],
  [0.2, '0'],
])('a change of %d is shown as %s', (value, shown) => expect(figures.formatChange(value)).toBe(shown))

test.each([
  [0, '0%'],
  [0.002, '<1%'],
  [0.04, '4%'],
  [1, '100%'],
])('a ratio of %d is shown as %s', (value, shown) => expect(figures.formatRatio(value)).toBe(shown))

test.each([
  ['draining', 60_000, '1m'],
  ['never', null, 'never'],
  ['idle', null, 'none'],
  ['unknown', null, null],
] as const)('a backlog that is %s (%s ms) ends in %s', (drain, ms, shown) =>
  expect(figures.formatDrain(drain, ms)).toBe(shown),
)

test.each([
  figures.formatCount,
  figures.formatRate,
  figures.formatChange,
  figures.formatDuration,
  figures.formatAge,
  figures.formatTook,
  figures.formatBytes,
  figures.formatRatio,
  figures.formatInstant,
])('%o never turns what is unknown into a number', (format) => {
  for (const value of [null, Number.NaN, Number.POSITIVE_INFINITY]) expect(format(value)).toBeNull()
})
