import type { ReactNode } from 'react'
import { useSession } from '../data/session.ts'
import { showToast } from '../data/toasts.ts'
import styles from './act-button.module.css'

interface ActButtonProps {
  readonly children: ReactNode
  readonly onAct: () => void
  /** Why it cannot be done here, apart from not being signed in. */
  readonly refused?: string | null
  readonly kind?: 'plain' | 'primary' | 'grave'
  readonly title?: string
  readonly label?: string
}

/** A button that leads to a change of the world. One that cannot act stays where it is, and says why. */
export function ActButton({ children, onAct, refused = null, kind = 'plain', title, label }: ActButtonProps) {
  const { mayWrite, why } = useSession()
  const reason = mayWrite ? refused : why
  return (
    <button
      type="button"
      className={styles.act}
      data-kind={kind}
      aria-disabled={reason !== null || undefined}
      title={reason ?? title}
      {...(label === undefined ? {} : { 'aria-label': label })}
      onClick={() => (reason === null ? onAct() : showToast(reason, 'warning'))}
    >
      {children}
    </button>
  )
}
