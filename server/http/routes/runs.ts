import type { RunList, RunRow } from '../../api/run.ts'
import type { Board } from '../../board/board.ts'
import { estimateRun } from '../../board/run-estimate.ts'
import { windowOf } from '../../board/window.ts'
import { formatReference, formatTail } from '../../domain/reference.ts'
import type { Asked } from '../answer.ts'
import { freshnessOf } from './lookup.ts'

export function listRuns(board: Board, { query }: Asked<'runs'>): RunList {
  const rows = board.held
    .filter(({ id, kind }) => (query.source ?? id) === id && (query.kind ?? kind) === kind)
    .flatMap(({ id, snapshot }) =>
      (snapshot?.runs ?? []).map((run): RunRow => {
        const observedAtMs = snapshot?.takenAtMs ?? 0
        const { crashes = null, perSecond = null, worker = null } = run
        return {
          ...run,
          ...{ crashes, perSecond, worker, source: id, observedAtMs },
          ...estimateRun(run, observedAtMs),
          ref: formatReference({ kind: 'run', source: id, tail: formatTail([run.id]) }),
        }
      }),
    )
  const window = windowOf(rows, { ...query, sort: query.sort ?? '-startedAtMs' }, (row, field) =>
    Reflect.get(row, field),
  )
  return { ...freshnessOf(board), ...window }
}
