import type { Fire } from '../../api/overview.ts'
import type { ControlRoom } from '../../board/control-room.ts'
import { controlRowOf } from '../../board/control-rows.ts'
import { estimateRun } from '../../board/run-estimate.ts'
import { phaseWord } from '../../domain/control.ts'
import { formatReference, formatTail } from '../../domain/reference.ts'
import { isProblem, type Judgement, SEVERITY_RANK } from '../../rules/judgement.ts'
import { judgeRun } from '../../rules/run.ts'
import type { Candidate } from './hot-rows.ts'
import { unknownReason } from './lookup.ts'
import { sourceRow } from './sources.ts'

/** What is lifted at its end by Sluice itself has this long. */
const OVERDUE_MS = 5_000

/** A fire, and what puts it before others that are as severe. */
interface Ranked {
  readonly fire: Fire
  readonly pain: number
}

/** What is not fine, worst first: things that are critical or warning, sources that are unknown or in trouble. */
export function firesOf(room: ControlRoom, candidates: readonly Candidate[]): Fire[] {
  return [thingFires(room, candidates), topicFires(room), runFires(room), sourceFires(room), controlFires(room)]
    .flat()
    .sort((a, b) => SEVERITY_RANK[b.fire.severity] - SEVERITY_RANK[a.fire.severity] || b.pain - a.pain)
    .map(({ fire }) => fire)
}

function thingFires({ board }: ControlRoom, candidates: readonly Candidate[]): Ranked[] {
  return candidates.filter(isProblem).map(({ make, pain }) => {
    const row = make()
    const { waitMs, waitEstimated } = row
    return { fire: { ...fireOf(row.kind, row, board.badSinceMs(row.ref)), waitMs, waitEstimated }, pain }
  })
}

function topicFires({ board }: ControlRoom): Ranked[] {
  return board.held
    .filter((held) => unknownReason(board, held) === null)
    .flatMap(({ derived }) => [...derived.topics.values()])
    .filter(({ row }) => isProblem(row))
    .map(({ row, pain }) => ({ fire: fireOf('topic', row, board.badSinceMs(row.ref)), pain }))
}

function runFires({ board }: ControlRoom): Ranked[] {
  return board.held
    .filter((held) => unknownReason(board, held) === null)
    .flatMap(({ id, snapshot }) =>
      (snapshot?.runs ?? []).flatMap((run) => {
        const observedAtMs = snapshot?.takenAtMs ?? 0
        const { stalledMs } = estimateRun(run, observedAtMs)
        if (stalledMs === null) return []
        const ref = formatReference({ kind: 'run', source: id, tail: formatTail([run.id]) })
        const judged = { ref, ...judgeRun({ stalledMs }) }
        return [{ fire: { ...fireOf('run', judged, observedAtMs - stalledMs), waitMs: stalledMs }, pain: stalledMs }]
      }),
    )
}

function sourceFires({ board }: ControlRoom): Ranked[] {
  return board.held.flatMap((held) => {
    const row = sourceRow(board, held)
    if (row.severity === 'fine' || row.severity === 'notice') return []
    return [{ fire: fireOf('source', row, held.standing.observedAtMs), pain: 0 }]
  })
}

/** Controls that do not hold: what people believe is stopped is not. A stale source is a fire of its own. */
function controlFires({ board, book }: ControlRoom): Ranked[] {
  return book.all.flatMap((kept) => {
    const isOverdue = kept.overdueSinceMs !== null && board.clock.nowMs() - kept.overdueSinceMs >= OVERDUE_MS
    if (kept.ended && !isOverdue) return []
    const row = controlRowOf(board, kept)
    if (!isOverdue && row.phase !== 'not-effective' && row.phase !== 'missing') return []
    const reasons = [`${row.sentence} by ${row.actor}, and that is ${phaseWord(row.phase)}: ${row.detail}`]
    const judged = { ref: row.target, severity: 'critical', reasons } as const
    const fire = { ...fireOf('control', judged, row.phaseSinceMs), control: row.id }
    return [{ fire, pain: Number.MAX_SAFE_INTEGER }]
  })
}

interface Judged extends Judgement {
  readonly ref: string
}

function fireOf(kind: Fire['kind'], judged: Judged, sinceMs: number | null): Fire {
  const { ref, severity, reasons } = judged
  return { kind, ref, severity, reasons: [...reasons], waitMs: null, waitEstimated: false, sinceMs, trend: null }
}
