import { expect, test } from 'vitest'
import { ServerClock } from './server-clock.ts'

test('ages are told on the server clock, not on ours', () => {
  const clock = new ServerClock()
  clock.hear(1_060_000, 1_000_000)
  expect(clock.nowMs(1_005_000)).toBe(1_065_000)
})

test('a message that was long on its way does not make things look younger', () => {
  const clock = new ServerClock()
  clock.hear(1_000_000, 1_000_000)
  clock.hear(1_003_000, 1_010_000)
  expect(clock.nowMs(1_020_000)).toBe(1_020_000)
})

test('a server clock that was set back is believed after two minutes', () => {
  const clock = new ServerClock()
  clock.hear(2_000_000, 1_000_000)
  clock.hear(1_130_000, 1_130_000)
  expect(clock.nowMs(1_130_000)).toBe(1_130_000)
})

test('before anything was heard our own clock is used', () => {
  expect(new ServerClock().nowMs(42)).toBe(42)
})
