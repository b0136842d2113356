import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { pathQuery } from './client.ts'
import { useSession } from './session.ts'

export interface Read<Body> {
  /** The last good body; null = there is none, for the reason in `why`, or not yet. */
  readonly body: Body | null
  /** Why there is nothing to show, for a person; null = it is there, or being read. */
  readonly why: string | null
  readonly isReading: boolean
  readonly again: () => void
}

interface ReadOptions {
  /** Read anew this often while it is looked at; null = only when asked to. */
  readonly everyMs?: number | null
}

/**
 * Reads what cannot be followed and is not shown to strangers: jobs, failures, the ledger. Whoever is not signed in is
 * told how to, without asking the server for what it must refuse.
 */
export function useRead<Body>(path: string, { everyMs = null }: ReadOptions = {}): Read<Body> {
  const { actor, why, isKnown } = useSession()
  const { data, error, isFetching, refetch } = useQuery({
    ...pathQuery<Body>(path),
    enabled: actor !== null,
    refetchInterval: everyMs ?? false,
    placeholderData: keepPreviousData,
  })
  const again = () => void refetch()
  if (isKnown && actor === null) return { body: null, why, isReading: false, again }
  const refused = data?.problem?.detail ?? error?.message ?? null
  const body = refused === null ? (data?.body ?? null) : null
  return { body, why: refused, isReading: isFetching, again }
}
