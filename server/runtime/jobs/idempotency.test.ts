import { expect, test } from 'vitest'
import { idempotencyKey } from './idempotency.ts'

test('a key is the same in every attempt, and another for every step, unit and queue', () => {
  const unit = { queue: 'mail', id: 'a' }
  expect(idempotencyKey({ ...unit }, 'charge')).toBe(idempotencyKey(unit, 'charge'))
  const keys = [
    idempotencyKey(unit),
    idempotencyKey(unit, 'charge'),
    idempotencyKey(unit, 1),
    idempotencyKey(unit, '1'),
    idempotencyKey({ ...unit, id: 'b' }, 'charge'),
    idempotencyKey({ ...unit, queue: 'post' }, 'charge'),
  ]
  expect(new Set(keys).size).toBe(keys.length)
  for (const key of keys) expect(key).toMatch(/^[\w-]{32}$/)
})
