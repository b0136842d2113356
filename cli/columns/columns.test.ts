import { describe, expect, test } from 'vitest'
import { groupRow } from '../../server/api/group.ts'
import { queueRow } from '../../server/api/queue.ts'
import { runRow } from '../../server/api/run.ts'
import { sourceRow } from '../../server/api/source.ts'
import { topicRow } from '../../server/api/topic.ts'
import { workerRow } from '../../server/api/worker.ts'
import * as bodies from '../../test/support/api-bodies.ts'
import { UNICODE } from '../format/glyphs.ts'
import { cellOf } from '../format/table.ts'
import { LISTS } from '../lists.ts'
import type { CellContext, Column } from './column.ts'

const CONTEXT: CellContext = { exact: true, nowMs: bodies.NOW_MS, glyphs: UNICODE }
const KINDS = [
  { name: 'queues', schema: queueRow, row: bodies.aQueueRow() },
  { name: 'groups', schema: groupRow, row: bodies.aGroupRow() },
  { name: 'topics', schema: topicRow, row: bodies.aTopicRow() },
  { name: 'workers', schema: workerRow, row: bodies.aWorkerRow() },
  { name: 'runs', schema: runRow, row: bodies.aRunRow() },
  { name: 'sources', schema: sourceRow, row: bodies.aSourceRow() },
]

describe.each(KINDS)('$name', ({ name, schema, row }) => {
  const kind = LISTS.find((one) => one.name === name)!
  const columns = kind.columns as readonly Column<object>[]

  test('every field of the API but the sparkline can be asked for, and no other', () => {
    const fields = Object.keys(schema.shape).filter((field) => field !== 'trend')
    expect(columns.map(({ field }) => field).sort()).toEqual(fields.sort())
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
