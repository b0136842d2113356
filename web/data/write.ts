import { API_BASE } from '../../server/api/paths.ts'
import type { Problem } from '../../server/api/problem.ts'
import type { WriteBody, WriteName, WriteRequest } from '../../server/api/writes.ts'
import type { Answer } from './answer.ts'

/** Longer than placing controls in every source may take. */
const WRITE_MS = 20_000

/** Path of each write below /api/v1; `id` is that of a control. */
export const WRITE_PATHS: Readonly<Record<WriteName, (id: string) => string>> = {
  signIn: () => '/session',
  previewControl: () => '/controls:preview',
  makeControls: () => '/controls',
  extendControl: (id) => `/controls/${encodeURIComponent(id)}/extend`,
  liftControl: (id) => `/controls/${encodeURIComponent(id)}/lift`,
  resume: () => '/controls:resume',
  previewAction: () => '/actions:preview',
  act: () => '/actions',
}

interface WriteOptions {
  readonly id?: string
  /** One intent of a person: the same key again does the same thing once. */
  readonly intent?: string
  readonly signal?: AbortSignal
}

/** A key for one intent. Not `randomUUID`: that exists only on https and localhost. */
export function newIntent(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * POSTs JSON. A problem (RFC 9457) is an answer; no answer at all is an error with words for a person, and whether the
 * server did it is then not known: the same intent may be sent again.
 * @throws Error when the server cannot be reached, is silent, or answers something else
 */
export async function write<Name extends WriteName>(
  name: Name,
  request: WriteRequest<Name>,
  { id = '', intent, signal }: WriteOptions = {},
): Promise<Answer<WriteBody<Name>>> {
  const deadline = AbortSignal.timeout(WRITE_MS)
  let response: Response
  try {
    response = await fetch(`${API_BASE}${WRITE_PATHS[name](id)}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        ...(intent === undefined ? {} : { 'Idempotency-Key': intent }),
      },
      body: JSON.stringify(request),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Error(deadline.aborted ? 'Sluice did not answer within 20 s' : 'Sluice cannot be reached')
  }
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('application/problem+json')) return { body: null, problem: (await response.json()) as Problem }
  if (!response.ok || !type.startsWith('application/json')) {
    throw new Error(`Something else than Sluice answered (${response.status})`)
  }
  return { body: (await response.json()) as WriteBody<Name>, problem: null }
}

/** A problem in one line: what it is, and each mistake with its place. */
export function problemWords({ detail, errors = [] }: Problem): string {
  return [detail, ...errors.map(({ path, message }) => (path ? `${path}: ${message}` : message))].join(' · ')
}
