import type { Freshness, Severity } from '../../server/api/freshness.ts'
import type { CellContext } from '../columns/column.ts'
import { sourceTrouble } from '../columns/source-columns.ts'
import { formatAge } from '../format/figures.ts'
import { SEVERITY_TONE } from '../format/glyphs.ts'
import { inert } from '../format/inert.ts'
import type { Line } from '../format/line.ts'

/** What it is, and why it stands as it does: `▲ redis-main/emails   bullmq   as of 2s`, then the reasons. */
export function headLines(
  row: { ref: string; severity: Severity; reasons: readonly string[]; source: string; observedAtMs: number | null },
  { fresh, about, context }: { fresh: Freshness; about: string; context: CellContext },
): Line[] {
  const { glyphs, nowMs } = context
  const tone = SEVERITY_TONE[row.severity]
  const age = row.observedAtMs === null ? 'never read' : `as of ${formatAge(Math.max(0, nowMs - row.observedAtMs))}`
  const source = fresh.sources.find((one) => one.source === row.source)
  const trouble = source ? sourceTrouble(source, nowMs) : null
  const lines: Line[] = [
    [
      { text: `${glyphs.severity[row.severity]} `, tone },
      { text: inert(row.ref), tone: 'strong' },
      { text: `   ${inert(about)}   ${age}`, tone: 'dim' },
    ],
    ...row.reasons.map((reason): Line => [{ text: '  ' }, { text: inert(reason), tone }]),
  ]
  if (row.severity === 'fine' && row.reasons.length === 0) lines.push([{ text: '  no problem seen', tone: 'dim' }])
  if (row.severity === 'unknown')
    lines.push([{ text: '  the figures below are old: they are not known now', tone: 'unknown' }])
  if (trouble !== null) lines.push([{ text: `  ${inert(row.source)}: ${trouble}`, tone: 'unknown' }])
  return lines
}
