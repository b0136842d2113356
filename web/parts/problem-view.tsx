import { Link } from '@tanstack/react-router'
import type { Problem } from '../../server/api/problem.ts'
import styles from './problem-view.module.css'
import { RefLink } from './ref-link.tsx'

interface ProblemViewProps {
  readonly problem: Problem | null
  readonly failure: string | null
  /** Where one would look instead. */
  readonly back: { readonly to: '/queues' | '/groups' | '/topics' | '/runs' | '/sources' | '/'; readonly label: string }
}

const HEADS: Partial<Record<Problem['code'], string>> = {
  'not-found': 'Not found',
  ambiguous: 'Which one?',
  'not-ready': 'Not read yet',
}

/** A page that cannot be shown: what happened, what it could have meant, where to go. */
export function ProblemView({ problem, failure, back }: ProblemViewProps) {
  const candidates = problem?.candidates ?? []
  return (
    <div className={styles.problem} role="alert">
      <h1>{problem ? (HEADS[problem.code] ?? problem.title) : 'No answer'}</h1>
      <p>{problem?.detail ?? failure}</p>
      {!problem && <p className="soft">It is asked again every 5 s; nothing needs to be done here.</p>}
      {candidates.length > 0 && (
        <>
          <p className="soft">
            {problem?.code === 'ambiguous' ? 'It could be one of these:' : 'Did you mean one of these?'}
          </p>
          <ul>
            {candidates.map((ref) => (
              <li key={ref}>
                <RefLink to={ref} />
              </li>
            ))}
          </ul>
        </>
      )}
      <p>
        <Link to={back.to} className={styles.back}>
          {back.label}
        </Link>
      </p>
    </div>
  )
}
