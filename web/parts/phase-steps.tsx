import type { ControlRow } from '../../server/api/control.ts'
import type { ControlPhase } from '../../server/domain/control.ts'
import { useNow } from '../data/use-now.ts'
import { formatInstant } from '../format.ts'
import styles from './phase-steps.module.css'
import { phaseSteps } from './phase-words.ts'

interface PhaseStepsProps {
  readonly control: ControlRow
  readonly reached?: readonly { readonly phase: ControlPhase; readonly atMs: number }[]
}

const MARKS = { done: '✓', now: '…', ahead: '○', failed: '✖' } as const
const SAID = { done: 'reached', now: 'now', ahead: 'not yet', failed: 'not holding' } as const

/** `✓ requested 14:17:02 → ✓ in place → … draining → ○ in effect`, moved only by evidence. */
export function PhaseSteps({ control, reached = [] }: PhaseStepsProps) {
  const nowMs = useNow()
  return (
    <ol className={styles.steps} aria-label={`Phases of the control on ${control.target}`}>
      {phaseSteps(control, reached).map(({ phase, word, state, atMs }) => (
        <li key={phase} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
          <span className={styles.word}>
            <span aria-hidden="true">{MARKS[state]} </span>
            {word}
            <span className="sr"> ({SAID[state]})</span>
          </span>
          <span className={styles.at}>{atMs === null ? '' : formatInstant(atMs, nowMs)}</span>
        </li>
      ))}
    </ol>
  )
}
