import type { Glyphs } from '../format/glyphs.ts'
import { inert } from '../format/inert.ts'
import { cutLine, type Line, lineWidth, type Segment } from '../format/line.ts'
import { FORM_TITLE } from './form-lines.ts'
import { rowUnderCursor, shownRows, sortOf, type TopModel, viewOf } from './model.ts'
import { modeOf } from './step.ts'

/** A word or two in a rule. */
export interface Chip {
  readonly segments: Line
  /** Says that nothing special is set: the first to go where cells are few. */
  readonly isQuiet?: boolean
}

/** What the list shows and how: above it. */
export function topChips(model: TopModel, glyphs: Glyphs): readonly Chip[] {
  const mode = modeOf(model)
  if (model.form)
    return [strong(`${FORM_TITLE[model.form.kind]} ${inert(model.form.target)}`), quiet('Esc puts it away')]
  if (mode === 'help') return [strong('Keys')]
  if (model.pane) return [strong(inert(model.pane.ref)), quiet('Esc goes back')]
  return [
    titleChip(model),
    ...(model.marks.length > 0
      ? [{ segments: [{ text: `${model.marks.length} marked`, tone: 'accent' as const }] }]
      : []),
    ...waitingChips(model),
    ...(model.source ? [chosen('source', inert(model.source))] : []),
    { segments: [{ text: 'sort ', tone: 'dim' }, { text: sortWords(model, glyphs) }] },
    model.filter === '' ? quiet('filter none') : chosen('filter', inert(model.filter)),
    model.faults ? { segments: [{ text: 'faults only', tone: 'accent' }] } : quiet('all states'),
  ]
}

/** What is typed, else what was just said, else why the row under the cursor is as it is: below the list. */
export function bottomChips(model: TopModel): readonly Chip[] {
  if (model.typing !== null) {
    const cursor: Segment = { text: '_', tone: 'accent' }
    return [{ segments: [{ text: 'filter: ', tone: 'accent' }, { text: inert(model.typing) }, cursor] }]
  }
  if (model.said !== null) return [{ segments: [{ text: model.said, tone: 'notice' }] }]
  const row = modeOf(model) === 'list' ? rowUnderCursor(model) : null
  if (!row || !('reasons' in row) || !Array.isArray(row.reasons) || row.reasons.length === 0) return []
  const reasons = row.reasons.map((reason) => inert(String(reason))).join('; ')
  return [{ segments: [{ text: inert(row.ref), tone: 'strong' }, { text: `  ${reasons}` }] }]
}

/** `─ chip ── chip ─────`, over the whole width. */
export function ruleLine(chips: readonly Chip[], { columns, glyphs }: { columns: number; glyphs: Glyphs }): Line {
  let shown = chips
  while (lineWidth(chained(shown, glyphs)) > columns && shown.some(({ isQuiet }) => isQuiet)) {
    const last = shown.findLastIndex(({ isQuiet }) => isQuiet)
    shown = shown.filter((_, at) => at !== last)
  }
  const line = cutLine(chained(shown, glyphs), columns, glyphs.ellipsis)
  const left = columns - lineWidth(line)
  if (left <= 0) return line
  const gap = line.length > 0 ? ' ' : ''
  return [...line, { text: gap + glyphs.rule.repeat(left - gap.length), tone: 'dim' }]
}

function chained(chips: readonly Chip[], { rule }: Glyphs): Line {
  return chips.flatMap(({ segments }, at): Segment[] => [
    { text: at === 0 ? `${rule} ` : ` ${rule}${rule} `, tone: 'dim' },
    ...segments,
  ])
}

function titleChip(model: TopModel): Chip {
  const rows = shownRows(model)
  // Only the hot list is cut; the others are windows that scroll.
  const isCut = rows !== null && model.view === 0 && rows.items.length < rows.total
  const count = rows ? ` ${isCut ? `${rows.items.length} of ` : ''}${rows.total}` : ''
  return { segments: [{ text: viewOf(model).title, tone: 'strong' }, { text: count }] }
}

function waitingChips(model: TopModel): Chip[] {
  const rows = shownRows(model)
  if (rows && !rows.isCurrent) return [{ segments: [{ text: 'asking', tone: 'notice' }] }]
  const changes = model.held?.changes ?? 0
  if (changes > 0) {
    return [{ segments: [{ text: `${changes} order ${changes === 1 ? 'change' : 'changes'} (s)`, tone: 'notice' }] }]
  }
  return model.held ? [quiet('order held')] : []
}

/** The head of the column that is sorted by, in small letters, and which way. */
function sortWords(model: TopModel, glyphs: Glyphs): string {
  const { field, descending } = sortOf(model)
  if (field === 'pain') return descending ? 'worst last' : 'worst first'
  const found = viewOf(model).columns.find(({ sort }) => sort === field)
  const word = (found?.head ?? found?.column.head ?? field).toLowerCase()
  return `${word} ${descending ? glyphs.descending : glyphs.ascending}`
}

function strong(text: string): Chip {
  return { segments: [{ text, tone: 'strong' }] }
}

function quiet(text: string): Chip {
  return { segments: [{ text, tone: 'dim' }], isQuiet: true }
}

function chosen(word: string, text: string): Chip {
  return {
    segments: [
      { text: `${word} `, tone: 'dim' },
      { text, tone: 'accent' },
    ],
  }
}
