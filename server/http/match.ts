import type { z } from '../api/zod.ts'
import { ProblemError } from './problem-error.ts'

/** Parameters of a path (`/queues/a/b`) by a route's pattern (`/queues/:source/:name`); null = another route. */
export function matchPath(pattern: string, pathname: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const given = pathname.split('/')
  if (wanted.length !== given.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? ''
    if (!part.startsWith(':')) {
      if (part !== text) return null
      continue
    }
    try {
      params[part.slice(1)] = decodeURIComponent(text)
    } catch {
      throw new ProblemError('bad-request', `The path holds a % that is not an escape: ${text.slice(0, 100)}`)
    }
  }
  return params
}

/** @throws ProblemError bad-request when a key stands twice */
export function queryOf(search: string): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [key, value] of new URLSearchParams(search)) {
    if (Object.hasOwn(query, key)) throw new ProblemError('bad-request', `The query has ${key} twice`)
    Object.defineProperty(query, key, { value, enumerable: true })
  }
  return query
}

/** @throws ProblemError bad-request with every complaint of the schema */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.') || where, message }))
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
  throw new ProblemError('bad-request', `The ${where} is not understood: ${detail}`, { errors })
}
