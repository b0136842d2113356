import { isDeepStrictEqual } from 'node:util'
import { OpsError } from '../../../domain/errors.ts'
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
  /** What survives JSON and compares in the database as it does here: no Date (it has no µs), no bigint (give text). */
  readonly keyOf: (item: Item) => Key
  /** Items in a page, from 1. (Default: 500) */
  readonly limit?: number
}

/**
 * Items of pages read by key, with any driver. The cursor is the key of the last finished item. A page shorter than the
 * limit is the last one.
 *
 *     items: (_, cursor: string | null) =>
 *       fromPages({
 *         read: async (after, limit) =>
 *           (await pg.query('SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT $2', [after ?? '0', limit])).rows,
 *         keyOf: ({ id }) => id, // pg gives a bigint as text: so it stays exact
 *       }, cursor)
 *
 * A key of several columns is an array; the row comparison uses an index on all of them, in this order. A time goes as
 * text, which keeps its µs:
 *
 *     SELECT *, made_at::text AS at FROM orders
 *     WHERE $1::timestamptz IS NULL OR (made_at, id) > ($1::timestamptz, $2::bigint) ORDER BY made_at, id LIMIT $3
 *
 * with `keyOf: ({ at, id }) => [at, id]`. Rows deleted before they are reached do not come; rows added after the cursor
 * do. Rows that appear *before* it do not: also those with a lower number of a sequence that are committed later, so
 * leave out what is younger than the longest transaction. Nulls in a key come never.
 *
 * Throws OpsError `invalid` when a full page ends at the key that it was to begin after: `read` did not look at it.
 */
export async function* fromPages<Item, Key>(
  { read, keyOf, limit = 500 }: Pages<Item, Key>,
  cursor: Key | null,
): AsyncGenerator<Entry<Item, Key>> {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`pages: expected a limit from 1, got ${limit}`)
  let after = cursor
  for (;;) {
    const before = after
    const page = await read(after, limit)
    for (const item of page) {
      after = keyOf(item)
      yield { item, cursor: after }
    }
    if (page.length < limit) return
    if (isDeepStrictEqual(after, before)) {
      throw new OpsError('invalid', 'fromPages', 'a page ends at the key that it was to begin after; see `read`')
    }
  }
}
