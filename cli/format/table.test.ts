import { beforeAll, expect, test } from 'vitest'
import { aQueueRow, NOW_MS } from '../../test/support/api-bodies.ts'
import { QUEUE_COLUMNS } from '../columns/queue-columns.ts'
import { UNICODE } from './glyphs.ts'
import { lineText, lineWidth } from './line.ts'
import { tableLines } from './table.ts'
import { loadTables } from './width.ts'

beforeAll(loadTables)

const CONTEXT = { exact: false, nowMs: NOW_MS, glyphs: UNICODE }
const ROWS = [
  aQueueRow({ depth: 77_412, reasons: ['oldest 14 m 20 s, objective 5 m'], severity: 'critical' }),
  aQueueRow({ ref: 'redis-main/注文処理-キュー', depth: 3 }),
  aQueueRow({ ref: 'rabbit-1/audit', severity: 'unknown', observedAtMs: NOW_MS - 128_000 }),
]

test('a table of any width fits it, keeps the reference, and never cuts a figure', () => {
  for (let width = 20; width <= 220; width++) {
    const lines = tableLines(
      QUEUE_COLUMNS.filter(({ show }) => show === 'always'),
      ROWS,
      { ...CONTEXT, width },
    )
    for (const line of lines) expect([width, lineWidth(line) <= width]).toEqual([width, true])
    expect(lineText(lines[1]!)).toContain('redis')
    const figures = lineText(lines[1]!).match(/\d[\d.]*\S*/g) ?? []
    for (const figure of figures) expect([width, figure]).not.toEqual([width, expect.stringMatching(/^77[^.]/)])
  }
})

test('the row of a stale source is grey throughout, and says how old it is', () => {
  const [, , , stale] = tableLines(QUEUE_COLUMNS, ROWS, { ...CONTEXT, width: null })
  expect(lineText(stale!)).toMatch(/^◌ 2m old/)
  for (const { text, tone } of stale!)
    expect([text.trim(), text.trim() === '' || tone === 'unknown']).toEqual([text.trim(), true])
})
