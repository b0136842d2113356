import { useState } from 'react'
import { commandOf, type Draft } from '../data/draft.ts'
import { closeDrawer } from '../data/drawer.ts'
import styles from './control-drawer.module.css'

interface DrawerFootProps {
  readonly draft: Draft
  /** What the button does, in its own words. */
  readonly words: string
  /** What is still missing; null = it can be done. */
  readonly missing: string | null
  readonly isBusy: boolean
  readonly onAct: () => void
}

/** The act, and the ways out. What is missing stands beside the button, which is never without a reason. */
export function DrawerFoot({ draft, words, missing, isBusy, onAct }: DrawerFootProps) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(commandOf(draft, Date.now()))
      setCopied(true)
    } catch {
      // No clipboard without https: the command is shown to be selected instead.
      window.prompt('The command', commandOf(draft, Date.now()))
    }
  }
  return (
    <footer className={styles.foot}>
      <p id="drawer-missing" className={styles.missing} role="status">
        {isBusy ? 'Asking…' : (missing ?? '')}
      </p>
      <button type="button" className={styles.copy} onClick={() => void copy()}>
        {isCopied ? 'Copied' : 'Copy as command'}
      </button>
      <button type="button" onClick={closeDrawer}>
        Cancel
      </button>
      <button
        type="button"
        className={styles.act}
        aria-disabled={missing !== null || isBusy || undefined}
        aria-describedby="drawer-missing"
        title="Ctrl + Enter"
        onClick={onAct}
      >
        {words}
      </button>
    </footer>
  )
}
