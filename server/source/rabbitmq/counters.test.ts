import { expect, test } from 'vitest'
import { addReading, type Counters, type CounterTrack, reportAt } from './counters.ts'

const counted = (added: number): Counters => ({ added, finished: 0, failed: null, redelivered: 0 })

function trackOf(...readings: readonly [atMs: number, added: number][]): CounterTrack {
  const [first, ...rest] = readings
  return rest.reduce(
    (track, [atMs, added]) => addReading(track, atMs, counted(added)),
    addReading(undefined, first![0], counted(first![1])),
  )
}

test('readings each cycle are reported as they are', () => {
  expect(reportAt(trackOf([0, 10], [5_000, 60]), 5_000)).toEqual({ counters: counted(60), isEstimated: false })
})

test('readings far apart are played back evenly, one period late, and marked as estimates', () => {
  const track = trackOf([0, 0], [60_000, 600])
  const added = [60_000, 90_000, 120_000].map((nowMs) => reportAt(track, nowMs)?.counters.added)
  expect(added).toEqual([0, 300, 600])
  expect([reportAt(track, 90_000)?.isEstimated, reportAt(track, 120_000)?.isEstimated]).toEqual([true, false])
})

test('one seldom reading alone tells nothing once it is old', () => {
  expect(reportAt(trackOf([0, 5]), 1_000)?.counters.added).toBe(5)
  expect(reportAt(trackOf([0, 5]), 30_000)).toBeNull()
})

test('when the next reading does not come, the last one is no longer told', () => {
  const track = trackOf([0, 0], [5_000, 50])
  expect(reportAt(track, 25_000)?.counters.added).toBe(50)
  expect(reportAt(track, 25_001)).toBeNull()
})

test('what is reported never goes back when readings become seldom', () => {
  let track = { ...trackOf([0, 0], [5_000, 50]), reported: counted(50) }
  track = { ...addReading(track, 65_000, counted(650)), reported: counted(50) }
  expect(reportAt(track, 65_000)?.counters.added).toBe(50)
  expect(reportAt(track, 95_000)?.counters.added).toBe(350)
})

test('a counter that fell is a restart, and is told at once', () => {
  const track = { ...trackOf([0, 1_000], [60_000, 3]), reported: counted(1_000) }
  expect(reportAt(track, 61_000)?.counters.added).toBe(3)
})
