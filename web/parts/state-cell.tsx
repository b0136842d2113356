import { Glyph } from './glyph.tsx'
import styles from './state-cell.module.css'
import type { Judged, Sign } from './tone.ts'
import { useSign } from './use-sign.ts'

interface StateCellProps {
  readonly sign: Sign | Judged
  readonly reasons?: readonly string[]
}

/** Glyph and word of a state; the reasons are in the title. */
export function StateCell({ sign: of, reasons = [] }: StateCellProps) {
  const sign = useSign(of)
  return (
    <span className={styles.state} title={reasons.join(' · ') || undefined}>
      <Glyph sign={sign} />
      <span data-tone={sign.tone === 'fine' ? 'soft' : sign.tone}>{sign.word}</span>
    </span>
  )
}

interface CardLinesProps {
  readonly sign: Sign | Judged
  readonly name: React.ReactNode
  readonly figure: React.ReactNode
  readonly details: readonly React.ReactNode[]
}

/** A row on a phone: state, name and the figure that matters; below it the rest, softer. */
export function CardLines({ sign: of, name, figure, details }: CardLinesProps) {
  const sign = useSign(of)
  return (
    <>
      <span className={styles.first}>
        <Glyph sign={sign} label={sign.word} />
        <span className={styles.name}>{name}</span>
        <span className={styles.figure}>{figure}</span>
      </span>
      <span className={styles.second}>
        {details.map((detail, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one line, in fixed order
          <span key={index}>{detail}</span>
        ))}
      </span>
    </>
  )
}
