import type { ControlBody, ControlList } from '../../api/control.ts'
import type { Board } from '../../board/board.ts'
import type { Asked } from '../answer.ts'
import { ProblemError } from '../problem-error.ts'
import { freshnessOf } from './lookup.ts'

export function listControls(board: Board, { query: { offset } }: Asked<'controls'>): ControlList {
  return { ...freshnessOf(board), total: 0, offset, items: [], problems: 0, elsewhere: [] }
}

export function answerControl(_board: Board, { params: { id } }: Asked<'control'>): ControlBody {
  throw new ProblemError('not-found', `There is no control ${id}`)
}
