import { asObject, asText, type JsonObject } from './json.ts'

export interface Exchange {
  /** `direct`, `fanout`, `topic`, `headers`, or the word of a plug-in. */
  readonly type: string
  readonly bindings: readonly Binding[]
}

export interface Binding {
  readonly destination: string
  readonly isQueue: boolean
  readonly routingKey: string
}

export function readBinding(row: JsonObject): Binding | null {
  const destination = asText(row.destination)
  if (destination === null) return null
  return { destination, isQueue: row.destination_type !== 'exchange', routingKey: asText(row.routing_key) ?? '' }
}

export function readExchange(answer: unknown, bindings: readonly JsonObject[]): Exchange | null {
  const type = asText(asObject(answer)?.type)
  if (type === null) return null
  return { type, bindings: bindings.map(readBinding).filter((one) => one !== null) }
}

/**
 * Where a message with this key may go. Without a key, or through an exchange that does not route by it, every
 * destination may be meant.
 */
export function candidatesOf({ type, bindings }: Exchange, key: string | null): readonly Binding[] {
  if (key === null) return bindings
  if (type === 'direct') return bindings.filter(({ routingKey }) => routingKey === key)
  if (type === 'topic') return bindings.filter(({ routingKey }) => matchesTopic(routingKey, key))
  return bindings
}

/** Topic patterns: words between dots, `*` one word, `#` any number. Linear in pattern × key, whatever the pattern. */
export function matchesTopic(pattern: string, key: string): boolean {
  const words = key === '' ? [] : key.split('.')
  // reached[n] = the pattern so far can have eaten the first n words
  let reached = words.map(() => false)
  reached = [true, ...reached]
  for (const part of pattern === '' ? [] : pattern.split('.')) {
    const next = reached.map(() => false)
    for (let n = 0; n <= words.length; n++) {
      if (part === '#') next[n] = reached[n] === true || (n > 0 && next[n - 1] === true)
      else if (n > 0) next[n] = reached[n - 1] === true && (part === '*' || part === words[n - 1])
    }
    reached = next
  }
  return reached[words.length] === true
}
