/**
 * Rows never move under the pointer. While a list is held its places keep their rows; values change in place, a row
 * that left keeps its last values, and new rows wait.
 */
export interface HeldOrder<Row> {
  /** Place in the list → which row stands there. */
  readonly places: ReadonlyMap<number, string>
  /** The last known values of every row that has a place. */
  readonly rows: ReadonlyMap<string, Row>
}

export interface Shown<Row> {
  readonly rows: ReadonlyMap<number, Row>
  /** Places that would show another row if the list were not held. */
  readonly changes: number
  /** References of shown rows that are no longer among the fresh ones: their values are old. */
  readonly gone: ReadonlySet<string>
  /** To be given back the next time. */
  readonly held: HeldOrder<Row>
}

/** `before` null: nothing is held, and the order is the fresh one. */
export function holdOrder<Row>(
  before: HeldOrder<Row> | null,
  fresh: ReadonlyMap<number, Row>,
  refOf: (row: Row) => string,
): Shown<Row> {
  const values = new Map<string, Row>(before?.rows)
  const freshRefs = new Set<string>()
  for (const row of fresh.values()) {
    values.set(refOf(row), row)
    freshRefs.add(refOf(row))
  }
  const places = new Map<number, string>(before?.places)
  const placed = new Set(places.values())
  let changes = 0
  const empty: number[] = []
  for (const [place, row] of fresh) {
    const held = places.get(place)
    const ref = refOf(row)
    if (held !== undefined) changes += held === ref ? 0 : 1
    else if (placed.has(ref)) empty.push(place)
    // A row scrolled into view for the first time takes its place.
    else {
      places.set(place, ref)
      placed.add(ref)
    }
  }
  // Its row already stands elsewhere: one that has no place yet stands here, so that no place waits for ever.
  const waiting = [...freshRefs].filter((ref) => !placed.has(ref))
  for (const place of empty) {
    const ref = waiting.shift()
    if (ref !== undefined) places.set(place, ref)
  }
  const rows = new Map<number, Row>()
  const kept = new Map<string, Row>()
  const gone = new Set<string>()
  for (const [place, ref] of places) {
    const row = values.get(ref)
    if (row === undefined) continue
    rows.set(place, row)
    kept.set(ref, row)
    if (!freshRefs.has(ref)) gone.add(ref)
  }
  return { rows, changes, gone, held: { places, rows: kept } }
}
