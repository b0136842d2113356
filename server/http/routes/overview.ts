import type { GroupRow } from '../../api/group.ts'
import type { Fire, KindTotals, OverviewBody } from '../../api/overview.ts'
import type { QueueRow } from '../../api/queue.ts'
import type { Board, Held } from '../../board/board.ts'
import type { ControlRoom } from '../../board/control-room.ts'
import type { SourceKind } from '../../domain/snapshot.ts'
import { isProblem } from '../../rules/judgement.ts'
import { judgeAll } from '../../rules/verdict.ts'
import type { Asked } from '../answer.ts'
import { firesOf } from './fires.ts'
import { candidatesOf, UNIT } from './hot-rows.ts'
import { asUnknown, freshnessOf, unknownReason } from './lookup.ts'
import { TREND_POINTS, trendOf } from './trend.ts'

const FIRES_SHOWN = 7
const HOT_SHOWN = 20

export function answerOverview(board: Board, _asked: Asked<'overview'>, room: ControlRoom): OverviewBody {
  const fresh = freshnessOf(board)
  const candidates = candidatesOf(board)
  const fires = firesOf(room, candidates)
  const problems = fires.filter(isProblem)
  return {
    ...fresh,
    verdict: judgeAll(problems, fresh.sources, { paused: pausedQueues(board), controls: room.book.living.length }),
    fires: fires.slice(0, FIRES_SHOWN).map((fire) => ({ ...fire, trend: trendOfRef(board, fire.kind, fire.ref) })),
    firesTotal: fires.length,
    kinds: (['redis', 'rabbitmq', 'kafka'] as const).flatMap((kind) => totalsOf(board, kind)),
    hot: candidates.slice(0, HOT_SHOWN).map(({ make, reason }) => {
      const row = asUnknown(make(), reason)
      return { ...row, trend: trendOfRef(board, row.kind, row.ref) }
    }),
    hotTotal: candidates.length,
    counts: {
      queues: count(board, ({ derived }) => derived.queues.size),
      topics: count(board, ({ derived }) => derived.topics.size),
      groups: count(board, ({ derived }) => derived.groups.size),
      runs: count(board, ({ snapshot }) => snapshot?.runs.length ?? 0),
      workers: count(board, ({ derived }) => derived.workers.length),
    },
  }
}

function pausedQueues(board: Board): number {
  return count(board, (held) => {
    if (unknownReason(board, held) !== null) return 0
    return [...held.derived.queues.values()].filter(({ row }) => row.pausedBy !== 'nobody').length
  })
}

function trendOfRef(board: Board, kind: Fire['kind'], ref: string): (number | null)[] | null {
  const parts = ref.split('/')
  const source = (kind === 'queue' ? parts[0] : parts[1]) ?? ''
  if (kind === 'queue') return trendOf(board, { ref, source }, { histories: 'queueHistory', series: 'depth' })
  if (kind === 'group') return trendOf(board, { ref, source }, { histories: 'groupHistory', series: 'lag' })
  if (kind === 'topic') return trendOf(board, { ref, source }, { histories: 'topicHistory', series: 'inPerSecond' })
  return null
}

function totalsOf(board: Board, kind: SourceKind): KindTotals[] {
  const all = board.held.filter((held) => held.kind === kind)
  if (all.length === 0) return []
  const known = all.filter((held) => held.snapshot !== null && unknownReason(board, held) === null)
  const queues = known.flatMap(({ derived }) => [...derived.queues.values()].map(({ row }) => row))
  const groups = known.flatMap(({ derived }) => [...derived.groups.values()].map(({ row }) => row))
  const rows: readonly (QueueRow | GroupRow)[] = kind === 'kafka' ? groups : queues
  const waits = rows.map((row) => ('lag' in row ? { row, waitMs: row.lagMs } : { row, waitMs: row.oldestAgeMs }))
  const worst = waits.reduce<(typeof waits)[number] | null>(
    (a, b) => ((b.waitMs ?? 0) > (a?.waitMs ?? 0) ? b : a),
    null,
  )
  // A source that is known and has no queues has nothing waiting; of one that is not known nothing can be said.
  const sum = (values: readonly (number | null)[]) => (known.length > 0 && values.length === 0 ? 0 : sumKnown(values))
  const total = (pick: (row: QueueRow) => number | null) => sum(queues.map(pick))
  return [
    {
      kind,
      sources: all.map(({ id }) => id),
      unknown: all.filter((held) => !known.includes(held)).map(({ id }) => id),
      amount: kind === 'kafka' ? sum(groups.map(({ lag }) => lag)) : total(({ depth }) => depth),
      unit: UNIT[kind],
      inPerSecond: sum(rows.map(({ inPerSecond }) => inPerSecond)),
      outPerSecond: sum(rows.map(({ outPerSecond }) => outPerSecond)),
      failedPerSecond: total(({ failedPerSecond }) => failedPerSecond),
      retrying: total(({ retrying }) => retrying),
      dead: total(({ dead }) => dead),
      paused: queues.filter(({ pausedBy }) => pausedBy !== 'nobody').length,
      rebalancing: groups.filter(({ state }) => state === 'rebalancing').length,
      worst: worst && {
        ref: worst.row.ref,
        name: worst.row.name,
        waitMs: worst.waitMs,
        waitEstimated: 'lag' in worst.row ? worst.row.lagMsEstimated : worst.row.estimated.includes('oldestAgeMs'),
      },
      trend: trendOfKind(board, known, kind),
    },
  ]
}

/** Sums what is known; null when nothing is, so that an unknown never looks like 0. */
function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null)
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0)
}

function trendOfKind(board: Board, known: readonly Held[], kind: SourceKind): (number | null)[] {
  const nowMs = board.clock.nowMs()
  const points = known.map(({ derivation }) =>
    derivation.totals.points('', kind === 'kafka' ? 'lag' : 'depth', { nowMs, count: TREND_POINTS }),
  )
  return Array.from({ length: TREND_POINTS }, (_, index) => sumKnown(points.map((one) => one[index] ?? null)))
}

function count(board: Board, of: (held: Held) => number): number {
  return board.held.reduce((total, held) => total + of(held), 0)
}
