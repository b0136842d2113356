/** V8 copies what is shorter; longer slices point into the text they were cut from, and keep all of it alive. */
const SLICE_LENGTH_MIN = 13
/** A part up to this is copied, even if it is most of the text, which may itself be a slice. */
const COPIED_LENGTH_MIN = 1_024

/** A part of a text, for keeping: it does not keep alive a text that is much longer than itself. */
export function cut(text: string, start: number, end: number): string {
  const length = end - start
  if (length < SLICE_LENGTH_MIN || length === text.length) return text.slice(start, end)
  if (length > COPIED_LENGTH_MIN && 2 * length > text.length) return text.slice(start, end)
  // Putting two halves together and looking into the whole makes V8 copy both: half as dear as the way over a Buffer.
  const middle = start + (length >> 1)
  const copy = text.slice(start, middle) + text.slice(middle, end)
  copy.charCodeAt(0)
  return copy
}
