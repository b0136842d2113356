import type { QueueBody, QueueList } from '../../api/queue.ts'
import type { Board } from '../../board/board.ts'
import type { Asked } from '../answer.ts'
import { findEntry, freshnessOf, listEntries } from './lookup.ts'
import { openRunsOf } from './runs.ts'
import { withTrend } from './trend.ts'

const WORKERS_SHOWN = 100
const RUNS_SHOWN = 5

export function listQueues(board: Board, { query }: Asked<'queues'>): QueueList {
  const list = listEntries(board, query, ({ derived }) => derived.queues.values())
  return { ...list, items: query.trend === '1' ? withTrend(board, list.items, 'queueHistory', 'depth') : list.items }
}

export function answerQueue(board: Board, { params }: Asked<'queue'>): QueueBody {
  const { held, tail, row, thing } = findEntry(board, { kind: 'queue', ...params }, ({ derived }) => derived.queues)
  const system = held.snapshot?.systems.find(({ name }) => name === thing.system)
  const serving = held.derived.workers.filter(
    (worker) => worker.system === thing.system && worker.serves.includes(thing.name),
  )
  return {
    ...freshnessOf(board),
    queue: row,
    limit: thing.limit,
    deadLetter: thing.deadLetter && { ...thing.deadLetter, queues: [...thing.deadLetter.queues] },
    feeds: [...thing.feeds],
    sagas: thing.sagas ?? null,
    cannotTell: { ...system?.cannotTell },
    history: held.derivation.queueHistory.read(tail, board.clock.nowMs()),
    workers: serving.slice(0, WORKERS_SHOWN),
    runs: openRunsOf(held, thing).slice(0, RUNS_SHOWN),
  }
}
