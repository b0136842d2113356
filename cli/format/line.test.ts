import { beforeAll, describe, expect, test } from 'vitest'
import { ASCII, asciiText, UNICODE } from './glyphs.ts'
import { cutLine, cutText, lineText, lineWidth, paint, spread, wrapLine } from './line.ts'
import { sparkline } from './sparkline.ts'
import { loadTables, textWidth } from './width.ts'

beforeAll(loadTables)

test('every mark of the Unicode set takes one cell, and the ASCII set is ASCII', () => {
  const marks = (set: typeof UNICODE) => [
    ...Object.values(set.severity),
    set.metered,
    set.done,
    set.full,
    set.empty,
    set.paused,
    set.live,
    set.late,
    set.stale,
    set.unknown,
    set.none,
    set.ellipsis,
    set.cursor,
    set.rule,
    set.bar,
    set.ascending,
    set.descending,
    ...set.spark,
  ]
  for (const mark of marks(UNICODE)) expect([mark, textWidth(mark)]).toEqual([mark, 1])
  expect(marks(ASCII).join('')).toMatch(/^[\x20-\x7e]+$/)
})

describe('cutting', () => {
  test.each([
    ['emails', 6, 'emails'],
    ['emails', 4, 'ema…'],
    ['注文処理', 5, '注文…'],
    ['注文処理', 4, '注…'],
    ['👨‍👩‍👧‍👦 family', 4, '👨‍👩‍👧‍👦 …'],
    ['x', 0, ''],
  ])('%s in %d cells is %s', (text, width, cut) => {
    expect(cutText(text, width)).toBe(cut)
    expect(textWidth(cutText(text, width))).toBeLessThanOrEqual(width)
  })

  test('a line of any width is never wider than asked, whatever stands at the edge', () => {
    const line = [{ text: 'ab' }, { text: '注文' }, { text: 'cd' }]
    for (let width = 1; width < 12; width++) expect(lineWidth(cutLine(line, width))).toBeLessThanOrEqual(width)
    expect(lineText(cutLine(line, 8))).toBe('ab注文cd')
    expect(lineText(cutLine(line, 6))).toBe('ab注…')
  })
})

test('left and right share a line of exactly its width, and the left gives way', () => {
  const left = [{ text: 'a verdict of some length' }]
  const right = [{ text: '14:03:12' }]
  expect(lineText(spread(left, right, 40))).toBe(`a verdict of some length${' '.repeat(8)}14:03:12`)
  expect(lineText(spread(left, right, 20))).toBe('a verdict … 14:03:12')
})

test('without colour a painted line is its text; with it every colour ends where it began', () => {
  const line = [{ text: 'crit', tone: 'critical' as const }, { text: ' plain' }]
  expect(paint(line, false)).toBe('crit plain')
  expect(paint(line, true)).toBe('\x1b[1;31mcrit\x1b[0m plain')
})

test('text for an ASCII terminal keeps its width', () => {
  const text = 'Δ5M · 注文 — 3×'
  expect(asciiText(text, textWidth)).toBe('d5M . ???? - 3x')
  expect(textWidth(asciiText(text, textWidth))).toBe(textWidth(text))
})

describe('sparkline', () => {
  test('scales to its own maximum, keeps peaks when thinned, and hatches what was not observed', () => {
    expect(sparkline([null, null, 0, 5, 10, 0], 6, UNICODE)).toBe('//▁▅█▁')
    expect(sparkline([0, 0, 0, 9, 0, 0], 2, UNICODE)).toBe('▁█')
    expect(sparkline([null, null], 2, UNICODE)).toBe('//')
    expect(sparkline([], 3, UNICODE)).toBe('///')
  })

  test('a little is never drawn as nothing', () => {
    const [, little] = sparkline([0, 1, 1_000_000], 3, UNICODE)
    expect(little).not.toBe(sparkline([0], 1, UNICODE))
  })
})

describe('a long line', () => {
  test.each([
    [
      ['goes on: ', 'enqueueing, schedules and work in hand; jobs'],
      40,
      ['goes on: enqueueing, schedules and work', '         in hand; jobs'],
    ],
    [['    one piece is indented as it began'], 30, ['    one piece is indented as', '      it began']],
    [
      ['a name that leaves no room at all: ', 'words then'],
      38,
      ['a name that leaves no room at all: ', '    words then'],
    ],
    [['fits'], 10, ['fits']],
    [[`a ${'x'.repeat(20)}`], 10, ['a', `    ${'x'.repeat(20)}`]],
  ])('%j in %d cells is broken at spaces, and nothing is lost', (pieces, width, lines) => {
    expect(
      wrapLine(
        pieces.map((text) => ({ text })),
        width,
      ).map(lineText),
    ).toEqual(lines)
  })
})
