import type { Problem } from '../../server/api/problem.ts'
import { problemWords } from '../data/write.ts'
import styles from './refused.module.css'

/** Why the server did not do it; what changed since it was seen, line by line. */
export function Refused({ problem }: { readonly problem: Problem }) {
  const { difference = [], candidates = [] } = problem
  return (
    <div className={styles.refused}>
      <p data-tone="warning">
        ▲ {difference.length > 0 ? 'This is not what the preview showed:' : problemWords(problem)}
      </p>
      {difference.length > 0 && (
        <ul>
          {difference.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {candidates.length > 0 && <p>It could be: {candidates.join(', ')}</p>}
      {problem.code === 'changed' && <p className="soft">The preview is new: look at it, then do it again.</p>}
    </div>
  )
}
