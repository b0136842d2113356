import type { SagaBody, SagaList, SagaRow } from '../../api/saga.ts'
import type { Board, Held } from '../../board/board.ts'
import type { ControlRoom } from '../../board/control-room.ts'
import { sagaTarget } from '../../board/saga-actions.ts'
import { handOf } from '../../board/source-hand.ts'
import { resolveTargets } from '../../board/targets.ts'
import { windowOf } from '../../board/window.ts'
import { messageOf } from '../../domain/errors.ts'
import { redactJson } from '../../domain/redact.ts'
import { formatReference, formatTail } from '../../domain/reference.ts'
import { isOver, type SagaSummary } from '../../domain/saga.ts'
import { ProblemError } from '../problem-error.ts'
import type { ReadAsked } from '../reads.ts'
import { freshnessOf } from './lookup.ts'

/** Queues that one list looks into: those with stuck sagas first, then those with the most open ones. */
const QUEUES_MAX = 100

interface QueueOfSagas {
  readonly source: string
  readonly tail: string
  readonly name: string
  readonly open: number
  readonly stuck: number
}

/** Only queues that ever had a saga are asked, which the snapshot tells; one call each. */
export async function listSagas({ board, hands }: ControlRoom, { query }: ReadAsked<'sagas'>): Promise<SagaList> {
  const { status } = query
  const isEnded = status === 'ended' || (status !== 'open' && status !== 'trouble' && isOver(status))
  const queues = query.queue === undefined ? queuesWithSagas(board, query.source) : [oneQueue(board, query.queue)]
  const asked = queues.filter(({ open }) => isEnded || open > 0 || query.queue !== undefined)
  const gaps: string[] = []
  const rows: SagaRow[] = []
  // Those of queues beyond the limit; how many ended ones they have is not told, so these count as one each.
  let unseen = asked.slice(QUEUES_MAX).reduce((sum, { open }) => sum + (isEnded ? 1 : open), 0)
  await Promise.all(
    asked.slice(0, QUEUES_MAX).map(async (queue) => {
      try {
        const scan = await hands
          .get(queue.source)
          ?.inspect('scan', (port, signal) => port.scan(queue.tail, isEnded, signal))
        rows.push(...(scan?.sagas ?? []).map((saga) => rowOf(queue, saga)))
        unseen += scan ? scan.total - scan.sagas.length : 0
      } catch (error) {
        gaps.push(`${queue.source}/${queue.tail}: ${messageOf(error)}`)
      }
    }),
  )
  const kept = rows.filter((row) => isWanted(row, status)).sort(worstFirst)
  const { filter, offset, limit } = query
  return { ...freshnessOf(board), ...windowOf(kept, { filter, offset, limit }, () => null), unseen, gaps }
}

export async function answerSaga({ board, hands }: ControlRoom, { params }: ReadAsked<'saga'>): Promise<SagaBody> {
  const { source } = params
  const { key } = sagaTarget(`saga/${source}/${params.queue}/${params.id}`)
  const saga = await handOf(hands, source).inspect('show', (port, signal) => port.show(key, signal))
  if (!saga)
    throw new ProblemError('not-found', `${source}/${key.queue} has no saga "${key.id}": not begun yet, or forgotten`)
  const { args, steps, offers, reason, endedAtMs, run } = saga
  const { queue: tail } = key
  const name = board.source(source)?.derived.queues.get(tail)?.thing.name ?? tail
  return {
    ...freshnessOf(board),
    saga: {
      ...{ ...rowOf({ source, tail, name }, saga), reason, endedAtMs, args: redactJson(args) },
      run: run === null ? null : formatReference({ kind: 'run', source, tail: formatTail([run]) }),
    },
    steps: steps.map(
      ({ name: step, status, attempts, compensations, error, reason: why, notBeforeMs, isCompensable, result }) => ({
        ...{ name: step, status, attempts, compensations, error, reason: why, notBeforeMs, isCompensable },
        result: result === null ? null : redactJson(result),
      }),
    ),
    offers: offers.map((offer) => ({ ...offer })),
  }
}

function isWanted({ status, isStalled }: SagaRow, wanted: string): boolean {
  if (wanted === 'open' || wanted === 'ended') return true
  return wanted === 'trouble' ? status === 'stuck' || isStalled : status === wanted
}

function worstFirst(one: SagaRow, other: SagaRow): number {
  return rank(one) - rank(other) || other.changedAtMs - one.changedAtMs || (one.ref < other.ref ? -1 : 1)
}

function rank({ status, isStalled }: SagaRow): number {
  return status === 'stuck' ? 0 : isStalled ? 1 : 2
}

function rowOf({ source, tail, name }: Pick<QueueOfSagas, 'source' | 'tail' | 'name'>, saga: SagaSummary): SagaRow {
  const { id, name: job, status, isStalled, step, error, startedAtMs, changedAtMs } = saga
  const ref = formatReference({ kind: 'saga', source, tail: `${tail}/${formatTail([id])}` })
  return { ref, source, queue: name, id, name: job, status, isStalled, step, error, startedAtMs, changedAtMs }
}

function queuesWithSagas(board: Board, source: string | undefined): readonly QueueOfSagas[] {
  const found = board.held.filter(({ id }) => (source ?? id) === id).flatMap(queuesIn)
  return found.sort((one, other) => other.stuck - one.stuck || other.open - one.open)
}

function queuesIn({ id: source, derived }: Held): readonly QueueOfSagas[] {
  return [...derived.queues].flatMap(([tail, { thing }]) =>
    thing.sagas ? [{ source, tail, name: thing.name, ...thing.sagas }] : [],
  )
}

/** Also one that has no saga yet, or whose source has not been read. */
function oneQueue(board: Board, ref: string): QueueOfSagas {
  const { targets, unmatched } = resolveTargets(board, [ref])
  const [target] = targets
  if (!target?.queue || targets.length > 1)
    throw new ProblemError('not-found', `No queue is called ${unmatched[0] ?? ref}`)
  const { thing } = target.queue
  const { source, tail } = target.reference
  return { source, tail, name: thing.name, open: thing.sagas?.open ?? 0, stuck: thing.sagas?.stuck ?? 0 }
}
