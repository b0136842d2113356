import { describe, expect, it } from 'vitest'
import { seeded } from '../../../domain/seeded.ts'
import { HashValue } from './hash.ts'
import { compareIntegers, isInteger64 } from './integers.ts'
import { ListValue } from './list.ts'
import { SetValue } from './set.ts'
import { SortedSetValue } from './sorted-set.ts'

describe('a sorted set', () => {
  it('agrees with a sorted array after thousands of changes across many blocks', () => {
    const chance = seeded(7)
    const zset = new SortedSetValue()
    const model = new Map<string, number>()
    for (let i = 0; i < 12_000; i++) {
      const member = `m${Math.floor(chance() * 4_000)}`
      if (chance() < 0.75) {
        const score = Math.floor(chance() * 300)
        zset.set(member, score)
        model.set(member, score)
      } else {
        expect(zset.delete(member)).toBe(model.delete(member))
      }
      if (i % 1_500 === 0 && model.size > 20) {
        const start = Math.floor(chance() * (model.size - 10))
        const count = Math.floor(chance() * (model.size - start))
        for (const gone of zset.deleteRanks(start, count)) model.delete(gone)
      }
    }
    const sorted = sortedPairs(model)
    expect([...zset.entries()]).toEqual(sorted)
    expect(zset.size).toBe(sorted.length)
    for (let i = 0; i < sorted.length; i += 37) {
      const [member, score] = sorted[i]!
      expect(zset.rank(member)).toBe(i)
      expect(zset.countBelow(score, false)).toBe(sorted.findIndex((pair) => pair[1] === score))
      expect(zset.countBelow(score, true)).toBe(sorted.filter((pair) => pair[1] <= score).length)
    }
    const members: string[] = []
    zset.take(600, 700, members, null)
    expect(members).toEqual(sorted.slice(600, 1_300).map((pair) => pair[0]))
    expect([...new SortedSetValue(model).entries()]).toEqual(sorted)
  })

  it('is empty after all its ranks are removed, and can be filled again', () => {
    const zset = new SortedSetValue(Array.from({ length: 2_000 }, (_, i) => [`m${i}`, i] as const))
    expect(zset.deleteRanks(0, 2_000)).toHaveLength(2_000)
    zset.set('again', -0)
    expect([...zset.entries()]).toEqual([['again', -0]])
  })

  it('finds by bytes where all scores are equal', () => {
    const zset = new SortedSetValue(Array.from({ length: 3_000 }, (_, i) => [`k${i + 1_000}`, 0] as const))
    expect(zset.countBefore('k2500', false)).toBe(1_500)
    expect(zset.countBefore('k2500', true)).toBe(1_501)
    expect(zset.countBefore('', false)).toBe(0)
    expect(zset.countBefore('z', false)).toBe(3_000)
  })
})

function sortedPairs(model: ReadonlyMap<string, number>): [string, number][] {
  return [...model].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
}

describe('a list', () => {
  it('agrees with an array after thousands of changes', () => {
    const chance = seeded(11)
    const list = new ListValue(['a', 'b'])
    let model = ['a', 'b']
    const acts: ((i: number) => void)[] = [
      (i) => [list.pushLeft(`${i}`), model.unshift(`${i}`)],
      (i) => [list.pushRight(`${i}`), model.push(`${i}`)],
      (i) => [list.pushRight(`${i % 3}`), model.push(`${i % 3}`)],
      () => model.length > 0 && expect(list.popLeft()).toBe(model.shift()),
      () => model.length > 0 && expect(list.popRight()).toBe(model.pop()),
      (i) => {
        const at = Math.floor(chance() * (model.length + 1))
        list.insert(at, `in${i}`)
        model.splice(at, 0, `in${i}`)
      },
      (i) => {
        const limit = (i % 5) - 2
        const kept = without(model, '1', limit)
        expect(list.remove('1', limit)).toBe(model.length - kept.length)
        model = kept
      },
      (i) => {
        if (i % 50 !== 0) return
        const start = Math.floor((chance() * model.length) / 2)
        const count = Math.floor(chance() * (model.length - start + 1))
        list.keep(start, count)
        model = model.slice(start, start + count)
      },
    ]
    for (let i = 0; i < 8_000; i++) {
      acts[Math.floor(chance() ** 1.3 * acts.length)]!(i)
      if (i % 97 === 0) expect([...list.values()]).toEqual(model)
    }
    expect(list.slice(0, list.size)).toEqual(model)
    expect(list.size).toBe(model.length)
  })
})

