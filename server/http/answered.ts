import { createHash } from 'node:crypto'
import type { Clock } from '../domain/clock.ts'
import { ProblemError } from './problem-error.ts'

/** What a write was answered with. */
export interface Answered {
  readonly status: number
  readonly body: string
}

const KEYS_MAX = 10_000
const BYTES_MAX = 16 * 1024 * 1024
const KEPT_MS = 24 * 3_600_000

interface Kept {
  readonly request: string
  readonly answer: Promise<Answered>
  readonly atMs: number
  bytes: number
}

/** The answers to writes by actor and Idempotency-Key, for 24 h: asked twice, done once. */
export class AnsweredWrites {
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * The answer to this request: of the first time, also while that is still being worked on.
   * Only what was done, or refused for good, is kept: what failed on the way may be tried again under the same key.
   * @throws ProblemError key-reused
   */
  async once(
    { actor, key, request }: { readonly actor: string; readonly key: string; readonly request: string },
    act: () => Promise<Answered>,
  ): Promise<Answered> {
    this.#forget()
    const name = `${actor}\n${key}`
    const hash = createHash('sha256').update(request).digest('base64url')
    const before = this.#kept.get(name)
    if (before && before.request !== hash) {
      throw new ProblemError(
        'key-reused',
        'That Idempotency-Key was sent with another request: make a new one for each',
      )
    }
    if (before) return before.answer
    const kept: Kept = { request: hash, answer: act(), atMs: this.#clock.monotonicMs(), bytes: 0 }
    this.#kept.set(name, kept)
    try {
      const answer = await kept.answer
      if (!isFinal(answer.status)) this.#kept.delete(name)
      else {
        kept.bytes = answer.body.length
        this.#bytes += kept.bytes
      }
      return answer
    } catch (error) {
      this.#kept.delete(name)
      throw error
    }
  }

  #forget(): void {
    const nowMs = this.#clock.monotonicMs()
    for (const [name, { atMs, bytes }] of this.#kept) {
      const isTooMuch = this.#kept.size > KEYS_MAX || this.#bytes > BYTES_MAX
      if (!isTooMuch && nowMs - atMs < KEPT_MS) return
      this.#bytes -= bytes
      this.#kept.delete(name)
    }
  }
}

function isFinal(status: number): boolean {
  return status < 300 || status === 409 || status === 422
}
