export interface Referenced {
  readonly ref: string
}

/**
 * An order that is held while somebody moves in it: rows keep their places, values change in place, rows that left
 * keep their last values, and new ones wait.
 */
export interface HeldOrder {
  /** Offset of the window that it was taken from. */
  readonly offset: number
  readonly refs: readonly string[]
  readonly rows: ReadonlyMap<string, Referenced>
  /** Rows that would appear, leave or change places if it were sorted now. */
  readonly changes: number
}

export function holdOrder(offset: number, rows: readonly Referenced[]): HeldOrder {
  return { offset, refs: rows.map(({ ref }) => ref), rows: new Map(rows.map((row) => [row.ref, row])), changes: 0 }
}

/** The held order with the newest values of its rows. */
export function refreshHeld(held: HeldOrder, rows: readonly Referenced[]): HeldOrder {
  const fresh = new Map(rows.map((row) => [row.ref, row]))
  const known = new Map(held.refs.flatMap((ref) => pairOf(ref, fresh.get(ref) ?? held.rows.get(ref))))
  return {
    ...held,
    rows: known,
    changes: countChanges(
      held.refs,
      rows.map(({ ref }) => ref),
    ),
  }
}

export function heldRows(held: HeldOrder): readonly Referenced[] {
  return held.refs.flatMap((ref) => held.rows.get(ref) ?? [])
}

/** Rows that come or go, and as few moves as turn the one order into the other. */
export function countChanges(before: readonly string[], after: readonly string[]): number {
  const places = new Map(after.map((ref, at) => [ref, at]))
  const kept = before.flatMap((ref) => places.get(ref) ?? [])
  const came = after.length - kept.length
  const left = before.length - kept.length
  // A row that pushes another out of the window is one change, not two.
  return Math.max(came, left) + kept.length - longestRising(kept)
}

/** Length of the longest rising subsequence: what need not move (patience sorting, n log n). */
function longestRising(values: readonly number[]): number {
  const tails: number[] = []
  for (const value of values) {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((tails[middle] ?? 0) < value) low = middle + 1
      else high = middle
    }
    tails[low] = value
  }
  return tails.length
}

function pairOf(ref: string, row: Referenced | undefined): [string, Referenced][] {
  return row ? [[ref, row]] : []
}
