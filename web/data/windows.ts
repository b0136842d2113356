/** Rows in one followed window. The server allows 200; small ones keep the bytes of a second low. */
export const WINDOW_ROWS = 50
/** A tall screen sees at most three windows at once: 150 rows. */
const WINDOWS_MAX = 3

/**
 * Offsets of the windows that hold the rows from `first` to `last` (inclusive), each a multiple of WINDOW_ROWS.
 * An empty or unknown list still follows its first window, as that tells the total.
 */
export function windowsOver(first: number, last: number): number[] {
  const start = Math.max(0, Math.floor(first / WINDOW_ROWS))
  const end = Math.max(start, Math.floor(last / WINDOW_ROWS))
  const count = Math.min(WINDOWS_MAX, end - start + 1)
  return Array.from({ length: count }, (_, index) => (start + index) * WINDOW_ROWS)
}

/** The rows of several windows by their place in the whole list. */
export function rowsByPlace<Row>(
  windows: readonly { readonly offset: number; readonly items: readonly Row[] }[],
): Map<number, Row> {
  const rows = new Map<number, Row>()
  for (const { offset, items } of windows) items.forEach((row, index) => void rows.set(offset + index, row))
  return rows
}
