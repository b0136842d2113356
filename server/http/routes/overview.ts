import type { Severity } from '../../api/freshness.ts'
import type { GroupRow } from '../../api/group.ts'
import type { Fire, HotRow, KindTotals, OverviewBody } from '../../api/overview.ts'
import type { QueueRow } from '../../api/queue.ts'
import type { Board, Held } from '../../board/board.ts'
import type { ControlRoom } from '../../board/control-room.ts'
import { controlRowOf } from '../../board/control-rows.ts'
import type { SourceKind } from '../../domain/snapshot.ts'
import { SEVERITY_RANK } from '../../rules/judgement.ts'
import { judgeAll } from '../../rules/verdict.ts'
import type { Asked } from '../answer.ts'
import { asUnknown, freshnessOf, unknownReason } from './lookup.ts'
import { sourceRow } from './sources.ts'
import { TREND_POINTS, trendOf } from './trend.ts'

const FIRES_SHOWN = 7
const HOT_SHOWN = 20
/** What is lifted at its end by Sluice itself has this long. */
const OVERDUE_MS = 5_000
const UNIT = { redis: 'jobs', rabbitmq: 'messages', kafka: 'records' } as const

export function answerOverview(board: Board, _asked: Asked<'overview'>, room: ControlRoom): OverviewBody {
  const fresh = freshnessOf(board)
  const candidates = candidatesOf(board)
  const fires = firesOf(room, candidates)
  const problems = fires.filter(({ severity }) => severity === 'critical' || severity === 'warning')
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

/** A queue or group that may be shown as hot: its row is made only if it is. */
interface Candidate {
  readonly ref: string
  readonly severity: Severity
  readonly pain: number
  /** Why its source cannot be judged; null when it can. */
  readonly reason: string | null
  readonly make: () => HotRow
}

/** All queues and groups, most pain first. */
function candidatesOf(board: Board): Candidate[] {
  const candidates: Candidate[] = []
  for (const held of board.held) {
    const reason = unknownReason(board, held)
    for (const { row, pain } of held.derived.queues.values()) {
      candidates.push({
        ref: row.ref,
        severity: reason ? 'unknown' : row.severity,
        pain,
        reason,
        make: () => fromQueue(row, held.kind),
      })
    }
    for (const { row, pain } of held.derived.groups.values()) {
      candidates.push({
        ref: row.ref,
        severity: reason ? 'unknown' : row.severity,
        pain,
        reason,
        make: () => fromGroup(row),
      })
    }
  }
  return candidates.sort((a, b) => b.pain - a.pain || (a.ref < b.ref ? -1 : 1))
}

function fromQueue(row: QueueRow, kind: SourceKind): HotRow {
  const {
    ref,
    source,
    name,
    severity,
    reasons,
    pausedBy,
    inPerSecond,
    outPerSecond,
    consumers,
    drain,
    drainMs,
    observedAtMs,
  } = row
  const failRatio =
    row.failedPerSecond === null || !outPerSecond ? null : Math.min(1, row.failedPerSecond / outPerSecond)
  return {
    ...{
      kind: 'queue',
      ref,
      source,
      name,
      severity,
      reasons,
      pausedBy,
      inPerSecond,
      outPerSecond,
      consumers,
      drain,
      drainMs,
      observedAtMs,
    },
    waitMs: row.oldestAgeMs,
    waitEstimated: row.estimated.includes('oldestAgeMs'),
    amount: row.depth,
    unit: UNIT[kind],
    change5m: row.depthChange5m,
    failRatio,
    trend: null,
  }
}

function fromGroup(row: GroupRow): HotRow {
  const { ref, source, name, severity, reasons, inPerSecond, outPerSecond, members, drain, drainMs, observedAtMs } = row
  return {
    ...{ kind: 'group', ref, source, name, severity, reasons, inPerSecond, outPerSecond, drain, drainMs, observedAtMs },
    pausedBy: 'nobody',
    waitMs: row.lagMs,
    waitEstimated: row.lagMsEstimated,
    amount: row.lag,
    unit: 'records',
    change5m: row.lagChange5m,
    failRatio: null,
    consumers: members,
    trend: null,
  }
}

/** What is not fine, worst first: things that are critical or warning, sources that are unknown or in trouble. */
function firesOf(room: ControlRoom, candidates: readonly Candidate[]): Fire[] {
  const { board } = room
  const things = candidates
    .filter(({ severity }) => severity === 'critical' || severity === 'warning')
    .map(({ make, pain }) => {
      const { kind, ref, severity, reasons, waitMs, waitEstimated } = make()
      const fire: Fire = {
        kind,
        ref,
        severity,
        reasons,
        waitMs,
        waitEstimated,
        sinceMs: board.badSinceMs(ref),
        trend: null,
      }
      return { fire, pain }
    })
  const topics = board.held.flatMap((held) =>
    unknownReason(board, held) !== null
      ? []
      : [...held.derived.topics.values()]
          .filter(({ row }) => row.severity === 'critical' || row.severity === 'warning')
          .map(({ row: { ref, severity, reasons }, pain }) => {
            const fire: Fire = {
              kind: 'topic',
              ref,
              severity,
              reasons,
              waitMs: null,
              waitEstimated: false,
              sinceMs: board.badSinceMs(ref),
              trend: null,
            }
            return { fire, pain }
          }),
  )
  const sources = board.held.flatMap((held) => {
    const { ref, severity, reasons } = sourceRow(board, held)
    if (severity === 'fine' || severity === 'notice') return []
    const fire: Fire = {
      kind: 'source',
      ref,
      severity,
      reasons,
      waitMs: null,
      waitEstimated: false,
      sinceMs: held.standing.observedAtMs,
      trend: null,
    }
    return [{ fire, pain: 0 }]
  })
  return [...things, ...topics, ...sources, ...controlFires(room)]
    .sort((a, b) => SEVERITY_RANK[b.fire.severity] - SEVERITY_RANK[a.fire.severity] || b.pain - a.pain)
    .map(({ fire }) => fire)
}

/** Controls that do not hold: what people believe is stopped is not. A stale source is a fire of its own. */
function controlFires({ board, book }: ControlRoom): { fire: Fire; pain: number }[] {
  return book.all.flatMap((kept) => {
    const isOverdue = kept.overdueSinceMs !== null && board.clock.nowMs() - kept.overdueSinceMs >= OVERDUE_MS
    if (kept.ended && !isOverdue) return []
    const row = controlRowOf(board, kept)
    if (!isOverdue && row.phase !== 'not-effective' && row.phase !== 'missing') return []
    const fire: Fire = {
      ...{
        kind: 'control',
        ref: row.target,
        control: row.id,
        severity: 'critical',
        waitMs: null,
        waitEstimated: false,
      },
      reasons: [`${row.sentence} by ${row.actor}, and that is ${row.phase.replace('-', ' ')}: ${row.detail}`],
      ...{ sinceMs: row.phaseSinceMs, trend: null },
    }
    return [{ fire, pain: Number.MAX_SAFE_INTEGER }]
  })
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
