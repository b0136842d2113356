import type { Session } from '../api/session.ts'

/** Who one is here, and why one may not act. */
export function sessionOf(actor: string | null, isReadOnly: boolean): Session {
  if (isReadOnly) return { actor, mayWrite: false, why: 'This server only reads: server.readOnly is set' }
  const why =
    actor === null
      ? 'Looking is free; to act, open the address with the token that `sluice serve` printed when it started'
      : null
  return { actor, mayWrite: actor !== null, why }
}
