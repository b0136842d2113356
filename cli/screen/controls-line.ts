import type { ControlRow } from '../../server/api/control.ts'
import { orderWords, phaseGlyph } from '../format/control-words.ts'
import { formatCountdown } from '../format/figures.ts'
import { inert } from '../format/inert.ts'
import { cutLine, type Line, lineWidth, type Segment } from '../format/line.ts'
import type { HeaderLayout } from './header.ts'
import { controlsNow, shownData, type TopModel } from './model.ts'

/** The end is near: said by colour, and the time stands beside it. */
const ENDING_MS = 5 * 60_000

/** Whether there is anything to say about controls: the line is not kept empty. */
export function hasBar(model: TopModel): boolean {
  const body = controlsNow(shownData(model))
  return body !== null && (body.items.length > 0 || Boolean(body.fault))
}

/** `‖ emails 07:12 ana   ◐ bulk-mail 5/s 12:40 ben   2 paused elsewhere`: what a person has closed, until when. */
export function controlsLine(model: TopModel, { width, glyphs, nowMs }: HeaderLayout): Line {
  const body = controlsNow(shownData(model))
  if (!body) return []
  if (body.fault) return [{ text: `${glyphs.severity.critical} ${inert(body.fault)}`, tone: 'critical' }]
  // Those that do not hold first: they are what has to be seen.
  const rows = [...body.items].sort((a, b) => Number(isBad(b)) - Number(isBad(a)))
  const elsewhere = body.elsewhere.length
  const chips = rows.map((row) => chip(row, { glyphs, nowMs }))
  for (let shown = chips.length; shown > 0; shown--) {
    const left = body.total - shown
    const tail = [left > 0 ? `and ${left} more (8)` : '', elsewhere > 0 ? `${elsewhere} paused elsewhere` : '']
    const line = [
      ...chips.slice(0, shown),
      ...tail.filter((text) => text !== '').map((text): Line => [{ text, tone: 'dim' }]),
    ]
    const spaced = line.flatMap((part, at) => (at === 0 ? part : [{ text: '   ' }, ...part]))
    if (shown === 1 || lineWidth(spaced) <= width) return cutLine(spaced, width, glyphs.ellipsis)
  }
  return []
}

function chip(row: ControlRow, { glyphs, nowMs }: Pick<HeaderLayout, 'glyphs' | 'nowMs'>): Segment[] {
  const leftMs = row.expiresAtMs - nowMs
  const words = orderWords(row.order).replace('at most ', '')
  const name = row.target.replace(`${row.source}/`, '')
  const tone = isBad(row) ? 'critical' : 'paused'
  const state = row.phase === 'not-effective' ? ' not effective' : row.phase === 'missing' ? ' missing' : ''
  return [
    {
      text: `${phaseGlyph(row.phase, row.order, glyphs)} ${inert(name)}${words === '' ? '' : ` ${words}`}${state}`,
      tone,
    },
    { text: ` ${formatCountdown(leftMs)}`, tone: leftMs <= ENDING_MS ? 'warning' : 'dim' },
    { text: ` ${inert(row.actor)}`, tone: 'dim' },
  ]
}

function isBad({ phase }: ControlRow): boolean {
  return phase === 'not-effective' || phase === 'missing' || phase === 'unknown'
}
