import { expect, it } from 'vitest'
import { matchesGlob } from './glob.ts'

it.each([
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['h?llo', 'hello', true],
  ['h*llo', 'heeeello', true],
  ['h[ae]llo', 'hillo', false],
  ['h[^e]llo', 'hallo', true],
  ['h[a-c]llo', 'hbllo', true],
  ['h[c-a]llo', 'hbllo', true],
  ['h\\*llo', 'h*llo', true],
  ['h\\*llo', 'hxllo', false],
  ['[\\]]', ']', true],
  ['[abc', 'b', true],
  ['a\\', 'a\\', true],
  ['*a*b*c', 'xxaxxbxxcxxc', true],
  ['a*', 'b', false],
  ['\xff?', '\xff\x00', true],
])('pattern %j on %j: %s', (pattern, text, matches) => {
  expect(matchesGlob(pattern, text)).toBe(matches)
})

it('ends soon on many stars', () => {
  expect(matchesGlob('a*'.repeat(50), `${'a'.repeat(5_000)}b`.repeat(2))).toBe(true)
  expect(matchesGlob(`${'a*'.repeat(50)}c`, 'a'.repeat(5_000))).toBe(false)
})
