import type { ControlRow } from '../../server/api/control.ts'
import { type ControlPhase, type Order, phaseWord } from '../../server/domain/control.ts'
import { formatClock, formatRate } from './figures.ts'
import { type Glyphs, SEVERITY_TONE } from './glyphs.ts'
import type { Segment, Tone } from './line.ts'

/** A rate as it is typed: `50/s`, `0.5/s`, `30/m`. */
export function rateWords(perSecond: number): string {
  const perMinute = perSecond * 60
  if (perSecond < 1 && Number.isInteger(Math.round(perMinute * 1e6) / 1e6)) return `${Math.round(perMinute)}/m`
  return `${formatRate(perSecond, true)}/s`
}

/** `50/s`, `50`, `30/m`, `10/h` → starts a second; null when it is no rate, or outside of 0.01 to 100,000. */
export function parseRate(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(text.trim())
  if (!match) return null
  const perSecond = Number(match[1]) / { s: 1, m: 60, h: 3_600 }[(match[2] ?? 's') as 's' | 'm' | 'h']
  return perSecond >= 0.01 && perSecond <= 100_000 ? perSecond : null
}

/** What is asked for: `at most 50/s`, `at most 5 at once`; '' for a pause, whose verb says it all. */
export function orderWords(order: Order): string {
  if (order.verb === 'pause') return ''
  if (order.verb === 'limit') return `at most ${order.concurrency} at once`
  const { perSecond, fromPerSecond } = order
  if (fromPerSecond !== null) return `from ${rateWords(fromPerSecond)} up to ${rateWords(perSecond)}`
  return `at most ${rateWords(perSecond)}`
}

/** `Paused redis-main/emails`, `Throttled redis-main/emails to at most 50/s`. */
export function doneWords({ order, target }: Pick<ControlRow, 'order' | 'target'>): string {
  const verb = { pause: 'Paused', throttle: 'Throttled', limit: 'Limited' }[order.verb]
  const words = orderWords(order)
  if (words === '') return `${verb} ${target}`
  return `${verb} ${target} ${words.startsWith('from') ? words : `to ${words}`}`
}

export function isLiving({ phase }: Pick<ControlRow, 'phase'>): boolean {
  return phase !== 'lifted' && phase !== 'expired'
}

const PHASE_TONE: Readonly<Record<ControlPhase, Tone>> = {
  requested: 'notice',
  'in-place': 'notice',
  draining: 'paused',
  'in-effect': 'paused',
  'not-effective': 'critical',
  missing: 'critical',
  unknown: SEVERITY_TONE.unknown,
  lifted: 'dim',
  expired: 'dim',
}

/** Glyph and word of how far a control has come. */
export function phaseCell({ phase, order, inHand }: PhaseOf, glyphs: Glyphs): Segment {
  const count = phase === 'draining' && inHand !== null ? ` ${inHand}` : ''
  return { text: `${phaseGlyph(phase, order, glyphs)} ${phaseWord(phase)}${count}`, tone: PHASE_TONE[phase] }
}

export type PhaseOf = Pick<ControlRow, 'phase' | 'order' | 'inHand'>

export function phaseGlyph(phase: ControlPhase, { verb }: Order, glyphs: Glyphs): string {
  if (phase === 'not-effective' || phase === 'missing') return glyphs.severity.critical
  if (phase === 'unknown') return glyphs.stale
  if (phase === 'lifted' || phase === 'expired') return glyphs.none
  return verb === 'pause' ? glyphs.paused : glyphs.metered
}

/** One step of a control on its way: `✓ in place 14:17:03 (6 of 6 obey)`. */
export function stepWords(
  row: ControlRow,
  { phase, atMs }: { phase: ControlPhase; atMs: number },
  glyphs: Glyphs,
): string {
  const at = formatClock(atMs)
  const isNow = row.phase === phase
  if (phase === 'requested') return `${glyphs.done} requested ${at}`
  if (phase === 'in-place') return `${glyphs.done} in place ${at}${obeyWords(row)}`
  if (phase === 'draining') {
    return `${glyphs.done} no starts since ${at}${isNow && row.inHand !== null ? `, draining ${row.inHand}` : ''}`
  }
  if (phase === 'in-effect') return `${glyphs.done} in effect since ${at}${isNow ? obeyWords(row) : ''}`
  const mark = phase === 'unknown' ? glyphs.stale : phase === 'lifted' || phase === 'expired' ? glyphs.none : undefined
  return `${mark ?? glyphs.severity.critical} ${phaseWord(phase)} ${at}${isNow ? `: ${row.detail}` : ''}`
}

function obeyWords({ obeying, workers }: ControlRow): string {
  if (obeying === null || workers === null || obeying === 0) return ''
  return ` (${obeying} of ${workers} obey)`
}
