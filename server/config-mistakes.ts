import type { z } from 'zod'
import { nearest } from './domain/nearest.ts'
import { redactUrl } from './source/url.ts'

/** One thing wrong with the configuration: where, what was expected, what was found (null = nothing). */
export interface Mistake {
  readonly path: string
  readonly expected: string
  readonly found: string | null
}

/** `config sources.redis-main.url: expected redis://…, found "localhost"` */
export function formatMistake({ path, expected, found }: Mistake): string {
  return `config ${path}: expected ${expected}, found ${found ?? 'nothing'}`
}

/** Where in the whole tree a schema stands, and which keys it knows there. */
interface Place {
  readonly at: readonly PropertyKey[]
  readonly known: (path: readonly PropertyKey[]) => readonly string[]
}

/** A schema's complaint as mistakes that name the path, what was expected and what stands there. */
export function explain(issue: z.core.$ZodIssue, tree: unknown, { at, known }: Place): Mistake[] {
  const path = [...at, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const words = known(path)
      const guess = nearest(key, words)
      const expected = guess ? `a known key (did you mean "${guess}"?)` : `one of ${words.join(', ')}`
      return { path: [...path, key].join('.'), expected, found: `the unknown key "${key}"` }
    })
  }
  const found = issue.path.reduce<unknown>((value, key) => asRecord(value)[String(key)], tree)
  const isSecret = path.some((key) => /pass|secret|token/i.test(String(key)))
  const shown = found === undefined ? null : isSecret ? '***' : JSON.stringify(found)
  return [{ path: path.join('.'), expected: expectedOf(issue), found: shown && redactUrl(shown) }]
}

function expectedOf(issue: z.core.$ZodIssue): string {
  if (!/^Invalid|^Too/.test(issue.message)) return issue.message
  if (issue.code === 'invalid_type') return `a ${issue.expected}`
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`
  if (issue.code === 'too_small') return `at least ${issue.minimum}`
  if (issue.code === 'too_big') return `at most ${issue.maximum}`
  return issue.message
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
