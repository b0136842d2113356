/**
 * Characters of one cell and one UTF-16 unit each: ASCII, the letters of Latin, Greek and Cyrillic, and our own marks.
 * Nearly all names are made of these, and need no table.
 */
const NARROW = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f–—…‖→−─│■□▁-█▲▴▸▾○●◌◐✓✖]*$/

let measure: ((text: string) => number) | null = null

/** True when the width of some of this text is only known from the tables of Unicode. */
export function needsTables(text: string): boolean {
  return !NARROW.test(text.replaceAll('\n', ''))
}

/** Loads the tables: 25 ms, a third of what Node takes to start, so only when an answer has such letters. */
export async function loadTables(): Promise<void> {
  measure ??= (await import('string-width')).default
}

/** Cells that a text takes in a terminal. Before the tables are loaded, other scripts count a cell a character. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length
  return measure ? measure(text) : [...text].length
}
