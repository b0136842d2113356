import { type ReactNode, useId } from 'react'
import styles from './panel.module.css'

interface PanelProps {
  readonly title: string
  /** Beside the title, softer. */
  readonly note?: ReactNode
  /** At the right end of the title. */
  readonly aside?: ReactNode
  readonly stale?: boolean
  readonly fill?: boolean
  readonly children: ReactNode
}

/** One region of a page with its heading. */
export function Panel({ title, note, aside, stale = false, fill = false, children }: PanelProps) {
  const id = useId()
  return (
    <section
      className={styles.panel}
      aria-labelledby={id}
      data-stale={stale || undefined}
      data-fill={fill || undefined}
    >
      <header className={styles.head}>
        <h2 id={id}>{title}</h2>
        {note && <span className={styles.note}>{note}</span>}
        {aside && <span className={styles.aside}>{aside}</span>}
      </header>
      {children}
    </section>
  )
}

/** What stands in a panel that has nothing to show, and why. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return <p className={styles.empty}>{children}</p>
}

/** The one skeleton of a panel that is read for the first time. */
export function Skeleton({ rows = 4, what }: { readonly rows?: number; readonly what: string }) {
  return (
    <div className={styles.skeleton} role="status">
      <span className="sr">Reading {what}…</span>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal bars without identity
        <span key={index} className={styles.bar} />
      ))}
    </div>
  )
}
