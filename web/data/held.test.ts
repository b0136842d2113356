import { afterEach, expect, test } from 'vitest'
import { held, tellHeld } from './held.ts'

afterEach(() => tellHeld([]))

const throttle = { target: 'r/a', order: { verb: 'throttle', perSecond: 5, fromPerSecond: null } } as const
const pause = { target: 'r/a', order: { verb: 'pause' } } as const

test('where several bind, the strictest is told', () => {
  tellHeld([throttle, pause])
  expect(held.get().get('r/a')).toBe('pause')
})

test('the same again draws nothing anew', () => {
  tellHeld([throttle])
  const before = held.get()
  tellHeld([throttle])
  expect(held.get()).toBe(before)
})

test('what is no longer held is forgotten', () => {
  tellHeld([throttle])
  tellHeld([])
  expect(held.get().size).toBe(0)
})
