import { createHash } from 'node:crypto'
import type { JobContext } from './definition.ts'

/**
 * A key by which another system recognises that it has seen this before: the same in every attempt of the unit, another
 * for every other step, item or unit. 32 characters of `A–Z a–z 0–9 - _`.
 * @param step which call this is, when a unit makes several: a word, or the item's own id
 */
export function idempotencyKey({ queue, id }: Pick<JobContext, 'queue' | 'id'>, step: string | number = ''): string {
  const identity = JSON.stringify([queue, id, step])
  return createHash('sha256').update(identity).digest('base64url').slice(0, 32)
}
