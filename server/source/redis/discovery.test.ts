import { describe, expect, it } from 'vitest'
import { pauseMsAfter, queueOfMetaKey, scanPattern } from './discovery.ts'

describe('queueOfMetaKey', () => {
  it.each([
    ['bull:emails:meta', ['bull'], 'bull:emails:'],
    ['app:v2:emails:meta', ['bull', 'app:v2'], 'app:v2:emails:'],
    ['{bull}:emails:meta', ['{bull}'], '{bull}:emails:'],
    ['bull:emails:1:meta', ['bull'], undefined],
    ['bull:emails:id', ['bull'], undefined],
    ['bull:meta', ['bull'], undefined],
    ['bull::meta', ['bull'], undefined],
    ['bully:emails:meta', ['bull'], undefined],
  ])('%s with the prefixes %j is %s', (key, prefixes, base) => {
    expect(queueOfMetaKey(key, prefixes)?.base).toBe(base)
  })
})

it('a prefix is taken literally in the pattern', () => {
  expect(scanPattern(['bull'])).toBe('bull:*:meta')
  expect(scanPattern(['a*b[c]?\\'])).toBe('a\\*b\\[c\\]\\?\\\\:*:meta')
  expect(scanPattern(['a', 'b'])).toBe('*:meta')
})

it('a small database is walked at each refresh, a large one rarely', () => {
  expect([0, 1, 3].map(pauseMsAfter)).toEqual([1_900, 1_900, 1_900])
  expect([10, 50, 10_000].map(pauseMsAfter)).toEqual([6_000, 30_000, 30_000])
})
