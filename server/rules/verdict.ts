import { formatDuration } from '../domain/words.ts'
import type { Judgement } from './judgement.ts'

/** What the verdict looks at: one line for each thing that is not fine. */
export interface Problem extends Judgement {
  readonly ref: string
}

export interface SourceStanding {
  readonly source: string
  readonly state: 'waiting' | 'live' | 'late' | 'stale'
}

export interface Verdict {
  readonly severity: Judgement['severity']
  readonly sentence: string
  readonly problems: number
}

/**
 * The one sentence above everything. `problems` are the critical and warning ones, worst first.
 * With a source unknown it is never "all clear": what cannot be seen is not fine.
 * @param paused queues that are paused, by whom ever @param controls in force, whatever they are on
 */
export function judgeAll(
  problems: readonly Problem[],
  sources: readonly SourceStanding[],
  { paused, controls } = { paused: 0, controls: 0 },
): Verdict {
  const unknown = sources.filter(({ state }) => state === 'stale' || state === 'waiting').map(({ source }) => source)
  const held = paused > 0 ? ` · ${paused} paused` : controls > 0 ? ` · ${counted(controls, 'control')} in force` : ''
  const dark =
    unknown.length === 0
      ? ''
      : ` · ${unknown.slice(0, 3).join(', ')}${unknown.length > 3 ? ` and ${unknown.length - 3} more` : ''} unknown`
  const tail = `${held}${dark}`
  const worst = problems[0]
  if (worst) {
    const sentence = `${counted(problems.length, 'problem')} · worst: ${worst.ref}, ${worst.reasons[0] ?? worst.severity}${tail}`
    return { severity: worst.severity, sentence, problems: problems.length }
  }
  if (sources.length === 0) return { severity: 'notice', sentence: 'No source is connected', problems: 0 }
  if (unknown.length > 0) return { severity: 'unknown', sentence: `No problem seen${tail}`, problems: 0 }
  const live = counted(sources.length, 'source')
  return { severity: 'fine', sentence: `All clear · ${live} live${held || ' · nothing paused'}`, problems: 0 }
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

/** How much something hurts, for sorting: severity first, then wait measured by its objective, then growth. */
export function pain(
  judgement: Judgement,
  facts: { waitMs: number | null; objectiveMs: number; change5m: number | null },
): number {
  const wait = Math.min(1e5, (100 * (facts.waitMs ?? 0)) / facts.objectiveMs)
  const growth = Math.min(100, Math.max(0, facts.change5m ?? 0) / 1_000)
  return PAIN_BY_SEVERITY[judgement.severity] + wait + growth
}

const PAIN_BY_SEVERITY = { critical: 4e6, warning: 3e6, unknown: 2e6, notice: 1e6, fine: 0 } as const

/** Why a stale source's rows cannot be judged. */
export function staleReason(error: { message: string } | null, ageMs: number | null): string {
  const seen = ageMs === null ? 'never seen' : `last seen ${formatDuration(ageMs)} ago`
  return error ? `${seen} · ${error.message}` : seen
}
