import { describe, expect, it, test } from 'vitest'
import { seeded } from '../../../domain/seeded.ts'
import { IdMap } from './id-map.ts'
import { StreamValue } from './stream.ts'
import { compareIds, idText, MAX_ID, MIN_ID, nextId, parseId, previousId, type StreamId } from './stream-id.ts'

describe('ids', () => {
  test.each([
    ['5', '5-0'],
    ['5-7', '5-7'],
    ['007-01', '7-1'],
    [' +5', '5-0'],
    ['9007199254740992-9007199254740993', '9007199254740992-9007199254740993'],
    ['18446744073709551615-18446744073709551615', '18446744073709551615-18446744073709551615'],
    ['18446744073709551616', null],
    ['', null],
    ['-', null],
    ['-5', null],
    ['5-', null],
    ['5--1', null],
    ['5x', null],
  ])('%j is read as %j', (text, read) => {
    const id = parseId(text, 0)
    expect(id === null ? null : idText(id)).toBe(read)
  })

  it('next and previous are each other’s opposite, across every edge', () => {
    const parts = [
      '0',
      '1',
      '9007199254740990',
      '9007199254740991',
      '9007199254740992',
      '18446744073709551614',
      '18446744073709551615',
    ]
    for (const ms of parts) {
      for (const seq of parts) {
        const id = parseId(`${ms}-${seq}`, 0)!
        const next = nextId(id)
        const previous = previousId(id)
        if (next !== null) {
          expect(compareIds(next, id)).toBe(1)
          expect(previousId(next)).toEqual(id)
        }
        if (previous !== null) expect(nextId(previous)).toEqual(id)
      }
    }
    expect(nextId(MAX_ID)).toBeNull()
    expect(previousId(MIN_ID)).toBeNull()
  })
})

it('a map by ids is a sorted list, whatever is put in and taken out', () => {
  const random = seeded(3)
  const map = new IdMap<StreamId>()
  const model = new Map<number, StreamId>()
  for (let step = 0; step < 6_000; step++) {
    const ms = Math.floor(random() * 2_000)
    const id = { ms, seq: 0 }
    if (random() < 0.6) {
      map.set(id)
      model.set(ms, id)
    } else expect(map.delete(id)).toBe(model.delete(ms))
    expect(map.size).toBe(model.size)
    expect(map.get(id)).toBe(model.get(ms))
  }
  const sorted = [...model.values()].sort(compareIds)
  expect([...map.from(MIN_ID)]).toEqual(sorted)
  expect([...map.from({ ms: 1_000, seq: 0 })]).toEqual(sorted.filter(({ ms }) => ms >= 1_000))
  expect([map.first, map.last]).toEqual([sorted[0], sorted.at(-1)])
})

it('a stream is a list of entries, whatever is added, deleted and trimmed', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = seeded(seed)
    const any = (count: number) => Math.floor(random() * count)
    const stream = new StreamValue()
    let model: { ms: number; seq: number; pairs: string[] }[] = []
    let ms = 1
    const exactly = { isApproximate: false, limit: 0 }
    for (let step = 0; step < 500; step++) {
      const kind = any(20)
      if (kind < 14) {
        ms += 1 + any(3)
        const pairs = ['f', 'x'.repeat(any(200))]
        stream.append({ ms, seq: 0 }, pairs)
        model.push({ ms, seq: 0, pairs })
      } else if (kind < 18) {
        const id = { ms: any(ms + 1), seq: 0 }
        const before = model.length
        model = model.filter((entry) => entry.ms !== id.ms)
        expect(stream.delete(id)).toBe(model.length < before)
      } else if (kind < 19 && any(8) === 0) {
        const length = any(model.length + 2)
        expect(stream.trimToLength(length, exactly)).toBe(Math.max(0, model.length - length))
        model = model.slice(Math.max(0, model.length - length))
      } else if (kind === 19 && any(8) === 0) {
        const id = { ms: any(ms), seq: 0 }
        expect(stream.trimBelow(id, exactly)).toBe(model.filter((entry) => entry.ms < id.ms).length)
        model = model.filter((entry) => entry.ms >= id.ms)
      }
      expect(stream.length).toBe(model.length)
      expect([stream.first, stream.last]).toEqual([model[0], model.at(-1)])
    }
    const [low, high] = [
      { ms: any(ms), seq: 0 },
      { ms: any(ms), seq: 0 },
    ]
    const between = model.filter((entry) => entry.ms >= low.ms && entry.ms <= high.ms)
    expect(stream.range(low, high, 0)).toEqual(between)
    expect(stream.rangeBack(low, high, 7)).toEqual(between.reverse().slice(0, 7))
    expect(stream.copy().range(MIN_ID, MAX_ID, 0)).toEqual(model)
  }
})

it('trimming the front of a long stream costs what is trimmed', () => {
  const stream = new StreamValue()
  for (let ms = 1; ms <= 50_000; ms++) {
    stream.append({ ms, seq: 0 }, ['f', 'v'])
    stream.trimToLength(1_000, { isApproximate: true, limit: 10_000 })
  }
  expect(stream.length).toBeLessThan(1_100)
  expect(stream.nodeCount).toBeLessThan(12)
})
