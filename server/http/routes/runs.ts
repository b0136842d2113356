import type { RunBody, RunList, RunRow } from '../../api/run.ts'
import type { Board, Held } from '../../board/board.ts'
import type { ControlRoom } from '../../board/control-room.ts'
import { controlRowOf } from '../../board/control-rows.ts'
import { tailOfQueue } from '../../board/derive.ts'
import { estimateRun } from '../../board/run-estimate.ts'
import { windowOf } from '../../board/window.ts'
import type { Control } from '../../domain/control.ts'
import { formatReference, formatTail } from '../../domain/reference.ts'
import { hasEnded, RUN_MOVES, type Run, type RunStatus } from '../../domain/run.ts'
import type { Asked } from '../answer.ts'
import { ProblemError } from '../problem-error.ts'
import { freshnessOf } from './lookup.ts'

const CANDIDATES_SHOWN = 5

export function listRuns(board: Board, { query }: Asked<'runs'>): RunList {
  const rows = board.held
    .filter(({ id, kind }) => (query.source ?? id) === id && (query.kind ?? kind) === kind)
    .flatMap((held) => (held.snapshot?.runs ?? []).map((run) => runRow(held, run)))
  const window = windowOf(rows, { ...query, sort: query.sort ?? 'pain' }, (row, field) =>
    field === 'pain' ? painOf(row) : Reflect.get(row, field),
  )
  return { ...freshnessOf(board), ...window }
}

/** Those of a queue that have not ended, the longest under way first; what goes on with a saga is told with the saga. */
export function openRunsOf(held: Held, { name, system }: { name: string; system: string }): RunRow[] {
  const open = (held.snapshot?.runs ?? []).filter(
    (run) => run.queue === name && run.system === system && !run.saga && !hasEnded(run),
  )
  return open.map((run) => runRow(held, run)).sort((a, b) => painOf(a) - painOf(b))
}

/** Larger than any instant. */
const RANK = 1e14

/** What has not ended first, the longest under way on top: it is what loads a system. Then what failed, then the rest. */
function painOf(run: Pick<RunRow, 'status' | 'startedAtMs'>): number {
  const { status, startedAtMs } = run
  if (!hasEnded(run)) return startedAtMs ?? RANK - 1
  return RANK * (status === 'failed' ? 2 : 3) - (startedAtMs ?? 0)
}

export function answerRun(board: Board, { params: { source, id } }: Asked<'run'>, { book }: ControlRoom): RunBody {
  const held = board.source(source)
  if (!held) throw new ProblemError('not-found', `No source is called "${source}"`)
  board.watch(source, formatTail([id]))
  const run = held.snapshot?.runs.find((one) => one.id === id || formatTail([one.id]) === id)
  if (!run) {
    if (!held.snapshot) throw new ProblemError('not-ready', `${source} has not been read yet`)
    const candidates = held.snapshot.runs
      .filter((one) => one.id.startsWith(id))
      .slice(0, CANDIDATES_SHOWN)
      .map((one) => runRow(held, one).ref)
    throw new ProblemError('not-found', `${source} has no run "${id}"; ended ones are forgotten after a while`, {
      candidates,
    })
  }
  const row = runRow(held, run)
  return {
    ...freshnessOf(board),
    run: row,
    moves: actsAllowed(run.status),
    controls: book.living
      .filter(({ control }) => concerns(control, held, run))
      .map((kept) => controlRowOf(board, kept)),
    history: held.derivation.runHistory.read(formatTail([run.id]), board.clock.nowMs()),
  }
}

/** A control on the run, its job class or its queue. One on a tag does not say whether this run has it. */
function concerns({ target }: Control, { id, derived }: Held, run: Run): boolean {
  if (target.source !== id) return false
  if (target.kind === 'run') return target.tail === formatTail([run.id])
  if (target.kind === 'job-class') return target.tail === formatTail([run.job])
  return target.kind === 'queue' && target.tail === tailOfQueue(derived.queues, run)
}

function runRow({ id, snapshot, derived }: Held, run: Run): RunRow {
  const observedAtMs = snapshot?.takenAtMs ?? 0
  const { crashes = null, perSecond = null, worker = null } = run
  const queue = tailOfQueue(derived.queues, run)
  return {
    ...run,
    ...{ crashes, perSecond, worker, source: id, observedAtMs },
    ...estimateRun(run, observedAtMs),
    saga: run.saga ? formatReference({ kind: 'saga', source: id, tail: `${queue}/${formatTail([run.saga])}` }) : null,
    ref: formatReference({ kind: 'run', source: id, tail: formatTail([run.id]) }),
    queueRef: formatReference({ kind: 'queue', source: id, tail: queue }),
  }
}

/** What a person can do with a run in this status, read off the table of moves. */
function actsAllowed(status: RunStatus): string[] {
  const next = RUN_MOVES[status]
  const can = (...wanted: RunStatus[]) => wanted.some((one) => next.includes(one))
  const isHeld = status === 'paused' || status === 'pausing' || status === 'throttled'
  return [
    ...(can('pausing', 'paused') ? ['pause'] : []),
    ...(can('throttled') ? ['throttle'] : []),
    ...(isHeld ? ['resume'] : []),
    ...(can('cancelling', 'cancelled') && status !== 'cancelling' ? ['cancel'] : []),
    ...(status === 'cancelling' ? ['force-cancel'] : []),
    ...(status === 'failed' ? ['retry'] : []),
  ]
}
