import type { Session } from '../api/session.ts'

/** For the second browser, or after a long pause: who can read that file is the user who started the server. */
export const NEXT_SIGN_IN =
  'the next one is `signInUrl` in servers/<host>_<port>.json of the state folder (~/.local/state/sluice)'
export const HOW_TO_SIGN_IN = `open the address with the token that \`sluice serve\` printed when it started; once that was used, ${NEXT_SIGN_IN}`

/** Who one is here, and why one may not act. */
export function sessionOf(actor: string | null, isReadOnly: boolean): Session {
  if (isReadOnly) return { actor, mayWrite: false, why: 'This server only reads: server.readOnly is set' }
  const why = actor === null ? `Looking is free; to act, ${HOW_TO_SIGN_IN}` : null
  return { actor, mayWrite: actor !== null, why }
}
