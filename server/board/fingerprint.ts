import { createHash } from 'node:crypto'

/** Of plain values, the same for the same content: what was seen is what is done. 22 letters, digits, `-` and `_`. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22)
}
