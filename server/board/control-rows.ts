import type { ControlBody, ControlRow } from '../api/control.ts'
import { formatReference, formatTail } from '../domain/reference.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { formatDuration } from '../domain/words.ts'
import type { Worker } from '../domain/worker.ts'
import { staleReason } from '../rules/verdict.ts'
import type { Board } from './board.ts'
import type { Kept } from './control-book.ts'
import { orderSentence, type PhaseFound, phaseOf } from './phase.ts'
import { stateOf } from './standing.ts'

const WORKERS_SHOWN = 100
/** Clocks that differ more than this are worth a word. */
const SKEW_MS = 2_000

/** How far a control has come, by what the board holds now. */
export function phaseNow(board: Board, kept: Kept): PhaseFound {
  const { control } = kept
  const held = board.source(control.target.source)
  const monotonicMs = board.clock.monotonicMs()
  const observedMs = held?.standing.observedMonotonicMs ?? null
  const isStale = !held || held.snapshot === null || stateOf(held.standing, monotonicMs) === 'stale'
  const ageMs = observedMs === null ? null : monotonicMs - observedMs
  const reason = held ? staleReason(held.standing.error, ageMs) : `${control.target.source} is not configured any more`
  return phaseOf({
    ...kept,
    isTold: isTold(board, kept),
    staleReason: isStale ? reason : null,
    nowMs: board.clock.nowMs(),
    workerStartedAtMs: (id) => workersById(held?.snapshot).get(id)?.startedAtMs ?? null,
    nameWorker: (id) => nameWorker(board, kept, id),
  })
}

/** The last snapshot was begun after our last write was answered, and did read the controls. */
export function isTold(board: Board, { control, settledAtMs }: Kept): boolean {
  const snapshot = board.source(control.target.source)?.snapshot
  if (!snapshot || snapshot.takenAtMs <= settledAtMs) return false
  return snapshot.controls !== undefined || snapshot.gaps.length === 0
}

export function controlRowOf(board: Board, kept: Kept): ControlRow {
  const { control, placed, ended, steps } = kept
  const { phase, detail } = phaseNow(board, kept)
  const { id, target, order, reason, actor, issuedAtMs, expiresAtMs, revision } = control
  return {
    ...{ id, target: formatReference(target), source: target.source, order, sentence: orderSentence(control) },
    ...{ reason, actor, issuedAtMs, expiresAtMs, revision, phase, detail },
    phaseSinceMs: steps[steps.length - 1]?.atMs ?? kept.askedAtMs,
    inHand: placed?.inHand ?? null,
    heldBack: placed?.heldBack ?? null,
    startsSince: placed?.startsSince ?? null,
    obeying: placed ? placed.obeyedBy.length : null,
    workers: placed ? placed.obeyedBy.length + placed.notYet.length : null,
    endedAtMs: ended?.atMs ?? null,
    endedBy: ended?.by ?? null,
  }
}

export function controlBodyOf(board: Board, kept: Kept): ControlBody {
  const { control, placed, steps } = kept
  const snapshot = board.source(control.target.source)?.snapshot
  const known = workersById(snapshot)
  const disobeying = new Set(placed?.disobeyedBy)
  const obeying = new Set(placed?.obeyedBy)
  const ids = [...new Set([...disobeying, ...(placed?.notYet ?? []), ...obeying])]
  return {
    asOfMs: board.clock.nowMs(),
    sources: board.ages(),
    control: controlRowOf(board, kept),
    steps: [...steps],
    workers: ids.slice(0, WORKERS_SHOWN).map((id) => ({
      ref: formatReference({ kind: 'worker', source: control.target.source, tail: formatTail([id]) }),
      obeys: obeying.has(id) && !disobeying.has(id),
      disobeys: disobeying.has(id),
      version: known.get(id)?.version ?? null,
      beatAtMs: known.get(id)?.beatAtMs ?? null,
      skewMs: known.get(id)?.skewMs ?? null,
    })),
    queues: [...(placed?.queues ?? [])],
    missing: [...(placed?.missing ?? [])],
  }
}

const INDEXES = new WeakMap<Snapshot, ReadonlyMap<string, Worker>>()

/** Made once per snapshot: thousands of workers may have to confirm. */
function workersById(snapshot: Snapshot | null | undefined): ReadonlyMap<string, Worker> {
  if (!snapshot) return new Map()
  const known = INDEXES.get(snapshot) ?? new Map(snapshot.workers.map((worker) => [worker.id, worker]))
  INDEXES.set(snapshot, known)
  return known
}

function nameWorker(board: Board, { control }: Kept, id: string): string {
  const snapshot = board.source(control.target.source)?.snapshot
  const worker = workersById(snapshot).get(id)
  if (!worker || !snapshot) return id
  const words = workerWords(worker, snapshot.takenAtMs)
  return words.length === 0 ? id : `${id} (${words.join(', ')})`
}

function workerWords({ version, beatAtMs, skewMs, phase }: Worker, takenAtMs: number): string[] {
  const beatAgeMs = beatAtMs === null ? null : Math.max(0, takenAtMs - beatAtMs)
  const skew = skewMs ?? 0
  return [
    ...(version === null ? [] : [`version ${version}`]),
    ...(phase === 'running' ? [] : [phase]),
    ...(beatAgeMs === null || beatAgeMs < SKEW_MS ? [] : [`last seen ${formatDuration(beatAgeMs)} ago`]),
    ...(Math.abs(skew) < SKEW_MS
      ? []
      : [`its clock is ${formatDuration(Math.abs(skew))} ${skew > 0 ? 'ahead' : 'behind'}`]),
  ]
}
