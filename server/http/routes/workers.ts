import type { WorkerList } from '../../api/worker.ts'
import type { Board } from '../../board/board.ts'
import { windowOf } from '../../board/window.ts'
import type { Asked } from '../answer.ts'
import { freshnessOf } from './lookup.ts'

/** Workers are not judged yet: `severity` narrows nothing here. */
export function listWorkers(board: Board, { query }: Asked<'workers'>): WorkerList {
  const rows = board.held
    .filter(({ id, kind }) => (query.source ?? id) === id && (query.kind ?? kind) === kind)
    .flatMap(({ derived }) => derived.workers)
    .filter(({ system }) => (query.system ?? system) === system)
  const window = windowOf(rows, { ...query, sort: query.sort ?? 'id' }, (row, field) => Reflect.get(row, field))
  return { ...freshnessOf(board), ...window }
}
