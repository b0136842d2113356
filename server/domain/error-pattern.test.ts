import { expect, it } from 'vitest'
import { errorPattern } from './error-pattern.ts'

it.each([
  ['timeout after 250 ms', 'timeout after # ms'],
  ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED #'],
  ['user 6f1e2d3c-0000-4000-8000-aabbccddeeff not found', 'user # not found'],
  ['order 5f3a9c0d1e is gone', 'order # is gone'],
  ['duplicate key "users_pkey"', 'duplicate key "…"'],
  [`can't read 'a.csv' or \`b\``, `can't read "…" or "…"`],
  ['decade facade deadbeef', 'decade facade deadbeef'],
  ['first\nsecond 7', 'first'],
  ['', ''],
])('%j has the pattern %j', (message, pattern) => {
  expect(errorPattern(message)).toBe(pattern)
})

it('what differs only in numbers and ids has one pattern', () => {
  const patterns = [1, 22, 333].map((n) => errorPattern(`row ${n} of "file ${n}": bad id ${n}abcdef01`))
  expect(new Set(patterns).size).toBe(1)
})

it('is bounded', () => {
  expect(errorPattern('x '.repeat(100_000)).length).toBeLessThanOrEqual(300)
})
