import { describe, expect, test } from 'vitest'
import { groupRow } from '../../server/api/group.ts'
import {
  groupSort,
  LIST_LIMIT_MAX,
  queueSort,
  runSort,
  sourceSort,
  topicSort,
  workerSort,
} from '../../server/api/list-query.ts'
import { queueRow } from '../../server/api/queue.ts'
import { runRow } from '../../server/api/run.ts'
import { sourceRow } from '../../server/api/source.ts'
import { topicRow } from '../../server/api/topic.ts'
import { workerRow } from '../../server/api/worker.ts'
import * as bodies from '../../test/support/api-bodies.ts'
import { WINDOW_ROWS } from '../api.ts'
import { UNICODE } from '../format/glyphs.ts'
import { cellOf } from '../format/table.ts'
import { LISTS } from '../lists.ts'
import type { CellContext, Column } from './column.ts'

const CONTEXT: CellContext = { exact: true, nowMs: bodies.NOW_MS, glyphs: UNICODE }
const KINDS = [
  { name: 'queues', schema: queueRow, row: bodies.aQueueRow(), sorts: queueSort },
  { name: 'groups', schema: groupRow, row: bodies.aGroupRow(), sorts: groupSort },
  { name: 'topics', schema: topicRow, row: bodies.aTopicRow(), sorts: topicSort },
  { name: 'workers', schema: workerRow, row: bodies.aWorkerRow(), sorts: workerSort },
  { name: 'runs', schema: runRow, row: bodies.aRunRow(), sorts: runSort },
  { name: 'sources', schema: sourceRow, row: bodies.aSourceRow(), sorts: sourceSort },
]

describe.each(KINDS)('$name', ({ name, schema, row, sorts }) => {
  const kind = LISTS.find((one) => one.name === name)!
  const columns = kind.columns as readonly Column<object>[]

  test('every field of the API but the sparkline can be asked for, and no other', () => {
    const fields = Object.keys(schema.shape).filter((field) => field !== 'trend')
    expect(columns.map(({ field }) => field).sort()).toEqual(fields.sort())
  })

  test('the orders are those of the API', () => {
    expect(kind.sorts).toEqual(sorts)
  })

  test('a null in any figure is shown as a dash or as "does not apply", never as a number', () => {
    expect(schema.parse(row)).toEqual(row)
    for (const [field, shape] of Object.entries(schema.shape)) {
      if (field === 'trend' || !shape.safeParse(null).success) continue
      const column = columns.find((one) => one.field === field)!
      const { text } = cellOf(column, { ...row, [field]: null, drain: 'unknown' }, CONTEXT)
      expect([field, text]).toEqual([field, expect.stringMatching(/^[—·]$/)])
    }
  })
})

test("the window is the server's", () => {
  expect(WINDOW_ROWS).toBe(LIST_LIMIT_MAX)
})
