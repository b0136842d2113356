import { expect, test } from 'vitest'
import { Counters } from './rate.ts'

function sampled(points: readonly (readonly [atMs: number, value: number | null])[]): Counters {
  const counters = new Counters(1)
  for (const [atMs, value] of points) counters.add(atMs, [value])
  return counters
}

test('a rate is units per second over what was seen of the last minute', () => {
  expect(
    sampled([
      [0, 100],
      [2_000, 140],
    ]).perSecond(0),
  ).toBe(20)
  const steady = new Counters(1)
  for (let second = 0; second <= 600; second += 2) steady.add(second * 1_000, [second * 7])
  expect(steady.perSecond(0)).toBeCloseTo(7, 6)
})

test('a rate over the last minute forgets what is older', () => {
  const counters = new Counters(1)
  for (let second = 0; second <= 300; second += 2) counters.add(second * 1_000, [Math.min(second, 200) * 10])
  expect(counters.perSecond(0)).toBe(0)
})

test.each([
  ['one sample', [[0, 5]]],
  [
    'an unknown newest value',
    [
      [0, 5],
      [2_000, null],
    ],
  ],
  [
    'samples less than a second apart',
    [
      [0, 5],
      [500, 9],
    ],
  ],
  [
    'a counter that fell',
    [
      [0, 500],
      [2_000, 3],
    ],
  ],
] as const)('%s gives no rate rather than 0', (_, points) => {
  expect(sampled(points).perSecond(0)).toBeNull()
})

test('after a restart the rate is that since the restart', () => {
  expect(
    sampled([
      [0, 500],
      [2_000, 0],
      [4_000, 10],
    ]).perSecond(0),
  ).toBe(5)
})
