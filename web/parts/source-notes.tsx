import { Link } from '@tanstack/react-router'
import type { SourceAge } from '../../server/api/freshness.ts'
import { sourceStateAt } from '../data/source-state.ts'
import { useNow } from '../data/use-now.ts'
import { formatNumbered } from '../format.ts'
import { SourceFreshness, SourceTrouble } from './age.tsx'
import { Glyph } from './glyph.tsx'
import styles from './source-notes.module.css'
import { signOfSource } from './tone.ts'

/** One line for each source that this panel does not know all about: stale, late, unread, or with gaps. */
export function SourceNotes({ sources }: { readonly sources: readonly SourceAge[] }) {
  const nowMs = useNow()
  const told = sources
    .map((age) => ({ age, state: sourceStateAt(age, nowMs) }))
    .filter(({ age, state }) => state !== 'live' || age.gaps > 0)
  if (told.length === 0) return null
  return (
    <ul className={styles.notes}>
      {told.map(({ age, state }) => (
        <li key={age.source} className={state === 'stale' ? 'hatched' : undefined}>
          <Glyph sign={signOfSource(state)} label={signOfSource(state).word} />
          <span className={styles.words}>
            <Link to="/sources/$source" params={{ source: age.source }}>
              <b>{age.source}</b>
            </Link>{' '}
            {state === 'live' ? (
              <>could not read {formatNumbered(age.gaps, 'thing')}: what is missing is left out here</>
            ) : (
              <>
                <SourceFreshness age={age} />
                {age.error && ' · '}
                <SourceTrouble age={age} />
                {state === 'stale' && ' · left out of totals'}
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
