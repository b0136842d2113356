import type { LedgerEntry } from '../../server/api/history.ts'
import { formatInstant } from '../format/figures.ts'
import { type Column, noneCell, textCell, wordsCell } from './column.ts'

export const HISTORY_COLUMNS: readonly Column<LedgerEntry>[] = [
  { field: 'seq', head: 'SEQ', align: 'right', show: 'wide', cell: (row) => String(row.seq) },
  {
    field: 'atMs',
    head: 'WHEN',
    show: 'always',
    // The zone is the reader's own; in pipes it is said.
    cell: (row, { exact }) => (exact ? formatInstant(row.atMs) : (formatInstant(row.atMs) ?? '').slice(0, 19)),
  },
  { field: 'actor', head: 'WHO', show: 'always', cell: (row) => textCell(row.actor, 'strong') },
  { field: 'act', head: 'DID', show: 'always', cell: (row) => row.act },
  {
    field: 'outcome',
    head: 'OUTCOME',
    show: 'always',
    drop: 3,
    cell: ({ outcome }) => ({ text: outcome, tone: outcome === 'done' ? 'fine' : 'warning' }),
  },
  { field: 'targets', head: 'TO', show: 'always', cell: (row, context) => wordsCell(row.targets, context) },
  { field: 'detail', head: 'DETAIL', show: 'always', drop: 1, cell: (row) => textCell(row.detail) },
  {
    field: 'reason',
    head: 'WHY',
    show: 'always',
    drop: 2,
    flex: true,
    cell: (row, context) => textCell(row.reason) ?? noneCell(context),
  },
  {
    field: 'control',
    head: 'CONTROL',
    show: 'wide',
    cell: (row, context) => textCell(row.control) ?? noneCell(context),
  },
  { field: 'hash', head: 'HASH', show: 'asked', cell: (row) => textCell(row.hash) },
]
