import { Glyph } from './glyph.tsx'
import styles from './state-cell.module.css'
import type { Sign } from './tone.ts'

/** Glyph and word of a state; the reasons are in the title. */
export function StateCell({ sign, reasons = [] }: { readonly sign: Sign; readonly reasons?: readonly string[] }) {
  return (
    <span className={styles.state} title={reasons.join(' · ') || undefined}>
      <Glyph sign={sign} />
      <span data-tone={sign.tone === 'fine' ? 'soft' : sign.tone}>{sign.word}</span>
    </span>
  )
}

interface CardLinesProps {
  readonly sign: Sign
  readonly name: React.ReactNode
  readonly figure: React.ReactNode
  readonly details: readonly React.ReactNode[]
}

/** A row on a phone: state, name and the figure that matters; below it the rest, softer. */
export function CardLines({ sign, name, figure, details }: CardLinesProps) {
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
