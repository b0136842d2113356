import type { GroupBody, PositionRow } from '../../server/api/group.ts'
import { formatCount, formatDuration } from '../format/figures.ts'
import { type Column, figureCell, noneCell, textCell } from './column.ts'

export const POSITION_COLUMNS: readonly Column<PositionRow>[] = [
  { field: 'topic', head: 'TOPIC', show: 'always', cell: (row) => textCell(row.topic, 'strong') },
  { field: 'partition', head: 'PART', align: 'right', show: 'always', cell: (row) => String(row.partition) },
  {
    field: 'lag',
    head: 'LAG RECORDS',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.lag, exact)),
  },
  {
    field: 'lagMs',
    head: 'BEHIND',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatDuration(row.lagMs), !exact && row.lagMsBasis === 'estimate'),
  },
  {
    field: 'committed',
    head: 'COMMITTED',
    align: 'right',
    show: 'always',
    drop: 3,
    cell: (row) => figureCell(formatCount(row.committed, true)),
  },
  {
    field: 'end',
    head: 'END',
    align: 'right',
    show: 'always',
    drop: 2,
    cell: (row) => figureCell(formatCount(row.end, true)),
  },
  {
    field: 'start',
    head: 'START',
    align: 'right',
    show: 'always',
    drop: 4,
    cell: (row) => figureCell(formatCount(row.start, true)),
  },
  {
    field: 'owner',
    head: 'OWNER',
    show: 'always',
    flex: true,
    drop: 1,
    cell: (row, context) => textCell(row.owner) ?? noneCell(context),
  },
  { field: 'lagMsBasis', head: 'BASIS', show: 'wide', cell: (row) => row.lagMsBasis },
]

export type MemberRow = NonNullable<GroupBody['members']>[number]

export const MEMBER_COLUMNS: readonly Column<MemberRow>[] = [
  { field: 'clientId', head: 'CLIENT', show: 'always', cell: (row) => textCell(row.clientId, 'strong') },
  { field: 'host', head: 'HOST', show: 'always', cell: (row) => textCell(row.host) },
  {
    field: 'partitions',
    head: 'PARTITIONS',
    align: 'right',
    show: 'always',
    cell: (row) => figureCell(String(row.partitions)),
  },
  {
    field: 'moving',
    head: 'MOVING',
    align: 'right',
    show: 'always',
    cell: (row, { exact }) => figureCell(formatCount(row.moving, exact)),
  },
  { field: 'id', head: 'MEMBER', show: 'always', flex: true, drop: 1, cell: (row) => textCell(row.id) },
]
