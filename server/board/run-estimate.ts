import type { Run } from '../domain/run.ts'

/** When a run will end and whether it stands still, as of one snapshot. Unix ms; null = cannot be told. */
export interface RunEstimate {
  readonly etaFromMs: number | null
  readonly etaToMs: number | null
  /** How long no iteration has ended although it runs, when that is far longer than usual; null = it moves. */
  readonly stalledMs: number | null
}

const STALL_MS_MIN = 60_000
/** So many times the usual pace without an iteration is a stall. */
const STALL_FACTOR = 20

/** The end lies between what the pace of the last seconds and the pace of the whole run say, pauses left out. */
export function estimateRun(run: Run, observedAtMs: number): RunEstimate {
  const { status, tickCount, tickTotal, runningMs, tickedAtMs, startedAtMs } = run
  const isRunning = status === 'running' || status === 'pausing' || status === 'cancelling'
  const perMs = tickCount !== null && runningMs !== null && runningMs > 0 ? tickCount / runningMs : null
  const sinceMs = tickedAtMs ?? startedAtMs
  const idleMs = isRunning && sinceMs !== null ? Math.max(0, observedAtMs - sinceMs) : 0
  const usualMs = perMs ? 1 / perMs : 0
  const stalledMs = idleMs > Math.max(STALL_MS_MIN, STALL_FACTOR * usualMs) ? idleMs : null
  const left = tickCount !== null && tickTotal !== null ? tickTotal - tickCount : null
  if (status !== 'running' || left === null || left < 0 || stalledMs !== null) {
    return { etaFromMs: null, etaToMs: null, stalledMs }
  }
  const paces = [perMs, run.perSecond ? run.perSecond / 1_000 : null].filter((pace) => pace !== null && pace > 0)
  if (paces.length === 0) return { etaFromMs: null, etaToMs: null, stalledMs }
  const ends = paces.map((pace) => Math.round(observedAtMs + left / (pace as number)))
  return { etaFromMs: Math.min(...ends), etaToMs: Math.max(...ends), stalledMs }
}
