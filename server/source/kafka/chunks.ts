/** The list in pieces of at most `size`, in order. */
export function chunksOf<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const out: (readonly T[])[] = []
  for (let at = 0; at < list.length; at += size) out.push(list.slice(at, at + size))
  return out
}

/** The list by a key of its elements, in order. */
export function groupedBy<T, K>(list: Iterable<T>, keyOf: (element: T) => K): ReadonlyMap<K, readonly T[]> {
  const out = new Map<K, T[]>()
  for (const each of list) {
    const key = keyOf(each)
    const mine = out.get(key)
    if (mine) mine.push(each)
    else out.set(key, [each])
  }
  return out
}