function without(items: readonly string[], item: string, limit: number): string[] {
  let left = limit === 0 ? items.length : Math.abs(limit)
  const kept = (limit < 0 ? items.toReversed() : items).filter((here) => here !== item || left-- <= 0)
  return limit < 0 ? kept.toReversed() : kept
}

describe('a walk', () => {
  const all = Array.from({ length: 1_000 }, (_, i) => `member-${i}`)
  const collections = {
    set: () => new SetValue(all),
    hash: () => new HashValue(all.map((member) => [member, 'v'] as const)),
    'sorted set': () => new SortedSetValue(all.map((member, i) => [member, i] as const)),
  }
  it.each(Object.entries(collections))(
    'over a %s meets every member that stays, while others come and go',
    (_, make) => {
      const chance = seeded(3)
      const value = make()
      const add = (member: string) => (value instanceof SetValue ? value.add(member) : value.set(member, 0 as never))
      const stays = all.filter((_, i) => i % 3 === 0)
      const met = new Set<string>()
      let cursor = 0
      let steps = 0
      do {
        const page: string[] = []
        cursor = value.walk(cursor, 10, page)
        expect(page.length).toBeLessThanOrEqual(10)
        for (const member of page) met.add(member)
        for (let i = 0; i < 8; i++) value.delete(`member-${Math.floor(chance() * 333) * 3 + 1}`)
        for (let i = 0; i < 12; i++) add(`new-${steps}-${i}`)
        expect(++steps).toBeLessThan(200)
      } while (cursor !== 0)
      expect(stays.filter((member) => !met.has(member))).toEqual([])
    },
  )

  it('over a small collection is one page', () => {
    const page: string[] = []
    expect(new HashValue([['a', '1']]).walk(0, 1, page)).toBe(0)
    expect(new SetValue(['3', '-10', '2']).walk(0, 1, page)).toBe(0)
    expect(page).toEqual(['a', '-10', '2', '3'])
  })
})

describe('an encoding', () => {
  it('changes at the thresholds and does not change back', () => {
    const hash = new HashValue(Array.from({ length: 512 }, (_, i) => [`f${i}`, 'x'.repeat(64)] as const))
    expect(hash.encoding()).toBe('listpack')
    hash.set('f0', 'x'.repeat(65))
    hash.set('f0', '')
    expect(hash.encoding()).toBe('hashtable')
    expect(hash.copy().encoding()).toBe('hashtable')
    const set = new SetValue(Array.from({ length: 512 }, (_, i) => String(i)))
    expect(set.encoding()).toBe('intset')
    set.add('512')
    set.delete('512')
    expect(set.encoding()).toBe('hashtable')
    const zset = new SortedSetValue([['x'.repeat(64), 1]])
    expect(zset.encoding()).toBe('listpack')
    zset.set('x'.repeat(65), 1)
    expect(zset.encoding()).toBe('skiplist')
  })
})

describe('the one form of an integer', () => {
  it.each(['0', '-1', '9223372036854775807', '-9223372036854775808'])('is %s', (text) => {
    expect(isInteger64(text)).toBe(true)
  })
  it.each([
    '',
    '-',
    '-0',
    '01',
    '+1',
    ' 1',
    '1.0',
    '9223372036854775808',
    '-9223372036854775809',
    '99999999999999999999',
  ])('is not "%s"', (text) => {
    expect(isInteger64(text)).toBe(false)
  })
  it('sorts as the numbers do', () => {
    const sorted = ['-9223372036854775808', '-10', '-9', '0', '9', '10', '9223372036854775807']
    expect(sorted.toReversed().sort(compareIntegers)).toEqual(sorted)
  })
})
