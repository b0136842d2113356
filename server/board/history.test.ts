import { expect, test } from 'vitest'
import { History } from './history.ts'

const create = () => new History({ series: ['depth', 'in'], stepMs: 10, windowMs: 100 })

test('what was recorded is read back in its step, and what was not is null', () => {
  const history = create()
  history.record('q', 1_000, [5, null])
  history.record('q', 1_031, [7, 2])
  expect(history.read('q', 1_039)).toEqual({
    startMs: 940,
    stepMs: 10,
    series: {
      depth: [null, null, null, null, null, null, 5, null, null, 7],
      in: [null, null, null, null, null, null, null, null, null, 2],
    },
  })
})

test('old values never come round again when the ring wraps', () => {
  const history = create()
  for (let at = 0; at < 100; at += 10) history.record('q', at, [at, at])
  history.record('q', 155, [1, 1])
  expect(history.read('q', 155).series.depth).toEqual([60, 70, 80, 90, null, null, null, null, null, 1])
  history.record('q', 5_000, [2, 2])
  expect(history.read('q', 5_000).series.depth?.filter((value) => value !== null)).toEqual([2])
})

test('reading later than the last value shows what is not known as null', () => {
  const history = create()
  history.record('q', 1_000, [5, 1])
  expect(history.points('q', 'depth', { nowMs: 1_050, count: 5 })).toEqual([null, null, 5, null, null])
  expect(history.valueAt('q', 'depth', 1_000)).toBe(5)
  expect(history.valueAt('q', 'depth', 1_010)).toBeNull()
  expect(history.valueAt('other', 'depth', 1_000)).toBeNull()
})

test('a name not written for a whole window is forgotten', () => {
  const history = create()
  history.record('q', 1_000, [5, 1])
  history.prune(1_099)
  expect(history.valueAt('q', 'depth', 1_000)).toBe(5)
  history.prune(1_110)
  expect(history.valueAt('q', 'depth', 1_000)).toBeNull()
})
