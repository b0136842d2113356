import type { Glyphs } from './glyphs.ts'

/**
 * Points, oldest first, as `cells` marks scaled to their own maximum; a cell shows the highest of its points, and the
 * hatch where none of them was observed.
 */
export function sparkline(points: readonly (number | null)[], cells: number, glyphs: Glyphs): string {
  if (points.length === 0) return glyphs.hatch.repeat(cells)
  const marks = [...glyphs.spark]
  const buckets = Array.from({ length: cells }, (_, cell) => {
    const from = Math.floor((cell * points.length) / cells)
    const to = Math.max(from + 1, Math.floor(((cell + 1) * points.length) / cells))
    const known = points.slice(from, to).filter((point) => point !== null)
    return known.length === 0 ? null : Math.max(...known)
  })
  const top = Math.max(0, ...buckets.filter((bucket) => bucket !== null))
  return buckets
    .map((bucket) => {
      if (bucket === null) return glyphs.hatch
      // Zero keeps the lowest mark for itself, so that "a little" is never drawn as nothing.
      if (bucket <= 0 || top === 0) return marks[0]
      return marks[Math.min(marks.length - 1, 1 + Math.floor((bucket / top) * (marks.length - 1.001)))]
    })
    .join('')
}
