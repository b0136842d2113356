import type { Severity } from '../../server/api/freshness.ts'
import { formatAge, formatInstant } from '../format/figures.ts'
import { type Glyphs, SEVERITY_SHORT, SEVERITY_TONE } from '../format/glyphs.ts'
import { inert } from '../format/inert.ts'
import type { Segment, Tone } from '../format/line.ts'

/** What a cell needs besides its row. */
export interface CellContext {
  /** For pipes: all digits, whole words, no glyphs. */
  readonly exact: boolean
  /** The server's clock now, Unix ms. */
  readonly nowMs: number
  readonly glyphs: Glyphs
  /** Cells for the last hour; 12 when it is not said. */
  readonly trendCells?: number
}

/** One column of a kind of row: the same for `list`, `--fields` and `top`. */
export interface Column<Row> {
  /** What `--fields` calls it: the name in the API's row where there is one. */
  readonly field: string
  readonly head: string
  readonly align?: 'left' | 'right'
  /** In every table, only with `-o wide`, or only when asked for by `--fields`. */
  readonly show: 'always' | 'wide' | 'asked'
  /** Left out of narrow terminals, the highest first; without it never. */
  readonly drop?: number
  /** Takes the space that is left, and is cut when there is none. */
  readonly flex?: boolean
  /** Null = cannot be told, shown as a dash. Text from brokers goes through `inert`. */
  readonly cell: (row: Row, context: CellContext) => Segment | string | null
}

/** A row whose source is stale is not judged and not to be read as now. */
export function isUnknownRow(row: unknown): boolean {
  return typeof row === 'object' && row !== null && 'severity' in row && row.severity === 'unknown'
}

/** Glyph and word: `✖ crit`; for a stale row its age instead, `◌ 14m old`; in pipes the whole word. */
export function severityCell(
  row: { severity: Severity; observedAtMs?: number | null },
  { exact, glyphs, nowMs }: CellContext,
): Segment {
  const { severity, observedAtMs } = row
  const tone = SEVERITY_TONE[severity]
  if (exact) return { text: severity, tone }
  const age = severity === 'unknown' && observedAtMs ? ageInOneUnit(nowMs - observedAtMs) : null
  const word = age === null ? SEVERITY_SHORT[severity] : `${age} old`
  return { text: `${glyphs.severity[severity]} ${word}`, tone }
}

export function pausedCell(pausedBy: 'nobody' | 'sluice' | 'elsewhere', { exact, glyphs }: CellContext): Segment {
  if (exact) return { text: pausedBy === 'nobody' ? 'no' : pausedBy }
  if (pausedBy === 'nobody') return { text: glyphs.none, tone: 'dim' }
  return { text: `${glyphs.paused} ${pausedBy}`, tone: 'paused' }
}

/** A figure: null stays null, zero is quiet. */
export function figureCell(text: string | null, estimated = false): Segment | null {
  if (text === null) return null
  return {
    text: estimated && text !== '0' ? `~${text}` : text,
    ...(text === '0' ? { tone: 'dim' } : {}),
  }
}

/** "Does not apply" in the alphabet in use. */
export function noneCell({ glyphs }: CellContext): Segment {
  return { text: glyphs.none, tone: 'dim' }
}

export function textCell(text: string | null, tone?: Tone): Segment | null {
  return text === null ? null : { text: inert(text), tone }
}

export function wordsCell(words: readonly string[], context: CellContext): Segment {
  return words.length === 0 ? noneCell(context) : { text: inert(words.join('; ')) }
}

/** Age of a row or a beat, by the server's clock. */
export function ageCell(atMs: number | null, { nowMs }: CellContext): Segment | null {
  const text = atMs === null ? null : formatAge(Math.max(0, nowMs - atMs))
  return text === null ? null : { text, tone: 'dim' }
}

export function instantCell(atMs: number | null): Segment | null {
  const text = formatInstant(atMs)
  return text === null ? null : { text }
}

/** `3s`, `14m`, `2h`, `5d`. */
function ageInOneUnit(ms: number): string {
  return (formatAge(Math.max(0, ms)) ?? '').replace(/^(<?\d+[a-z]).*$/, '$1')
}
