import type { SourceBody } from '../../server/api/source.ts'
import { type CellContext, type Column, figureCell, noneCell, textCell, wordsCell } from '../columns/column.ts'
import { freshnessMark, SOURCE_COLUMNS } from '../columns/source-columns.ts'
import { formatAge, formatBytes, formatCount, formatDuration, formatTook } from '../format/figures.ts'
import { type Description, factsOf, note, subTable } from './description.ts'
import { headLines } from './head.ts'

type NodeRow = SourceBody['nodes'][number]
type GapRow = SourceBody['gapList'][number]
type SystemRow = SourceBody['source']['systems'][number]

const NODE_COLUMNS: readonly Column<NodeRow>[] = [
  { field: 'name', head: 'NODE', show: 'always', cell: (row) => textCell(row.name, 'strong') },
  { field: 'role', head: 'ROLE', show: 'always', cell: (row) => textCell(row.role) },
  { field: 'version', head: 'VERSION', show: 'always', cell: (row) => textCell(row.version) },
  {
    field: 'memoryBytes',
    head: 'MEMORY',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatBytes(row.memoryBytes, exact)),
  },
  {
    field: 'memoryLimitBytes',
    head: 'OF',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatBytes(row.memoryLimitBytes, exact)),
  },
  {
    field: 'connections',
    head: 'CONNECTIONS',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.connections, exact)),
  },
  {
    field: 'alarms',
    head: 'ALARMS',
    show: 'always',
    cell: (row, context) =>
      row.alarms.length === 0 ? noneCell(context) : { ...wordsCell(row.alarms, context), tone: 'critical' },
  },
]

const GAP_COLUMNS: readonly Column<GapRow>[] = [
  { field: 'what', head: 'NOT READ', show: 'always', cell: (row) => textCell(row.what) },
  { field: 'code', head: 'CAUSE', show: 'always', cell: (row) => textCell(row.code, 'warning') },
  { field: 'message', head: 'MESSAGE', show: 'always', flex: true, cell: (row) => textCell(row.message) },
]

const SYSTEM_COLUMNS: readonly Column<SystemRow>[] = [
  { field: 'name', head: 'SYSTEM', show: 'always', cell: (row) => textCell(row.name, 'strong') },
  { field: 'version', head: 'VERSION', show: 'always', cell: (row) => textCell(row.version) },
  {
    field: 'cannotTell',
    head: 'CANNOT TELL',
    show: 'always',
    flex: true,
    cell: (row, context) => wordsCell(Object.keys(row.cannotTell), context),
  },
]

export function describeSource(body: SourceBody, context: CellContext): Description {
  const { source, address, nodes, gapList } = body
  const mark = freshnessMark(source.state, context.glyphs)
  const age = source.observedAtMs === null ? null : formatAge(Math.max(0, context.nowMs - source.observedAtMs))
  return {
    ref: source.ref,
    head: headLines(source, { fresh: body, about: `${source.kind} at ${address}`, context }),
    blocks: [
      {
        title: 'FRESHNESS',
        facts: [
          { label: 'state', value: { text: `${mark.text} ${source.state}`, tone: mark.tone } },
          { label: 'last seen', value: figureCell(age === null ? null : `${age} ago`) },
          { label: 'read every', value: figureCell(formatDuration(source.intervalMs)) },
        ],
      },
      {
        title: 'HOLDS',
        facts: (['queues', 'topics', 'groups', 'workers'] as const).map((field) => ({
          label: field,
          value: figureCell(formatCount(source[field])),
        })),
      },
      {
        title: 'COST OF READING',
        facts: [
          { label: 'took', value: figureCell(formatTook(source.tookMs)) },
          { label: 'commands', value: figureCell(formatCount(source.commands)) },
          { label: 'sent', value: figureCell(formatBytes(source.bytesSent)) },
          { label: 'read', value: figureCell(formatBytes(source.bytesRead)) },
        ],
      },
    ],
    charts: [],
    notes: source.error ? [note('last try', `${source.error.code}: ${source.error.message}`)] : [],
    tables: [
      ...(source.systems.length === 0 ? [] : [subTable('Systems', SYSTEM_COLUMNS, source.systems)]),
      ...(nodes.length === 0 ? [] : [subTable('Nodes', NODE_COLUMNS, nodes)]),
      ...(gapList.length === 0 ? [] : [subTable('Not read', GAP_COLUMNS, gapList)]),
    ],
    facts: [['address', address], ...factsOf(SOURCE_COLUMNS, source, context)],
  }
}
