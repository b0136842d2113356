import type { Problem } from '../../server/api/problem.ts'
import styles from './vanished.module.css'

/** The thing on this page is no longer there: what is shown are its last values. */
export function Vanished({ problem }: { readonly problem: Problem }) {
  return (
    <p className={`${styles.vanished} hatched`} role="status">
      {problem.detail}. Its last values are shown.
    </p>
  )
}
