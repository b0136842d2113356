import { isDeepStrictEqual } from 'node:util'
import type { Entry, Items } from '../iterating.ts'

/**
 * Where a nested iteration stands: the last outer item that is finished (null = none yet), the one in hand, and where
 * its inner items stand. The cursor of an inner `nested` is such a triple itself.
 */
export type NestedCursor<OuterCursor, InnerCursor> = readonly [
  after: OuterCursor | null,
  at: OuterCursor,
  inner: InnerCursor,
]

export interface Nesting<Outer, OuterCursor, Inner, InnerCursor> {
  /** The outer items after a cursor; null = from the start. */
  readonly outer: (cursor: OuterCursor | null) => Items<Outer, OuterCursor> | Promise<Items<Outer, OuterCursor>>
  /** The inner items of one outer item, after a cursor. They may be none. */
  readonly inner: (
    item: Outer,
    cursor: InnerCursor | null,
  ) => Items<Inner, InnerCursor> | Promise<Items<Inner, InnerCursor>>
}

/**
 * The inner items of all outer items; it resumes in the middle of an inner one. Any builders, of either kind; for three
 * levels let `inner` be `nested` again. Let `inner` put into its items what `each` needs of the outer one.
 *
 *     items: (_, cursor: NestedCursor<number, number> | null) =>
 *       nested({ outer: (at) => fromPages(shops, at), inner: (shop, at) => fromPages(ordersOf(shop), at) }, cursor)
 *
 * An outer item that vanished while its inner ones were in hand is passed over, and the next one begins at its first:
 * so the cursor names the outer item in hand, not only the one before it. Outer items without inner ones move the
 * cursor only with the next inner item: many of them in a row are asked again after a stop.
 */
export async function* nested<Outer, OuterCursor, Inner, InnerCursor>(
  { outer, inner }: Nesting<Outer, OuterCursor, Inner, InnerCursor>,
  cursor: NestedCursor<OuterCursor, InnerCursor> | null,
): AsyncGenerator<Entry<Inner, NestedCursor<OuterCursor, InnerCursor>>> {
  let resumed = cursor
  let after = cursor === null ? null : cursor[0]
  for await (const { item, cursor: at } of await outer(after)) {
    const isInHand = resumed !== null && isDeepStrictEqual(resumed[1], at)
    const start = resumed !== null && isInHand ? resumed[2] : null
    resumed = null
    for await (const entry of await inner(item, start)) {
      yield { item: entry.item, cursor: [after, at, entry.cursor] }
    }
    after = at
  }
}
