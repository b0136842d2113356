import type { ReactNode } from 'react'
import type { Severity, SourceAge } from '../../server/api/freshness.ts'
import { SourceStanding } from './age.tsx'
import { Glyph } from './glyph.tsx'
import styles from './headline.module.css'
import { RefName } from './ref-link.tsx'
import { useSign } from './use-sign.ts'

interface HeadlineProps {
  readonly reference: string
  readonly severity: Severity
  readonly pausedBy?: 'nobody' | 'sluice' | 'elsewhere'
  readonly reasons: readonly string[]
  /** Short facts in chips: system and version, protocol. */
  readonly chips: readonly (string | null)[]
  readonly age: SourceAge | undefined
  /** What can be done with it, at the right end. */
  readonly acts?: ReactNode
}

/** The head of a page about one thing: what it is, how it is and why, and how old that is. */
export function Headline({ reference, severity, pausedBy = 'nobody', reasons, chips, age, acts }: HeadlineProps) {
  const sign = useSign({ ref: reference, severity, pausedBy })
  // The reason of a stale thing is its source's: said once, with the age, at the end of the line.
  const isStale = severity === 'unknown' && Boolean(age?.error)
  return (
    <header className={styles.headline}>
      <Glyph sign={sign} label={sign.word} />
      <h1>
        <RefName of={reference} />
      </h1>
      {chips.map((chip) => (chip === null ? null : <Chip key={chip}>{chip}</Chip>))}
      {pausedBy !== 'nobody' && <Chip tone="control">{pausedBy === 'sluice' ? 'paused' : 'paused elsewhere'}</Chip>}
      {sign.glyph === 'metered' && <Chip tone="control">{sign.word}</Chip>}
      <p className="soft">{isStale ? '' : reasons.join(' · ') || 'fine'}</p>
      <span className={styles.age}>
        <SourceStanding age={age} />
      </span>
      {acts && <span className={styles.acts}>{acts}</span>}
    </header>
  )
}

export function Chip({ children, tone }: { readonly children: ReactNode; readonly tone?: 'control' | undefined }) {
  return (
    <span className={styles.chip} data-tone={tone}>
      {children}
    </span>
  )
}

export interface Head {
  readonly label: string
  readonly main: ReactNode
  /** Beside the figure, softer. */
  readonly beside?: ReactNode
  /** Under it: why it is unknown. */
  readonly why?: string | undefined
}

/** The headline figures of a page, side by side. */
export function Heads({ heads, stale }: { readonly heads: readonly Head[]; readonly stale: boolean }) {
  return (
    <dl className={`${styles.heads} ${stale ? 'hatched' : ''}`}>
      {heads.map(({ label, main, beside, why }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <span className={styles.figure}>{main}</span>
            {beside && <span className={styles.beside}>{beside}</span>}
            {why && (
              <span className={styles.why} title={why}>
                {why}
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
