import type { Freshness } from '../../server/api/freshness.ts'
import type { CellContext } from '../columns/column.ts'
import { descriptionLines } from '../describe/description.ts'
import { describeBody } from '../describe/subject.ts'
import { inert } from '../format/inert.ts'
import { type Line, pad } from '../format/line.ts'
import { BINDINGS } from './keys.ts'
import { paneSubject, shownData, type TopModel } from './model.ts'

export interface PaneLayout {
  readonly columns: number
  readonly context: CellContext
  readonly room: number
}

/** Everything about one thing, scrolled. */
export function paneLines(model: TopModel, { columns, context, room }: PaneLayout): Line[] {
  const subject = paneSubject(model)
  const data = shownData(model)
  const problem = subject ? data.problems.get(subject.path) : 'this has no page of its own'
  if (problem !== undefined) return [[], [{ text: `  ${inert(problem)}`, tone: 'warning' }]]
  const body = subject ? (data.bodies.get(subject.path) as Freshness | undefined) : undefined
  if (!subject || !body) return [[], [{ text: '  reading…', tone: 'dim' }]]
  const lines = descriptionLines(describeBody(subject.kind, body, context), { ...context, width: columns })
  return scrolledTo(lines, model.pane?.scroll ?? 0, room)
}

/** The key table as a page. */
export function helpLines(scroll: number, { room }: PaneLayout): Line[] {
  const lines = BINDINGS.map(({ keys, shown, help }): Line => {
    const names = keys.map((key) => (key === shown.toLowerCase() ? shown : keyWord(key)))
    return [{ text: pad(`  ${names.join(' ')}`, 22, 'left'), tone: 'accent' }, { text: help }]
  })
  return scrolledTo([[], ...lines], scroll, room)
}

function scrolledTo(lines: readonly Line[], scroll: number, room: number): Line[] {
  const from = Math.max(0, Math.min(scroll, lines.length - room))
  const shown = lines.slice(from, from + room)
  const below = lines.length - from - shown.length
  if (below <= 0) return shown
  return [...shown.slice(0, -1), [{ text: `  ${below + 1} more lines: j or Space`, tone: 'dim' }]]
}

const WORDS: Readonly<Record<string, string>> = { ' ': 'Space', pagedown: 'PgDn', pageup: 'PgUp' }

function keyWord(key: string): string {
  if (key.startsWith('ctrl-')) return `Ctrl-${key.slice(5).toUpperCase()}`
  if (key.startsWith('shift-')) return `Shift-${keyWord(key.slice(6))}`
  return WORDS[key] ?? (key.length === 1 ? key : `${key[0]?.toUpperCase()}${key.slice(1)}`)
}
