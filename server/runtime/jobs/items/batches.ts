import type { Entry, Items } from '../iterating.ts'

/**
 * Items in arrays of `size` (the last one may be shorter), in order. The cursor is that of the last item in the array;
 * `done` and `total` of the job count arrays. When the items throw, what they gave before comes first, as a shorter
 * array: so items that are stopped again and again before an array is full still get on.
 * @param size from 1
 */
export async function* inBatches<Item, Cursor>(
  items: Items<Item, Cursor> | Promise<Items<Item, Cursor>>,
  size: number,
): AsyncGenerator<Entry<readonly Item[], Cursor>> {
  if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`batch: expected an integer from 1, got ${size}`)
  let batch: Item[] = []
  let last: Entry<Item, Cursor> | null = null
  let failure: { readonly error: unknown } | null = null
  const entries = untilFailure(await items, (error) => {
    failure = { error }
  })
  for await (const entry of entries) {
    batch.push(entry.item)
    last = entry
    if (batch.length < size) continue
    yield { item: batch, cursor: entry.cursor }
    batch = []
  }
  if (batch.length > 0 && last !== null) yield { item: batch, cursor: last.cursor }
  if (failure !== null) throw (failure as { readonly error: unknown }).error
}

/** What is thrown by the items, and only that, ends them and is told; what the consumer does passes through. */
async function* untilFailure<Value>(
  values: Iterable<Value> | AsyncIterable<Value>,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Value> {
  try {
    yield* values
  } catch (error) {
    onFailure(error)
  }
}
