/**
 * The reference form `[kind/]source/name`, the same in arguments, JSON, URLs and screens.
 * `queue` is the default kind. A RabbitMQ queue outside vhost `/` is `source/vhost/name`. A part that holds `/`, `%`,
 * `*`, white space or a control character is percent-encoded; two systems that share a name in one source are told
 * apart as `source/system:name`. A saga is `saga/source/queue/id`. A URL encodes the whole tail once more.
 */
export const REFERENCE_KINDS = ['queue', 'topic', 'group', 'run', 'worker', 'job-class', 'tag', 'saga'] as const
export type ReferenceKind = (typeof REFERENCE_KINDS)[number]

export interface Reference {
  readonly kind: ReferenceKind
  readonly source: string
  /** Everything after the source, parts encoded and joined by `/`: the name's identity within (kind, source). */
  readonly tail: string
}

/** `emails`, `billing/audit`, `a%2Fb`. */
export function formatTail(parts: readonly string[]): string {
  return parts.map((part) => (ESCAPED.test(part) ? [...part].map(escapeChar).join('') : part)).join('/')
}

/** `redis-main/emails`, `group/kafka-eu/orders`. */
export function formatReference({ kind, source, tail }: Reference): string {
  return kind === 'queue' ? `${source}/${tail}` : `${kind}/${source}/${tail}`
}

/** Reads a reference; null when it is not one (no source, no name, or a broken escape). */
export function parseReference(text: string): Reference | null {
  const parts = text.split('/')
  const kind = REFERENCE_KINDS.find((word) => word === parts[0])
  const [source, ...rest] = kind ? parts.slice(1) : parts
  if (!source || rest.length === 0 || rest.some((part) => part === '')) return null
  try {
    return { kind: kind ?? 'queue', source, tail: formatTail(rest.map(decodeURIComponent)) }
  } catch {
    return null
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
const ESCAPED = /[/%*\s\u0000-\u001f\u007f]/

function escapeChar(char: string): string {
  return ESCAPED.test(char) ? encodeURIComponent(char) : char
}
