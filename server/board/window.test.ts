import { expect, test } from 'vitest'
import { matcher, windowOf } from './window.ts'

const rows = [
  { ref: 'r/b', depth: 2 },
  { ref: 'r/a', depth: null },
  { ref: 'r/c', depth: 10 },
  { ref: 'k/mail', depth: 10 },
]
const refs = (sort: string) =>
  windowOf(rows, { sort, offset: 0, limit: 9 }, (row, field) => row[field as 'depth']).items.map(({ ref }) => ref)

test('unknown values come last in both directions and ties are ordered by reference', () => {
  expect(refs('depth')).toEqual(['r/b', 'k/mail', 'r/c', 'r/a'])
  expect(refs('-depth')).toEqual(['k/mail', 'r/c', 'r/b', 'r/a'])
})

test('total counts what matched, not what is shown', () => {
  const window = windowOf(rows, { filter: 'R/', offset: 1, limit: 1 }, () => null)
  expect(window).toEqual({ total: 3, offset: 1, items: [rows[1]] })
})

test.each([
  ['mail', 'r/email-in', true],
  ['MAIL', 'r/email', true],
  ['r/*mail', 'r/bulk-mail', true],
  ['r/*mail', 'r/mailer', false],
  ['*mail*', 'r/mailer', true],
  ['r/*a*b', 'r/ab', true],
  ['r/*aba*ba', 'r/aba', false],
  ['(a+)+$', 'r/aaaa', false],
] as const)('filter %s on %s: %s', (filter, ref, expected) => expect(matcher(filter)(ref)).toBe(expected))

test('a hostile glob over 10,000 long names stays linear', () => {
  const matches = matcher('*a'.repeat(128))
  const name = `r/${'a'.repeat(500)}b`
  const started = performance.now()
  for (let index = 0; index < 10_000; index++) matches(name)
  expect(performance.now() - started).toBeLessThan(2_000)
})
