import type { Severity, SourceAge } from '../../server/api/freshness.ts'
import type { Verb } from '../../server/domain/control.ts'

/** One colour for each meaning, as the tokens name them. */
export type Tone = 'critical' | 'warning' | 'notice' | 'control' | 'fine' | 'unknown' | 'soft'

/** What stands before a name: its shape is as different as its colour. */
export type GlyphName =
  | 'critical'
  | 'warning'
  | 'notice'
  | 'paused'
  | 'paused-elsewhere'
  | 'metered'
  | 'unknown'
  | 'fine'
  | 'late'

/** State of a thing in one word, with its glyph and colour. */
export interface Sign {
  readonly glyph: GlyphName
  readonly word: string
  readonly tone: Tone
}

type PausedBy = 'nobody' | 'sluice' | 'elsewhere'

/** What a row is judged by. */
export interface Judged {
  readonly ref: string
  readonly severity: Severity
  readonly pausedBy: PausedBy
}

/** A control is said in place of "fine": a person's hand is on it. What is broken beats it. */
export function signOf(severity: Severity, pausedBy: PausedBy = 'nobody', heldBy?: Verb): Sign {
  if (pausedBy !== 'nobody' && (severity === 'fine' || severity === 'notice')) {
    return { glyph: pausedBy === 'sluice' ? 'paused' : 'paused-elsewhere', word: 'paused', tone: 'control' }
  }
  if (heldBy !== undefined && heldBy !== 'pause' && (severity === 'fine' || severity === 'notice')) {
    return { glyph: 'metered', word: heldBy === 'throttle' ? 'throttled' : 'limited', tone: 'control' }
  }
  return { glyph: severity, word: severity, tone: severity }
}

const SOURCE_SIGNS: Readonly<Record<SourceAge['state'], Sign>> = {
  live: { glyph: 'fine', word: 'live', tone: 'fine' },
  late: { glyph: 'late', word: 'late', tone: 'warning' },
  stale: { glyph: 'unknown', word: 'stale', tone: 'unknown' },
  waiting: { glyph: 'unknown', word: 'not read yet', tone: 'unknown' },
}

export function signOfSource(state: SourceAge['state']): Sign {
  return SOURCE_SIGNS[state]
}

const RANK: Readonly<Record<SourceAge['state'], number>> = { live: 0, waiting: 1, late: 2, stale: 3 }

/** The state to be shown for several sources together; none: waiting. */
export function worstState(states: readonly SourceAge['state'][]): SourceAge['state'] {
  return (
    states.reduce<SourceAge['state'] | null>((a, b) => (a !== null && RANK[a] >= RANK[b] ? a : b), null) ?? 'waiting'
  )
}
