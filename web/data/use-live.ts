import { useQueries, useQuery } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import type { OverviewBody } from '../../server/api/overview.ts'
import { OVERVIEW_PATH } from '../../server/api/paths.ts'
import type { Problem } from '../../server/api/problem.ts'
import { link, pathQuery } from './client.ts'
import type { LinkState } from './live-link.ts'

/** What a screen knows of one path. All null: it is being read for the first time. */
export interface Live<Body> {
  readonly body: Body | null
  readonly problem: Problem | null
  /** Why nothing could be asked at all, for a person; null when the server answered. */
  readonly failure: string | null
}

/** Reads a path and follows it while the screen is mounted. */
export function useLive<Body>(path: string): Live<Body> {
  useEffect(() => link.follow(path), [path])
  const { data, error } = useQuery(pathQuery<Body>(path))
  return toLive(data, error)
}

/** The same for several paths whose number changes: the windows of a list. */
export function useLiveAll<Body>(paths: readonly string[]): readonly Live<Body>[] {
  const joined = paths.join('\n')
  useEffect(() => {
    const ends = joined.split('\n').map((path) => link.follow(path))
    return () => {
      for (const end of ends) end()
    }
  }, [joined])
  return useQueries({ queries: paths.map((path) => pathQuery<Body>(path)) }).map(({ data, error }) =>
    toLive(data, error),
  )
}

/** The overview is always followed: the rail's counts, the sources' ages and the title come from it. */
export function useOverview(): Live<OverviewBody> {
  return useLive<OverviewBody>(OVERVIEW_PATH)
}

export function useLinkState(): LinkState {
  return useSyncExternalStore(
    (listener) => link.subscribe(listener),
    () => link.state,
  )
}

function toLive<Body>(
  data: { readonly body: Body | null; readonly problem: Problem | null } | undefined,
  error: Error | null,
): Live<Body> {
  return { body: data?.body ?? null, problem: data?.problem ?? null, failure: error?.message ?? null }
}
