import type { ControlRow } from '../../server/api/control.ts'
import { orderWords, phaseCell } from '../format/control-words.ts'
import { formatCount, formatCountdown } from '../format/figures.ts'
import { inert } from '../format/inert.ts'
import { ageCell, type CellContext, type Column, figureCell, instantCell, noneCell, textCell } from './column.ts'

type Counted = 'inHand' | 'heldBack' | 'startsSince' | 'obeying' | 'workers'

function counted(field: Counted, head: string, place: Pick<Column<ControlRow>, 'show' | 'drop'>): Column<ControlRow> {
  const cell: Column<ControlRow>['cell'] = (row, { exact }) => figureCell(formatCount(row[field], exact))
  return { field, head, align: 'right', ...place, cell }
}

export const CONTROL_COLUMNS: readonly Column<ControlRow>[] = [
  {
    field: 'phase',
    head: 'PHASE',
    show: 'always',
    cell: (row, { exact, glyphs }) => (exact ? row.phase : phaseCell(row, glyphs)),
  },
  { field: 'target', head: 'TARGET', show: 'always', cell: (row) => textCell(row.target, 'strong') },
  {
    field: 'order',
    head: 'ORDER',
    show: 'always',
    cell: ({ order }, { exact }) =>
      exact && order.verb !== 'pause' ? `${order.verb} ${orderWords(order)}` : orderWords(order) || 'pause',
  },
  { field: 'expiresAtMs', head: 'LEFT', align: 'right', show: 'always', cell: leftCell },
  { field: 'actor', head: 'BY', show: 'always', drop: 1, cell: (row) => textCell(row.actor) },
  counted('obeying', 'OBEY', { show: 'always', drop: 3 }),
  counted('workers', 'OF', { show: 'always', drop: 4 }),
  counted('inHand', 'IN HAND', { show: 'always', drop: 5 }),
  counted('heldBack', 'HELD', { show: 'wide' }),
  counted('startsSince', 'STARTS', { show: 'wide' }),
  { field: 'id', head: 'ID', show: 'always', cell: (row) => textCell(row.id) },
  {
    field: 'reason',
    head: 'REASON',
    show: 'always',
    drop: 2,
    flex: true,
    cell: (row) => textCell(row.reason),
  },
  { field: 'detail', head: 'DETAIL', show: 'wide', flex: true, cell: (row) => textCell(row.detail) },
  { field: 'sentence', head: 'SENTENCE', show: 'asked', cell: (row) => textCell(row.sentence) },
  { field: 'source', head: 'SOURCE', show: 'asked', cell: (row) => textCell(row.source) },
  { field: 'issuedAtMs', head: 'SINCE', show: 'wide', cell: (row) => instantCell(row.issuedAtMs) },
  {
    field: 'phaseSinceMs',
    head: 'PHASE SINCE',
    show: 'asked',
    cell: (row, context) => ageCell(row.phaseSinceMs, context),
  },
  { field: 'revision', head: 'REVISION', show: 'asked', cell: (row) => String(row.revision) },
  {
    field: 'endedAtMs',
    head: 'ENDED',
    show: 'asked',
    cell: (row, context) => instantCell(row.endedAtMs) ?? noneCell(context),
  },
  {
    field: 'endedBy',
    head: 'ENDED BY',
    show: 'asked',
    cell: (row, context) => textCell(row.endedBy) ?? noneCell(context),
  },
]

/** What is left of the lease; for one that is over who ended it. */
function leftCell(row: ControlRow, { exact, nowMs }: CellContext) {
  if (exact) return instantCell(row.expiresAtMs)
  if (row.endedAtMs !== null) return { text: row.endedBy === null ? 'over' : inert(row.endedBy), tone: 'dim' as const }
  const leftMs = row.expiresAtMs - nowMs
  return { text: formatCountdown(leftMs), ...(leftMs <= 5 * 60_000 ? { tone: 'warning' as const } : {}) }
}
