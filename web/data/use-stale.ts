import type { SourceAge } from '../../server/api/freshness.ts'
import { sourceStateAt } from './source-state.ts'
import { useNow } from './use-now.ts'

/** Names of the sources that are stale by now, whoever noticed it: the server, or this page that hears no more of it. */
export function useStale(sources: readonly SourceAge[]): ReadonlySet<string> {
  const nowMs = useNow()
  return new Set(sources.filter((age) => sourceStateAt(age, nowMs) === 'stale').map(({ source }) => source))
}
