/** Why an operation on the outside world failed. One short union for every source, so that screens can advise. */
export type OpsCode =
  | 'unreachable' // no connection: refused, reset, name not found
  | 'timeout' // connected or not, no answer within our own deadline
  | 'refused' // reached, and it said no: password, rights, a command it forbids
  | 'malformed' // an answer that is not of its protocol
  | 'unsupported' // the peer lacks what was asked for
  | 'invalid' // what was asked is wrong: configuration or a request
  | 'not-found'
  | 'closed' // we have closed it ourselves

/**
 * An operating error: expected in production, translated once at the edge where it enters.
 * `op` is the function's name; `message` names the thing and the remedy and never holds a secret.
 */
export class OpsError extends Error {
  readonly code: OpsCode
  readonly op: string

  constructor(code: OpsCode, op: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'OpsError'
    this.code = code
    this.op = op
  }
}

/** The message of anything thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  return text.replace(/\s+/g, ' ').trim()
}
