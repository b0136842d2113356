/** What a list may be narrowed, ordered and cut by. Linear in the rows: filters are substrings or globs. */
export interface WindowQuery {
  readonly filter?: string | undefined
  readonly sort?: string | undefined
  readonly offset: number
  readonly limit: number
}

export interface Window<T> {
  readonly total: number
  readonly offset: number
  readonly items: T[]
}

/** Filters by reference, sorts by a field (`-` in front: descending, unknowns always last) and cuts. */
export function windowOf<T extends { ref: string }>(
  rows: readonly T[],
  query: WindowQuery,
  keyOf: (row: T, field: string) => unknown,
): Window<T> {
  const matches = query.filter ? matcher(query.filter) : null
  const kept = matches ? rows.filter(({ ref }) => matches(ref)) : [...rows]
  const descending = query.sort?.startsWith('-') ?? false
  const field = descending ? query.sort?.slice(1) : query.sort
  if (field) {
    const keyed = kept.map((row) => ({ row, key: keyOf(row, field) }))
    keyed.sort((a, b) => compare(a.key, b.key, descending) || (a.row.ref < b.row.ref ? -1 : 1))
    kept.splice(0, kept.length, ...keyed.map(({ row }) => row))
  }
  return { total: kept.length, offset: query.offset, items: kept.slice(query.offset, query.offset + query.limit) }
}

/** A glob when the text holds `*`, else a substring; both ignore case, unless told not to. Never an expression: linear whatever is typed. */
export function matcher(filter: string, { ignoreCase = true } = {}): (ref: string) => boolean {
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text)
  const parts = fold(filter).split('*')
  const [first = ''] = parts
  if (parts.length === 1) return (ref) => fold(ref).includes(first)
  const last = parts[parts.length - 1] ?? ''
  const middle = parts.slice(1, -1).filter((part) => part !== '')
  return (ref) => {
    const text = fold(ref)
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
    let from = first.length
    for (const part of middle) {
      const at = text.indexOf(part, from)
      if (at < 0) return false
      from = at + part.length
    }
    return from <= text.length - last.length
  }
}

function compare(a: unknown, b: unknown, descending: boolean): number {
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1
  if (b === null || b === undefined) return -1
  const order = a < b ? -1 : a > b ? 1 : 0
  return descending ? -order : order
}
