/**
 * A job as it lies in `jobs`: four lines and the arguments.
 *
 *     <enqueuedAtMs> LF <label> LF <kind> LF <version>[ <trace>] LF <arguments as JSON>
 *
 * The label is the name and the tags, between single spaces: neither holds white space.
 * Scripts read the lines by pattern and never decode the arguments: re-encoding JSON in Lua would change it.
 */
export interface JobText {
  /** By the clock of Redis, Unix ms. */
  readonly enqueuedAtMs: number
  readonly name: string
  /** At most `TAGS_MAX`. */
  readonly tags: readonly string[]
  readonly kind: JobKind
  /** Version of the definition that wrote the arguments. */
  readonly version: number
  /** W3C `traceparent` of who enqueued it; null = none. */
  readonly trace: string | null
  readonly argsJson: string
}

export const TAGS_MAX = 8
export const TAG_LENGTH_MAX = 64

/** `plain`: one unit. `iterating`: has items, a cursor and a run. */
export type JobKind = 'plain' | 'iterating'

/** What the producer sends; the script puts the first line before it. */
export function encodeJob({ name, tags, kind, version, trace, argsJson }: Omit<JobText, 'enqueuedAtMs'>): string {
  return `${[name, ...tags].join(' ')}\n${kind}\n${trace === null ? version : `${version} ${trace}`}\n${argsJson}`
}

/** Null when the text is not one of ours. */
export function parseJob(text: string): JobText | null {
  const first = text.indexOf('\n')
  const second = text.indexOf('\n', first + 1)
  const third = text.indexOf('\n', second + 1)
  const fourth = text.indexOf('\n', third + 1)
  if (first < 1 || second < 0 || third < 0 || fourth < 0) return null
  const enqueuedAtMs = Number(text.slice(0, first))
  const kind = text.slice(second + 1, third)
  const [versionText = '', trace = null] = text.slice(third + 1, fourth).split(' ')
  const version = Number(versionText)
  if (!Number.isSafeInteger(enqueuedAtMs) || !Number.isSafeInteger(version)) return null
  if (kind !== 'plain' && kind !== 'iterating') return null
  const [name = '', ...tags] = text.slice(first + 1, second).split(' ')
  return { enqueuedAtMs, name, tags, kind, version, trace, argsJson: text.slice(fourth + 1) }
}
