import { expect, test } from 'vitest'
import { type Turnover, watchTurnover } from './turnover.ts'

function watched(...sightings: readonly [atMs: number, waiting: number, taken: number | null][]): Turnover {
  return sightings.reduce<Turnover | undefined>(
    (before, [atMs, waiting, taken]) => watchTurnover(before, { atMs, waiting, taken }),
    undefined,
  )!
}

test('what waits was there before we looked: its age is unknown', () => {
  expect(watched([100_000, 5, 0]).floorAtMs).toBeNull()
})

test('since the queue was seen empty, nothing can be older than that', () => {
  expect(watched([100_000, 0, 0], [105_000, 5, 0], [160_000, 9, 0]).floorAtMs).toBe(100_000)
})

test('when as many were taken as waited, the age is counted from then, less what statistics lag', () => {
  expect(watched([100_000, 50, 1_000], [160_000, 50, 1_049]).floorAtMs).toBeNull()
  expect(watched([100_000, 50, 1_000], [160_000, 50, 1_049], [161_000, 50, 1_050]).floorAtMs).toBe(90_000)
})

test('a turnover never makes what waits older than an empty queue did', () => {
  expect(watched([100_000, 0, 0], [101_000, 5, 0], [102_000, 5, 6]).floorAtMs).toBe(100_000)
})

test('a counter that fell or is not told proves nothing', () => {
  expect(watched([100_000, 5, 1_000], [110_000, 5, 3], [120_000, 5, null]).floorAtMs).toBeNull()
})
