import { expect } from 'vitest'
import { encodeCursor } from '../../server/runtime/jobs/cursor.ts'
import type { Entry, Items } from '../../server/runtime/jobs/iterating.ts'

/**
 * Stops after every item in turn and starts anew at its cursor, as it comes back from JSON: the items before and after
 * must be all items, in order, none twice.
 * @param make the items after a cursor; started as many times as there are items
 * @returns all entries, in order
 */
export async function expectEveryStop<Item, Cursor>(
  make: (cursor: Cursor | null) => Items<Item, Cursor> | Promise<Items<Item, Cursor>>,
): Promise<readonly Entry<Item, Cursor>[]> {
  const all = await entriesOf(make(null))
  for (const [at, { cursor }] of all.entries()) {
    const stored: Cursor = JSON.parse(encodeCursor(cursor))
    const rest = await entriesOf(make(stored))
    expect(rest, `after item ${at}, at the cursor ${JSON.stringify(cursor)}`).toEqual(all.slice(at + 1))
  }
  return all
}

export async function entriesOf<Item, Cursor>(
  items: Items<Item, Cursor> | Promise<Items<Item, Cursor>>,
): Promise<readonly Entry<Item, Cursor>[]> {
  const entries: Entry<Item, Cursor>[] = []
  for await (const entry of await items) entries.push(entry)
  return entries
}
