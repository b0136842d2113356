import { expect, it } from 'vitest'
import { keySlot } from './slots.ts'

it.each([
  // 12739 = 0x31C3, the check value of CRC16 that the specification gives for this key.
  ['123456789', 12_739],
  ['foo', 12_182],
  ['{foo}bar', 12_182],
  ['a{foo}{bar}', 12_182],
])('%s lies in slot %i', (key, slot) => {
  expect(keySlot(key)).toBe(slot)
})
