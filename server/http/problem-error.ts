import type { Problem } from '../api/problem.ts'
import { Refusal } from '../board/refusal.ts'
import { type OpsCode, OpsError } from '../domain/errors.ts'

const TITLES: Record<Problem['code'], readonly [status: number, title: string]> = {
  'bad-request': [400, 'The request is not understood'],
  forbidden: [403, 'Not allowed from there'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'This cannot be written'],
  ambiguous: [409, 'More than one thing has that name'],
  misdirected: [421, 'Asked under a name that is not served'],
  unauthorized: [401, 'Sign in first'],
  changed: [409, 'It is not as it was seen any more'],
  conflict: [409, 'Somebody else was faster'],
  unsupported: [422, 'This cannot be done here'],
  'key-reused': [422, 'That Idempotency-Key was used for something else'],
  'unsupported-type': [415, 'Only JSON is taken'],
  'too-large': [413, 'That is too much at once'],
  unavailable: [503, 'Its source cannot be reached'],
  timeout: [504, 'Its source did not answer in time'],
  'too-many': [429, 'Too many at once'],
  internal: [500, 'Something went wrong here'],
  'not-ready': [503, 'Not ready yet'],
}

/** A problem that ends a request: RFC 9457, thrown where it is found and written by one handler. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(code: Problem['code'], detail: string, more: Pick<Problem, 'errors' | 'candidates' | 'difference'> = {}) {
    super(detail)
    this.name = 'ProblemError'
    const [status, title] = TITLES[code]
    this.problem = { type: `urn:sluice:problem:${code}`, title, status, code, detail, ...more }
  }
}

const BY_OPS_CODE: Readonly<Record<OpsCode, Problem['code']>> = {
  unreachable: 'unavailable',
  timeout: 'timeout',
  refused: 'unavailable',
  malformed: 'unavailable',
  unsupported: 'unsupported',
  invalid: 'bad-request',
  'not-found': 'not-found',
  closed: 'unavailable',
}

/** What went wrong as a problem that people can act on; null = nobody expected this. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof Refusal) {
    const more = error.difference.length > 0 ? { difference: [...error.difference] } : {}
    return new ProblemError(error.code, error.message, more).problem
  }
  return error instanceof OpsError ? new ProblemError(BY_OPS_CODE[error.code], error.message).problem : null
}
