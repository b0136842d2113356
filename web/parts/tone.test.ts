import { expect, test } from 'vitest'
import { signOf } from './tone.ts'

test.each([
  ['fine', 'nobody', undefined, 'fine'],
  ['notice', 'nobody', 'throttle', 'throttled'],
  ['fine', 'nobody', 'limit', 'limited'],
  ['notice', 'sluice', 'pause', 'paused'],
  ['fine', 'elsewhere', undefined, 'paused'],
  ['critical', 'nobody', 'throttle', 'critical'],
  ['critical', 'sluice', 'pause', 'critical'],
  ['unknown', 'nobody', 'throttle', 'unknown'],
] as const)('%s, paused by %s, held by %s is said as %s', (severity, pausedBy, heldBy, word) => {
  expect(signOf(severity, pausedBy, heldBy).word).toBe(word)
})
