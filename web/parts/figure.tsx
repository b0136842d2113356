import type { ReactNode } from 'react'
import { DOES_NOT_APPLY, formatExact, formatFigure, type Reading } from '../format.ts'
import styles from './figure.module.css'
import type { Tone } from './tone.ts'

interface FigureProps {
  readonly value: number | null
  readonly as: Reading
  readonly unit?: string | undefined
  readonly estimated?: boolean
  /** Why it is unknown, when it is. */
  readonly why?: string | undefined
  readonly tone?: Tone | undefined
}

/** One number with its unit: dim when 0, a dash with the reason when unknown, `~` when an estimate, exact in the title. */
export function Figure({ value, as, unit, estimated = false, why, tone }: FigureProps) {
  if (value === null) return <Unknown why={why} />
  const shown = tone ?? (value === 0 ? 'faint' : undefined)
  const exact = `${estimated ? 'estimate: ' : ''}${formatExact(value, as)}${unit ? ` ${unit}` : ''}`
  return (
    <span className={styles.figure} data-tone={shown} title={exact}>
      {estimated && value !== 0 ? '~' : ''}
      {formatFigure(value, as)}
      {unit && <span className={styles.unit}> {unit}</span>}
    </span>
  )
}

export function Unknown({ why = 'this cannot be told now' }: { readonly why?: string | undefined }) {
  return (
    <span className={styles.dash} title={`unknown: ${why}`}>
      <span aria-hidden="true">—</span>
      <span className="sr">unknown</span>
    </span>
  )
}

/** A faint dot: this figure does not exist for this kind of thing. */
export function NotApplicable({ why }: { readonly why: string }): ReactNode {
  return (
    <span data-tone="faint" title={why}>
      <span aria-hidden="true">{DOES_NOT_APPLY}</span>
      <span className="sr">does not apply</span>
    </span>
  )
}
