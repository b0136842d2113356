import type { ControlBody, ControlList } from '../../api/control.ts'
import type { Board } from '../../board/board.ts'
import type { Kept } from '../../board/control-book.ts'
import type { ControlRoom } from '../../board/control-room.ts'
import { controlBodyOf, controlRowOf } from '../../board/control-rows.ts'
import { matcher } from '../../board/window.ts'
import { formatReference } from '../../domain/reference.ts'
import type { Asked } from '../answer.ts'
import { ProblemError } from '../problem-error.ts'
import { freshnessOf } from './lookup.ts'

const ELSEWHERE_SHOWN = 100

export function listControls(board: Board, { query }: Asked<'controls'>, room: ControlRoom): ControlList {
  const { book, ledger } = room
  room.look()
  const { state, source, filter, offset, limit } = query
  const isMatch = filter === undefined ? () => true : matcher(filter)
  const wanted = ({ control, ended }: Kept) =>
    (source === undefined || control.target.source === source) &&
    (state === 'all' || (state === 'ended') === (ended !== null)) &&
    isMatch(formatReference(control.target))
  const found = book.all.filter(wanted).sort(order)
  const living = book.living.map((kept) => controlRowOf(board, kept))
  return {
    ...freshnessOf(board),
    ...{ total: found.length, offset },
    items: found.slice(offset, offset + limit).map((kept) => controlRowOf(board, kept)),
    problems: living.filter(({ phase }) => phase === 'not-effective' || phase === 'missing' || phase === 'unknown')
      .length,
    elsewhere: elsewhereOf(board),
    fault: ledger.fault,
  }
}

export function answerControl(board: Board, { params: { id } }: Asked<'control'>, room: ControlRoom): ControlBody {
  room.look()
  const kept = room.book.get(id)
  if (kept) return controlBodyOf(board, kept)
  throw new ProblemError('not-found', `There is no control ${id}; those that ended are kept for 7 days`)
}

/** Living ones first, those that end soonest on top; then the ended, newest first. */
function order(a: Kept, b: Kept): number {
  if (a.ended && b.ended) return b.ended.atMs - a.ended.atMs
  if (a.ended || b.ended) return a.ended ? 1 : -1
  return a.control.expiresAtMs - b.control.expiresAtMs || (a.control.id < b.control.id ? -1 : 1)
}

function elsewhereOf(board: Board): string[] {
  const refs: string[] = []
  for (const { derived } of board.held) {
    for (const { row } of derived.queues.values()) {
      if (row.pausedBy === 'elsewhere') refs.push(row.ref)
      if (refs.length >= ELSEWHERE_SHOWN) return refs
    }
  }
  return refs
}
