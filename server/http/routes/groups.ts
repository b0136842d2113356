import type { GroupBody, GroupList, PositionRow } from '../../api/group.ts'
import type { Board } from '../../board/board.ts'
import type { Asked } from '../answer.ts'
import { findEntry, freshnessOf, listEntries } from './lookup.ts'
import { withTrend } from './trend.ts'

const POSITIONS_SHOWN = 1_000

export function listGroups(board: Board, { query }: Asked<'groups'>): GroupList {
  const list = listEntries(board, query, ({ derived }) => derived.groups.values())
  return { ...list, items: query.trend === '1' ? withTrend(board, list.items, 'groupHistory', 'lag') : list.items }
}

export function answerGroup(board: Board, { params }: Asked<'group'>): GroupBody {
  const { held, tail, row, thing } = findEntry(board, { kind: 'group', ...params }, ({ derived }) => derived.groups)
  const positions = thing.positions.map((position): PositionRow => {
    const { committed, end } = position
    return { ...position, lag: committed === null || end === null ? null : Math.max(0, end - committed) }
  })
  positions.sort(
    (a, b) =>
      (b.lag ?? -1) - (a.lag ?? -1) || (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition),
  )
  return {
    ...freshnessOf(board),
    group: row,
    positions: positions.slice(0, POSITIONS_SHOWN),
    positionsTotal: positions.length,
    members: thing.memberList?.map((member) => ({ ...member })) ?? null,
    history: held.derivation.groupHistory.read(tail, board.clock.nowMs()),
  }
}
