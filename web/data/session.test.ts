import { expect, test } from 'vitest'
import { tokenIn, whoAmI } from './session.ts'

test.each([
  ['#token=abc', 'abc'],
  ['#token=a%2Fb', 'a/b'],
  ['#token=', null],
  ['#main', null],
  ['', null],
])('the token in %s is %s', (hash, token) => expect(tokenIn(hash)).toBe(token))

test('nobody may act before the server said so', () => {
  expect(whoAmI(null, null)).toMatchObject({ mayWrite: false, isKnown: false })
})

test('who is not signed in is told how', () => {
  const who = whoAmI({ body: { actor: null, mayWrite: false, why: null }, problem: null }, null)
  expect(who.why).toContain('sluice serve')
})

test('a lost server is the reason why one may not act', () => {
  expect(whoAmI(null, 'Sluice cannot be reached')).toMatchObject({ mayWrite: false, why: 'Sluice cannot be reached' })
})
