import { expect, test } from 'vitest'
import { formatAge, formatCountdown, formatExact, formatFigure, formatNumbered, type Reading } from './format.ts'

test.each<[number | null, Reading, string]>([
  [77_412, 'count', '77.4k'],
  [1_240_000, 'count', '1.24M'],
  [0, 'count', '0'],
  [860_000, 'duration', '14 m 20 s'],
  [400, 'duration', '0.4 s'],
  [41.2, 'rate', '41'],
  [0.02, 'rate', '0.02'],
  [12_300, 'change', '+12.3k'],
  [-120, 'change', '−120'],
  [0, 'change', '0'],
  [18_400, 'bytes', '18 KB'],
  [1_210_000_000, 'bytes', '1.2 GB'],
  [0, 'bytes', '0 B'],
  [0.31, 'percent', '31 %'],
  [0.002, 'percent', '0.2 %'],
  [0.0001, 'percent', '< 0.1 %'],
])('%s as a %s is written %s', (value, reading, text) => {
  expect(formatFigure(value, reading)).toBe(text)
})

test.each<Reading>(['count', 'duration', 'rate', 'change', 'bytes', 'percent'])(
  'an unknown %s is a dash, never 0',
  (reading) => {
    expect(formatFigure(null, reading)).toBe('—')
    expect(formatExact(null, reading)).toBe('unknown')
  },
)

test('the exact value keeps every digit and names its unit', () => {
  expect(formatExact(77_412, 'count')).toBe('77,412')
  expect(formatExact(860_123, 'duration')).toBe('860,123 ms')
  expect(formatExact(0.0213, 'rate')).toBe('0.021 per second')
})

test.each([
  [-500, '0 s'],
  [2_900, '2 s'],
  [61_000, '1 m'],
  [7_300_000, '2 h'],
  [200_000_000, '2 d'],
])('an age of %s ms ticks as %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text)
})

test('a count and its noun agree', () => {
  expect(formatNumbered(1, 'queue')).toBe('1 queue')
  expect(formatNumbered(412, 'queue')).toBe('412 queues')
})

test.each([
  [432_000, '07:12'],
  [4_032_000, '1:07:12'],
  [400, '00:01'],
  [0, '00:00'],
  [-5_000, '00:00'],
])('%i ms to the end are counted down as %s', (ms, text) => expect(formatCountdown(ms)).toBe(text))
