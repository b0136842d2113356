import type { Freshness, SourceAge } from '../../server/api/freshness.ts'
import type { KindTotals, OverviewBody } from '../../server/api/overview.ts'
import { freshnessMark } from '../columns/source-columns.ts'
import { formatAge, formatClock, formatCount, formatDuration, formatRate } from '../format/figures.ts'
import { type Glyphs, SEVERITY_TONE } from '../format/glyphs.ts'
import { inert } from '../format/inert.ts'
import { cutLine, type Line, lineWidth, type Segment, spread } from '../format/line.ts'

export interface HeaderLayout {
  readonly width: number
  readonly glyphs: Glyphs
  /** The server's clock, Unix ms. */
  readonly nowMs: number
}

const KIND_WORD = { redis: 'Redis', rabbitmq: 'RabbitMQ', kafka: 'Kafka' } as const
/** How much is said of each kind, most first; the fullest that fits is taken. */
const DETAILS = ['full', 'amounts', 'short', 'ages'] as const

/** The verdict on the left, which comes first; link and clock on the right, and the server where there is room. */
export function verdictLine({ verdict }: OverviewBody, { link, server, layout }: VerdictRight): Line {
  const { width, glyphs, nowMs } = layout
  const left: Line = [
    { text: `${glyphs.severity[verdict.severity]} `, tone: SEVERITY_TONE[verdict.severity] },
    { text: inert(verdict.sentence), tone: verdict.severity === 'fine' ? 'fine' : 'strong' },
  ]
  const clock: Segment = { text: formatClock(nowMs), tone: 'dim' }
  const bar: Segment = { text: ` ${glyphs.bar} `, tone: 'dim' }
  const short: Line = [link, bar, clock]
  const full: Line = [{ text: inert(server), tone: 'dim' }, bar, ...short]
  const fits = lineWidth(left) + 2 + lineWidth(full) <= width
  return spread(left, fits ? full : short, width, glyphs.ellipsis)
}

interface VerdictRight {
  readonly link: Segment
  /** `127.0.0.1:7380` */
  readonly server: string
  readonly layout: HeaderLayout
}

/** Each kind of source with its age and its amounts: what is unknown is named, never summed. */
export function sourceLine({ kinds, sources }: OverviewBody, layout: HeaderLayout): Line {
  const { width, glyphs } = layout
  if (kinds.length === 0) return []
  for (const detail of DETAILS) {
    const parts = kinds.map((kind) => kindSegments(kind, { sources, detail, layout }))
    const line = parts.flatMap((part, index) =>
      index === 0 ? part : [{ text: ` ${glyphs.bar} `, tone: 'dim' as const }, ...part],
    )
    if (lineWidth(line) <= width || detail === 'ages') return cutLine(line, width, glyphs.ellipsis)
  }
  return []
}

interface KindInput {
  readonly sources: Freshness['sources']
  readonly detail: (typeof DETAILS)[number]
  readonly layout: HeaderLayout
}

function kindSegments(kind: KindTotals, { sources, detail, layout }: KindInput): Segment[] {
  const ages = sources.filter(({ source }) => kind.sources.includes(source))
  const known = ages.filter(({ source }) => !kind.unknown.includes(source))
  const segments: Segment[] = [{ text: `${KIND_WORD[kind.kind]} `, tone: 'strong' }]
  if (known.length > 0) segments.push(...ageSegments(known, layout))
  if (known.length > 0 && detail !== 'ages') segments.push({ text: ` ${amountWords(kind, detail, layout.glyphs)}` })
  if (known.length > 0 && detail === 'full') segments.push(...flowSegments(kind, layout.glyphs))
  for (const source of ages.filter(({ source: id }) => kind.unknown.includes(id))) {
    if (known.length > 0) segments.push({ text: ' + ', tone: 'dim' })
    segments.push(...unknownSegments(source, { isAlone: ages.length === 1, detail, layout }))
  }
  return segments
}

/** The oldest of the sources that are known: `● 2s`. */
function ageSegments(known: readonly SourceAge[], { glyphs, nowMs }: HeaderLayout): Segment[] {
  const oldest = known.reduce((a, b) => ((b.observedAtMs ?? 0) < (a.observedAtMs ?? 0) ? b : a))
  const mark = freshnessMark(known.some(({ state }) => state === 'late') ? 'late' : 'live', glyphs)
  const age = oldest.observedAtMs === null ? '' : ` ${formatAge(Math.max(0, nowMs - oldest.observedAtMs))}`
  return [mark, { text: age, tone: mark.tone === 'fine' ? 'dim' : mark.tone }]
}

/** `◌ rabbit-1 2m connection refused`: never a number. */
function unknownSegments(
  source: SourceAge,
  { isAlone, detail, layout: { glyphs, nowMs } }: { isAlone: boolean; detail: string; layout: HeaderLayout },
): Segment[] {
  const age = source.observedAtMs === null ? '' : ` ${formatAge(Math.max(0, nowMs - source.observedAtMs))}`
  const why =
    source.state === 'waiting'
      ? ' not read yet'
      : source.error && (detail === 'full' || detail === 'amounts')
        ? ` ${source.error.code}`
        : ' unknown'
  const name = isAlone ? '' : ` ${inert(source.source)}`
  return [{ text: `${glyphs.stale}${name}${age}${why}`, tone: 'warning' }]
}

function amountWords({ kind, amount, unit, worst }: KindTotals, detail: string, glyphs: Glyphs): string {
  const text = formatCount(amount) ?? glyphs.unknown
  const short = { jobs: 'jobs', messages: 'msgs', records: 'rec' }[unit]
  if (kind !== 'kafka') return `${text} ${short}`
  const wait = detail === 'short' ? null : formatDuration(worst?.waitMs ?? null)
  return `lag ${text} ${short}${wait === null ? '' : ` ${worst?.waitEstimated ? '~' : ''}${wait}`}`
}

function flowSegments({ inPerSecond, outPerSecond, paused, rebalancing }: KindTotals, glyphs: Glyphs): Segment[] {
  const rate = (value: number | null) => formatRate(value) ?? glyphs.unknown
  const segments: Segment[] = [{ text: `  in ${rate(inPerSecond)} out ${rate(outPerSecond)}`, tone: 'dim' }]
  if (paused > 0) segments.push({ text: `  ${paused} paused`, tone: 'paused' })
  if (rebalancing > 0) segments.push({ text: `  ${rebalancing} rebalancing`, tone: 'warning' })
  return segments
}
