import type { HotRow } from '../../server/api/overview.ts'
import { formatChange, formatCount, formatDrain, formatDuration, formatRate, formatRatio } from '../format/figures.ts'
import { inert } from '../format/inert.ts'
import { sparkline } from '../format/sparkline.ts'
import {
  ageCell,
  type CellContext,
  type Column,
  figureCell,
  noneCell,
  severityCell,
  textCell,
  wordsCell,
} from './column.ts'

const UNIT = { jobs: ['job', 'jobs'], messages: ['msg', 'msgs'], records: ['rec', 'rec'] } as const
const TREND_CELLS = 12

/** Queues and groups side by side: depth and lag share a column, so the unit stands in the cell. */
export const HOT_COLUMNS: readonly Column<HotRow>[] = [
  {
    field: 'severity',
    head: 'STATE',
    show: 'always',
    cell: (row, context) => {
      if (row.pausedBy !== 'nobody' && isQuiet(row) && !context.exact) {
        return { text: `${context.glyphs.paused} paused`, tone: 'paused' }
      }
      return severityCell(row, context)
    },
  },
  {
    field: 'ref',
    head: 'NAME',
    show: 'always',
    // A pause that the state already shows is not said twice.
    cell: (row, { glyphs }) => ({
      text: row.pausedBy === 'nobody' || isQuiet(row) ? inert(row.ref) : `${inert(row.ref)} ${glyphs.paused}`,
      tone: 'strong',
    }),
  },
  {
    field: 'waitMs',
    head: 'WAIT',
    align: 'right',
    show: 'always',
    cell: (row) => figureCell(formatDuration(row.waitMs), row.waitEstimated),
  },
  {
    field: 'amount',
    head: 'DEPTH/LAG',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => {
      const text = formatCount(row.amount, exact)
      return text === null
        ? null
        : { ...figureCell(text), text: `${text} ${UNIT[row.unit][row.amount === 1 ? 0 : 1].padEnd(4)}` }
    },
  },
  {
    field: 'change5m',
    head: 'Δ5M',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatChange(row.change5m, exact)),
  },
  {
    field: 'inPerSecond',
    head: 'IN/S',
    align: 'right',
    show: 'always',
    cell: (row) => figureCell(formatRate(row.inPerSecond)),
  },
  {
    field: 'outPerSecond',
    head: 'OUT/S',
    align: 'right',
    show: 'always',
    cell: (row) => figureCell(formatRate(row.outPerSecond)),
  },
  {
    field: 'drainMs',
    head: 'DRAIN',
    align: 'right',
    show: 'always',
    cell: (row, context) => {
      const text = formatDrain(row.drain, row.drainMs)
      return text === 'none' && !context.exact ? noneCell(context) : figureCell(text)
    },
  },
  {
    field: 'failRatio',
    head: 'FAIL',
    align: 'right',
    show: 'always',
    // A group commits; it does not tell what failed.
    cell: (row, context) => (row.kind === 'group' ? noneCell(context) : figureCell(formatRatio(row.failRatio))),
  },
  {
    field: 'consumers',
    head: 'CONS',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.consumers, exact)),
  },
  { field: 'trend', head: 'LAST HOUR', show: 'always', cell: trendCell },
  { field: 'source', head: 'SOURCE', show: 'asked', cell: (row) => textCell(row.source) },
  { field: 'reasons', head: 'WHY', show: 'asked', cell: (row, context) => wordsCell(row.reasons, context) },
  { field: 'observedAtMs', head: 'AGE', show: 'asked', cell: (row, context) => ageCell(row.observedAtMs, context) },
]

/** The last hour of a row in a list of one kind. */
export const TREND_COLUMN: Column<{ readonly trend: readonly (number | null)[] | null }> = {
  field: 'trend',
  head: 'LAST HOUR',
  show: 'always',
  cell: trendCell,
}

function isQuiet({ severity }: HotRow): boolean {
  return severity === 'fine' || severity === 'notice'
}

function trendCell(
  { trend }: { readonly trend: readonly (number | null)[] | null },
  { glyphs, trendCells }: CellContext,
) {
  return trend === null ? null : { text: sparkline(trend, trendCells ?? TREND_CELLS, glyphs), tone: 'notice' as const }
}
