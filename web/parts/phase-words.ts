import type { ControlRow } from '../../server/api/control.ts'
import { CONTROL_PHASES, type ControlPhase, phaseWord } from '../../server/domain/control.ts'
import type { Sign, Tone } from './tone.ts'

/** One step on the way of a control, and how it stands. */
export interface PhaseStep {
  readonly phase: ControlPhase
  readonly word: string
  readonly state: 'done' | 'now' | 'ahead' | 'failed'
  /** Unix ms at which it was reached; null = not yet, or not told. */
  readonly atMs: number | null
}

const TONES: Partial<Record<ControlPhase, Tone>> = {
  'not-effective': 'critical',
  missing: 'critical',
  unknown: 'unknown',
  lifted: 'soft',
  expired: 'soft',
}

/** Red only for what does not hold; violet while a hand is on it. */
export function phaseTone(phase: ControlPhase): Tone {
  return TONES[phase] ?? 'control'
}

/** A control by its verb; what does not hold looks critical, whatever it is. */
export function signOfControl({ order, phase }: Pick<ControlRow, 'order' | 'phase'>): Sign {
  const tone = phaseTone(phase)
  if (tone === 'critical') return { glyph: 'critical', word: phaseWord(phase), tone }
  if (phase === 'unknown') return { glyph: 'unknown', word: 'unknown', tone }
  return { glyph: order.verb === 'pause' ? 'paused' : 'metered', word: ORDER_WORDS[order.verb], tone }
}

const ORDER_WORDS = { pause: 'paused', throttle: 'throttled', limit: 'limited' } as const

/**
 * The way of a control: asked for, read back from its source, no starts but work in hand, in effect. Only a pause waits
 * for what is in hand. What went wrong takes the place of the step that was not reached.
 */
export function phaseSteps(
  { order, phase, phaseSinceMs }: Pick<ControlRow, 'order' | 'phase' | 'phaseSinceMs'>,
  reached: readonly { readonly phase: ControlPhase; readonly atMs: number }[] = [],
): readonly PhaseStep[] {
  const way: readonly ControlPhase[] =
    order.verb === 'pause' ? ['requested', 'in-place', 'draining', 'in-effect'] : ['requested', 'in-place', 'in-effect']
  const atMs = (of: ControlPhase) =>
    of === phase ? phaseSinceMs : (reached.findLast((one) => one.phase === of)?.atMs ?? null)
  const at = way.indexOf(phase)
  const isFailed = at < 0 && (CONTROL_PHASES as readonly string[]).includes(phase)
  const farthest = isFailed ? Math.max(-1, ...reached.map((one) => way.indexOf(one.phase))) : at
  const steps = way.map((one, index): PhaseStep => {
    const state =
      index < farthest || (index === farthest && (isFailed || one === 'in-effect'))
        ? 'done'
        : index === farthest
          ? 'now'
          : 'ahead'
    return { phase: one, word: phaseWord(one), state, atMs: state === 'ahead' ? null : atMs(one) }
  })
  if (!isFailed) return steps
  const failed: PhaseStep = { phase, word: phaseWord(phase), state: 'failed', atMs: phaseSinceMs }
  return [...steps.filter(({ state }) => state === 'done'), failed]
}
