import type { Entry } from '../iterating.ts'

/**
 * Items of an array. The cursor is the index of the last finished item: the array must not change between executions.
 */
export function* fromArray<Item>(items: readonly Item[], cursor: number | null): Generator<Entry<Item, number>> {
  for (let at = cursor === null ? 0 : cursor + 1; at < items.length; at += 1)
    yield { item: items[at] as Item, cursor: at }
}

/**
 * Whole numbers from `from` (included) to `to` (not included), by `step`. The cursor is the last finished number.
 * @param range.step may be negative, not 0 (Default: 1)
 */
export function* fromRange(
  { from, to, step = 1 }: { readonly from: number; readonly to: number; readonly step?: number },
  cursor: number | null,
): Generator<Entry<number, number>> {
  if (![from, to, step].every(Number.isSafeInteger) || step === 0) {
    throw new RangeError(`range: expected integers and a step other than 0, got ${from}, ${to}, ${step}`)
  }
  const first = cursor === null ? from : cursor + step
  for (let at = first; step > 0 ? at < to : at > to; at += step) yield { item: at, cursor: at }
}

/** How pages of a database are read. The order by the key must be total, and the key must not change. */
export interface Pages<Item, Key> {
  /** Items with a key after this one, in order; at most `limit`. `after` null = from the start. */
  readonly read: (after: Key | null, limit: number) => Promise<readonly Item[]> | readonly Item[]
  readonly keyOf: (item: Item) => Key
  /** Items in a page. (Default: 500) */
  readonly limit?: number
}

/**
 * Items of pages read by key (`WHERE key > after ORDER BY key LIMIT limit`), with any driver. The cursor is the key of
 * the last finished item. A page shorter than the limit is the last one.
 */
export async function* fromPages<Item, Key>(
  { read, keyOf, limit = 500 }: Pages<Item, Key>,
  cursor: Key | null,
): AsyncGenerator<Entry<Item, Key>> {
  let after = cursor
  for (;;) {
    const page = await read(after, limit)
    for (const item of page) {
      after = keyOf(item)
      yield { item, cursor: after }
    }
    if (page.length < limit) return
  }
}
