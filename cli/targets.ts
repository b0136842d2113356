import { formatReference, parseReference, type Reference } from '../server/domain/reference.ts'
import { usage } from './exit.ts'
import { inert } from './format/inert.ts'
import type { Session } from './session.ts'

/** What one request takes; restated, as the API's schema would load zod. A test compares them. */
export const TARGETS_MAX = 200
const STDIN_BYTES_MAX = 1_000_000

/** References from arguments, and from stdin where one of them is `-`. Globs stay as they were typed. */
export async function targetsOf(session: Session, words: readonly string[]): Promise<string[]> {
  const targets: string[] = []
  for (const word of words) {
    if (word !== '-') targets.push(word)
    else {
      if (session.io.stdin.isTTY) throw usage('- reads references from a pipe: sluice list queues -o name | sluice …')
      targets.push(...(await session.io.stdin.readAll(STDIN_BYTES_MAX)).split(/\s+/).filter((line) => line !== ''))
    }
  }
  const unique = [...new Set(targets)]
  if (unique.length === 0) throw usage('nothing is named: there was no reference in the pipe')
  if (unique.length > TARGETS_MAX) {
    throw usage(`${unique.length} targets: at most ${TARGETS_MAX} at once, or a glob such as redis-main/*-mail`)
  }
  for (const target of unique) {
    if (parseReference(target) === null) {
      throw usage(
        `"${inert(target)}" is not a reference: write source/queue, job-class/source/name, tag/source/name or run/source/id`,
      )
    }
  }
  return unique
}

/** Throws a usage failure where one queue has to be named and this is none. */
export function requireQueue(text: string): Reference {
  const reference = parseReference(text)
  if (reference?.kind !== 'queue') throw usage(`"${inert(text)}" is not a queue: write source/name`)
  return reference
}

/** Whether a typed target, glob or not, names this reference. */
export function names(typed: string, reference: string): boolean {
  if (typed.includes('*')) {
    const pattern = typed
      .replace(/^queue\//, '')
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')
    return new RegExp(`^${pattern}$`).test(reference)
  }
  const parsed = parseReference(typed)
  return parsed !== null && formatReference(parsed) === reference
}
