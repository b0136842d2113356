import type { SourceAge } from '../../server/api/freshness.ts'
import { sourceStateAt } from '../data/source-state.ts'
import { useNow } from '../data/use-now.ts'
import { formatAge, formatInstant } from '../format.ts'
import { Glyph } from './glyph.tsx'
import { signOfSource } from './tone.ts'

/** How long ago, ticking: `3 s`. */
export function Age({ atMs }: { readonly atMs: number }) {
  const nowMs = useNow()
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatInstant(atMs, nowMs)}>
      {formatAge(nowMs - atMs)}
    </time>
  )
}

/** `as of 3 s`, amber when late; `last seen 14:03:12 (2 m ago)` when stale. For one source. */
export function SourceFreshness({ age }: { readonly age: SourceAge | undefined }) {
  const nowMs = useNow()
  if (!age) return null
  const state = sourceStateAt(age, nowMs)
  if (age.observedAtMs === null) return <span data-tone="unknown">not read yet</span>
  if (state === 'stale')
    return (
      <span data-tone="unknown">
        last seen {formatInstant(age.observedAtMs, nowMs)} (<Age atMs={age.observedAtMs} /> ago)
      </span>
    )
  return (
    <span data-tone={state === 'late' ? 'warning' : 'soft'}>
      {state === 'late' && <Glyph sign={signOfSource('late')} label="late" />} as of <Age atMs={age.observedAtMs} />
    </span>
  )
}

/** `connection refused, next try in 8 s`. Empty when the last try was good. */
export function SourceTrouble({ age }: { readonly age: SourceAge }) {
  const nowMs = useNow()
  if (!age.error) return null
  const inMs = age.nextTryAtMs === null ? null : age.nextTryAtMs - nowMs
  return (
    <>
      {age.error.message}
      {inMs !== null && (inMs > 0 ? `, next try in ${formatAge(inMs + 999)}` : ', trying now')}
    </>
  )
}

/** How old what is known is, and what keeps the source from being read. */
export function SourceStanding({ age }: { readonly age: SourceAge | undefined }) {
  return (
    <>
      <SourceFreshness age={age} />
      {age?.error && (
        <span className="soft">
          {' · '}
          <SourceTrouble age={age} />
        </span>
      )}
    </>
  )
}
