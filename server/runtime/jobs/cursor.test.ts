import { expect, test } from 'vitest'
import { encodeCursor } from './cursor.ts'

test.each([null, 0, -7, 1.5, '', 'ü', true, [], [1, ['a', null]], { id: 7, at: { n: 'x' } }])(
  '%j comes back as it is',
  (cursor) => {
    expect(JSON.parse(encodeCursor(cursor))).toEqual(cursor)
  },
)

test.each([
  [undefined, 'cursor: a undefined'],
  [10n, 'cursor: a bigint'],
  [Number.NaN, 'cursor: NaN'],
  [-0, 'cursor: -0'],
  [new Date(0), 'cursor: a Date'],
  [{ id: 7, seen: new Map() }, 'cursor.seen: a Map'],
  [[1, { at: undefined }], 'cursor[1].at: a undefined'],
  ['x'.repeat(70_000), 'cursor: 70002 bytes'],
])('%o is refused, and the place is named', (cursor, message) => {
  expect(() => encodeCursor(cursor)).toThrow(message)
})

test('a cursor that holds itself is refused instead of followed for ever', () => {
  const endless: Record<string, unknown> = {}
  endless.self = endless
  expect(() => encodeCursor(endless)).toThrow(/deep/)
})
