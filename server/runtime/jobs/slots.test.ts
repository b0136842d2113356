import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

test('a queue never gets more slots than are free, and none twice', () => {
  const slots = new Slots(5, () => {})
  expect([slots.reserve('a', 3), slots.reserve('a', 3), slots.reserve('a', 3)]).toEqual([3, 2, 0])
  expect(slots.busy).toBe(5)
  slots.release(4)
  expect(slots.busy).toBe(1)
  expect(slots.reserve('a', 10)).toBe(4)
})

test('a busy queue lets a waiting one have the next free slot', () => {
  const woken: string[] = []
  const slots = new Slots(1, (queue) => woken.push(queue))
  expect(slots.reserve('busy', 1)).toBe(1)
  expect(slots.reserve('quiet', 1)).toBe(0)
  slots.release(1)
  expect(woken).toEqual(['quiet'])
  expect(slots.reserve('busy', 1)).toBe(0)
  expect(slots.reserve('quiet', 1)).toBe(1)
  slots.release(1)
  expect(slots.reserve('busy', 1)).toBe(1)
})
