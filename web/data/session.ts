import { useQuery } from '@tanstack/react-query'
import type { Session } from '../../server/api/session.ts'
import type { Answer } from './answer.ts'
import { pathQuery, queries } from './client.ts'
import { showToast } from './toasts.ts'
import { problemWords, write } from './write.ts'

const SESSION_PATH = '/session'
const HOW = 'Not signed in. Open the start URL that `sluice serve` printed: it signs this browser in.'
/** A session that ended elsewhere is noticed within this time. */
const REFRESH_MS = 60_000

export interface WhoAmI {
  /** Null = nobody is signed in. */
  readonly actor: string | null
  readonly mayWrite: boolean
  /** Why not, and the remedy; null when one may. */
  readonly why: string | null
  readonly isKnown: boolean
}

/** Who sits here, and whether they may act. Acting is never offered before it is known. */
export function useSession(): WhoAmI {
  const { data, error } = useQuery({ ...pathQuery<Session>(SESSION_PATH), refetchInterval: REFRESH_MS })
  return whoAmI(data ?? null, error?.message ?? null)
}

export function whoAmI(answer: Answer<Session> | null, failure: string | null): WhoAmI {
  const body = answer?.problem ? null : answer?.body
  if (body) return { ...body, why: body.mayWrite ? null : (body.why ?? HOW), isKnown: true }
  const why = answer?.problem?.detail ?? failure ?? 'Sluice has not yet said whether you may act'
  return { actor: null, mayWrite: false, why, isKnown: answer !== null || failure !== null }
}

/** Signs in with the one-time token of the address, which leaves the address at once. */
export function signInFromAddress(): void {
  const token = tokenIn(location.hash)
  if (token === null) return
  history.replaceState(history.state, '', location.pathname + location.search)
  void signIn(token)
}

/** `#token=abc` → `abc`; null when there is none. */
export function tokenIn(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') || null
}

async function signIn(token: string): Promise<void> {
  try {
    const { body, problem } = await write('signIn', { token })
    if (problem) showToast(`Not signed in: ${problemWords(problem)}`, 'warning')
    else queries.setQueryData<Answer<Session>>([SESSION_PATH], { body, problem: null })
  } catch (error) {
    showToast(`Not signed in: ${error instanceof Error ? error.message : 'no answer'}`, 'warning')
  }
  await queries.invalidateQueries()
}
