import { API_BASE } from '../../server/api/paths.ts'
import type { Problem } from '../../server/api/problem.ts'

/** What is known for one path: the last good body, and the problem that the last answer was, if it was one. */
export interface Answer<Body> {
  readonly body: Body | null
  readonly problem: Problem | null
}

/** Longer than any honest answer takes; a proxy that hangs must not hold the screen. */
const ASK_MS = 10_000

/**
 * GETs one path below /api/v1. A problem (RFC 9457) is an answer; no answer at all is an error with words for a person.
 * @throws Error when the server cannot be reached, is silent, or answers something else
 */
export async function ask<Body>(path: string, signal?: AbortSignal): Promise<Answer<Body>> {
  const deadline = AbortSignal.timeout(ASK_MS)
  let response: Response
  try {
    response = await fetch(`${API_BASE}${path}`, {
      headers: { Accept: 'application/json' },
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Error(deadline.aborted ? 'Sluice did not answer within 10 s' : 'Sluice cannot be reached')
  }
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('application/problem+json')) return { body: null, problem: (await response.json()) as Problem }
  if (!response.ok || !type.startsWith('application/json')) {
    throw new Error(`Something else than Sluice answered (${response.status})`)
  }
  return { body: (await response.json()) as Body, problem: null }
}
