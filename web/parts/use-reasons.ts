import { useQuery } from '@tanstack/react-query'
import { listPath } from '../../server/api/paths.ts'
import type { SourceList } from '../../server/api/source.ts'
import { pathQuery } from '../data/client.ts'

/** Why a figure of this kind of row is a dash; undefined when nobody said why. */
export type WhyUnknown = (row: { source: string; system: string }, figure: string) => string | undefined

const SOURCES_PATH = listPath('sources', { limit: 200 })
/** What a system cannot tell changes with its version: rarely. */
const REFRESH_MS = 60_000

export function useReasons(): WhyUnknown {
  const { data } = useQuery({ ...pathQuery<SourceList>(SOURCES_PATH), refetchInterval: REFRESH_MS })
  const sources = data?.body?.items ?? []
  return ({ source, system }, figure) =>
    sources.find((one) => one.source === source)?.systems.find(({ name }) => name === system)?.cannotTell[figure]
}
