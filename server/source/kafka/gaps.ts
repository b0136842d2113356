import { messageOf, type OpsCode, OpsError } from '../../domain/errors.ts'
import type { Gap } from '../../domain/snapshot.ts'
import { errorName } from '../../wire/kafka/error-codes.ts'
import { GAPS_MAX } from './limits.ts'

const CODES: Readonly<Record<number, OpsCode>> = {
  3: 'not-found',
  5: 'unreachable',
  6: 'unreachable',
  9: 'unreachable',
  14: 'unreachable',
  15: 'unreachable',
  16: 'unreachable',
  29: 'refused',
  30: 'refused',
  31: 'refused',
  35: 'unsupported',
  56: 'unreachable',
  69: 'not-found',
  78: 'unreachable',
}

/** Leader or coordinator is another than we thought, or on its way to another: look again. */
export function isMoved(code: number): boolean {
  return code === 3 || code === 5 || code === 6 || code === 9 || code === 16 || code === 74
}

/** What Kafka said no with, as our own error. */
export function kafkaError(code: number, op: string): OpsError {
  return new OpsError(CODES[code] ?? 'malformed', op, `Kafka answered ${errorName(code)}`)
}

/** Collects what one refresh could not read, one line per kind of failure however often it happened. */
export class Gaps {
  readonly #found = new Map<string, { readonly gap: Gap; times: number; readonly unit: string | null }>()

  /** `unit` ("groups") makes the message count them. */
  note(what: string, thrown: unknown, unit: { readonly name: string; readonly count: number } | null = null): void {
    const code = thrown instanceof OpsError ? thrown.code : 'malformed'
    const message = messageOf(thrown)
    const key = `${what}\n${code}\n${message}`
    const found = this.#found.get(key)
    if (found) found.times += unit?.count ?? 1
    else if (this.#found.size < GAPS_MAX)
      this.#found.set(key, { gap: { what, code, message }, times: unit?.count ?? 1, unit: unit?.name ?? null })
  }

  list(): readonly Gap[] {
    return [...this.#found.values()].map(({ gap, times, unit }) =>
      unit === null ? gap : { ...gap, message: `${gap.message} (${times} ${unit})` },
    )
  }
}
