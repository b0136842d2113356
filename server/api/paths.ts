/** Paths below /api/v1, as clients ask for them. The web's query keys are these strings. No dependency, as the web bundles it. */

type QueryValue = string | number | undefined

/** `/queues?filter=mail&sort=-depth`; undefined and '' are left out. */
export function listPath(
  list: 'queues' | 'topics' | 'groups' | 'runs' | 'workers' | 'sources' | 'controls' | 'history' | 'sagas',
  query: Record<string, QueryValue> = {},
): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(key, String(value))
  const text = search.toString()
  return text === '' ? `/${list}` : `/${list}?${text}`
}

/** `/queues/rabbit-1/billing%2Faudit` from a source and a reference tail (already in reference form). */
export function onePath(
  list: 'queues' | 'topics' | 'groups' | 'runs' | 'jobs' | 'failures',
  source: string,
  tail: string,
): string {
  return `/${list}/${encodeURIComponent(source)}/${encodeURIComponent(tail)}`
}

/** `/sagas/redis-main/orders/trip-7` from a source and the tail of a saga's reference. */
export function sagaPath(source: string, tail: string): string {
  return `/sagas/${[source, ...tail.split('/')].map(encodeURIComponent).join('/')}`
}

export const OVERVIEW_PATH = '/overview'
export const API_BASE = '/api/v1'
