import { OpsError } from '../../domain/errors.ts'

/** What survives a round trip through JSON unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export const CURSOR_BYTES_MAX = 65_536
const DEPTH_MAX = 32

/** The cursor as JSON. Throws OpsError `invalid`, naming the place, when it would not come back as it is. */
export function encodeCursor(cursor: unknown): string {
  return encodeJson(cursor, 'cursor', 'checkpoint')
}

/** Any value that must come back as it is, as JSON of at most 64 KB. Throws OpsError `invalid`, naming the place. */
export function encodeJson(value: unknown, what: string, op: string): string {
  const fault = faultAt(value, what, 0)
  if (fault !== null) throw new OpsError('invalid', op, fault)
  const json = JSON.stringify(value)
  const bytes = Buffer.byteLength(json)
  if (bytes > CURSOR_BYTES_MAX) {
    throw new OpsError('invalid', op, `${what}: ${bytes} bytes as JSON, the limit is ${CURSOR_BYTES_MAX}`)
  }
  return json
}

function faultAt(value: unknown, path: string, depth: number): string | null {
  if (depth > DEPTH_MAX) return `${path}: nested more than ${DEPTH_MAX} deep`
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0)
      ? null
      : `${path}: ${Object.is(value, -0) ? '-0' : value} ${LOST}`
  }
  if (typeof value !== 'object') return `${path}: a ${typeof value} ${LOST}`
  if (Array.isArray(value))
    return firstFault(
      value.map((one, n) => [`${path}[${n}]`, one] as const),
      depth,
    )
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return `${path}: a ${value.constructor?.name} ${LOST}`
  return firstFault(
    Object.entries(value).map(([name, one]) => [`${path}.${name}`, one] as const),
    depth,
  )
}

function firstFault(entries: readonly (readonly [path: string, value: unknown])[], depth: number): string | null {
  for (const [path, value] of entries) {
    const fault = faultAt(value, path, depth + 1)
    if (fault !== null) return fault
  }
  return null
}

const LOST = 'does not survive JSON'
