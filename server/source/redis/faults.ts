import { messageOf, OpsError } from '../../domain/errors.ts'

/** Translates whatever ended a connection or a call to the Redis at `address` into the one error type of this program. */
export function connectionFault(op: string, address: string, thrown: unknown): OpsError {
  if (thrown instanceof OpsError) return thrown
  const code = codeOf(thrown)
  if (TLS_CODES.test(code)) {
    return new OpsError('refused', op, `redis ${address}: its certificate is not trusted (${code}); set tls.ca`, thrown)
  }
  if (code === 'ECONNREFUSED') {
    return new OpsError('unreachable', op, `redis ${address}: connection refused; is it running there?`, thrown)
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new OpsError('unreachable', op, `redis ${address}: host name not found`, thrown)
  }
  const why = code === 'ECONNRESET' || code === 'EPIPE' ? 'connection closed by the other side' : messageOf(thrown)
  return new OpsError('unreachable', op, `redis ${address}: ${why}`, thrown)
}

/** Translates an error reply (`-WRONGPASS invalid …`). The cause is left out: the library keeps the command's arguments in it. */
export function replyFault(op: string, address: string, reply: string): OpsError {
  const text = reply.replace(/\s+/g, ' ').slice(0, 200)
  const rule = REPLY_RULES.find(({ match }) => match.test(text))
  const [code, advice] = rule ? [rule.code, rule.advice] : (['refused', null] as const)
  return new OpsError(code, op, `redis ${address}: ${advice ? `${advice} (${text})` : text}`)
}

/** Is this reply a refusal by ACL or by configuration, so that another way of asking may be allowed? */
export function isForbidden(reply: string): boolean {
  return /^(NOPERM|ERR (unknown command|unknown subcommand|.*not allowed|.*disabled))/i.test(reply)
}

/** Is this reply about the state of the server, and so the answer to any command, for now? */
export function isServerState(reply: string): boolean {
  return /^(NOAUTH|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN)/.test(reply)
}

const TLS_CODES = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/

const REPLY_RULES: readonly { match: RegExp; code: OpsError['code']; advice: string }[] = [
  { match: /^WRONGPASS|^ERR (invalid password|AUTH)/i, code: 'refused', advice: 'wrong user name or password' },
  { match: /^NOAUTH/, code: 'refused', advice: 'it wants a password' },
  {
    match: /^NOPERM/,
    code: 'refused',
    advice: 'this user may not do that; server/source/redis/README.md has the rights it needs',
  },
  { match: /^DENIED/, code: 'refused', advice: 'it runs in protected mode' },
  { match: /^ERR max number of clients/i, code: 'refused', advice: 'it has no free connection (maxclients)' },
  { match: /^LOADING/, code: 'unreachable', advice: 'it is still loading its data' },
  { match: /^BUSY/, code: 'unreachable', advice: 'it is held up by a script' },
  { match: /^MASTERDOWN/, code: 'unreachable', advice: 'a replica without its master' },
  { match: /^CLUSTERDOWN/, code: 'unreachable', advice: 'its cluster is down' },
  { match: /^READONLY/, code: 'refused', advice: 'a read-only replica' },
  { match: /^MISCONF/, code: 'refused', advice: 'it cannot save to disk and refuses writes' },
  { match: /^OOM/, code: 'refused', advice: 'its memory is full (maxmemory)' },
  {
    match: /^(MOVED|ASK|CROSSSLOT)/,
    code: 'unsupported',
    advice: 'a node of a Redis Cluster; configure the cluster form',
  },
  { match: /^ERR (DB index|invalid DB)/i, code: 'invalid', advice: 'no such database number' },
  { match: /^ERR unknown/i, code: 'unsupported', advice: 'it does not know this command' },
  { match: /^WRONGTYPE/, code: 'malformed', advice: 'a key holds another type than its job system writes' },
]

function codeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return ''
  return String(thrown.code)
}
