/** How bad something is, with the reasons in words, worst first. */
export interface Judgement {
  readonly severity: 'critical' | 'warning' | 'notice' | 'fine' | 'unknown'
  readonly reasons: readonly string[]
}

/** One rule's word on one thing. */
export type Word = readonly [severity: 'critical' | 'warning' | 'notice', reason: string]

/** What no unit of work should exceed, ms. From the configuration. */
export interface Objective {
  readonly queueWaitMs: number
  readonly groupLagMs: number
}

export const SEVERITY_RANK = { critical: 4, warning: 3, unknown: 2, notice: 1, fine: 0 } as const

/** What somebody should look at. */
export function isProblem({ severity }: Pick<Judgement, 'severity'>): boolean {
  return severity === 'critical' || severity === 'warning'
}

/** The worst of what the rules said; fine when none spoke. */
export function worstOf(said: readonly (Word | null)[]): Judgement {
  const spoken = said.filter((one): one is Word => one !== null)
  spoken.sort(([a], [b]) => SEVERITY_RANK[b] - SEVERITY_RANK[a])
  return { severity: spoken[0]?.[0] ?? 'fine', reasons: spoken.map(([, reason]) => reason) }
}
