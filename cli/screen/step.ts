import { inert } from '../format/inert.ts'
import { type Form, otherField, typedInForm, whyNot } from './form.ts'
import { actionOf, type Mode, type TopAction } from './keys.ts'
import {
  askedOf,
  clamped,
  holding,
  livingControls,
  released,
  rowUnderCursor,
  shownData,
  shownRows,
  sortOf,
  type TopModel,
  viewOf,
} from './model.ts'
import { withForm } from './open-form.ts'
import { holdOrder } from './order.ts'
import { naturalSort, type Sort, sortsOf } from './view.ts'
import { VIEWS } from './views.ts'

/** What a key asks of the world outside the model. */
export type Effect =
  | { readonly do: 'quit'; readonly interrupted: boolean }
  | { readonly do: 'copy'; readonly text: string }
  | { readonly do: 'redraw' }
  /** Asks for what stands in the form. */
  | { readonly do: 'apply'; readonly form: Form }

export interface Stepped {
  readonly model: TopModel
  readonly effect: Effect | null
}

const FILTER_CHARS_MAX = 256

export function modeOf(model: TopModel): Mode {
  if (model.form) return 'form'
  if (model.help) return 'help'
  return model.pane ? 'pane' : 'list'
}

/** One key pressed at a moment of our monotonic clock. */
export function step(model: TopModel, key: string, monotonicMs: number): Stepped {
  const quiet = { ...model, said: null }
  if (model.typing !== null) return key === 'ctrl-c' ? quit(quiet, true) : stay(typed(quiet, model.typing, key))
  const action = actionOf(key, modeOf(model))
  if (action) return act(quiet, action, monotonicMs)
  return stay(quiet.form ? { ...quiet, form: lookedAtAgain(quiet, typedInForm(quiet.form, key)) } : quiet)
}

function act(model: TopModel, action: TopAction, monotonicMs: number): Stepped {
  switch (action.do) {
    case 'quit':
      return quit(model, false)
    case 'interrupt':
      return quit(model, true)
    case 'redraw':
      return { model, effect: { do: 'redraw' } }
    case 'copy':
      return copy(model)
    case 'help':
      return stay({ ...model, help: model.help ? null : { scroll: 0 } })
    case 'back':
      return stay(back(model))
    case 'form':
      return stay(withForm(model, action.kind))
    case 'apply':
      return applied(model)
    case 'field':
      return stay(model.form ? { ...model, form: otherField(model.form) } : model)
    case 'type':
      return stay(model.form ? { ...model, form: lookedAtAgain(model, typedInForm(model.form, action.key)) } : model)
    case 'freeze':
      return stay(frozen(model, monotonicMs))
    case 'move':
      return stay(moved(model, action.by))
    case 'page':
      return stay(moved(model, action.by * Math.max(1, model.room - 1)))
    case 'edge':
      return stay(moved(model, action.to === 'first' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY))
    default:
      return stay(actOnList(model, action))
  }
}

function actOnList(model: TopModel, action: TopAction): TopModel {
  switch (action.do) {
    case 'open':
      return opened(model)
    case 'mark':
      return marked(model)
    case 'filter':
      return { ...model, typing: model.filter }
    case 'faults':
      return released({ ...model, faults: !model.faults })
    case 'resort':
      return resorted(model)
    case 'reverse':
      return sortsOf(viewOf(model)).length === 0
        ? unsorted(model)
        : sortedBy(model, { ...sortOf(model), descending: !sortOf(model).descending })
    case 'sort':
      return sortsOf(viewOf(model)).length === 0 ? unsorted(model) : sortedBy(model, neighbour(model, action.by))
    case 'view':
      return viewed(model, action.index)
    case 'next-view':
      return viewed(model, (model.view + action.by + VIEWS.length) % VIEWS.length)
    default:
      return model
  }
}

function stay(model: TopModel): Stepped {
  return { model, effect: null }
}

function quit(model: TopModel, interrupted: boolean): Stepped {
  return { model, effect: { do: 'quit', interrupted } }
}

/** A key while the filter is typed: it works at once, Enter keeps it, Esc puts it away. */
function typed(model: TopModel, text: string, key: string): TopModel {
  if (key === 'enter') return { ...model, typing: null }
  if (key === 'esc') return released({ ...model, typing: null, filter: '' })
  if (key === 'backspace') return retyped(model, [...text].slice(0, -1).join(''))
  if (key === 'ctrl-u') return retyped(model, '')
  if ([...key].length !== 1 || inert(key) !== key || text.length >= FILTER_CHARS_MAX) return model
  return retyped(model, text + key)
}

function retyped(model: TopModel, text: string): TopModel {
  return released({ ...model, typing: text, filter: text.trim() })
}

/** Asks for what the form says; while something is missing it says what. */
function applied(model: TopModel): Stepped {
  const { form } = model
  if (!form) return stay(model)
  if (form.problem !== null) return stay({ ...model, form: lookedAtAgain(model, form) })
  const why = whyNot(form)
  if (why !== null) return stay({ ...model, said: inert(why) })
  return { model: { ...model, form: { ...form, isApplying: true } }, effect: { do: 'apply', form } }
}

/** With the first key after a refusal: the preview is asked anew, and the controls are shown as they are now, before the next Enter. */
function lookedAtAgain(model: TopModel, form: Form): Form {
  if (form.problem === null) return form
  const living = livingControls(model)
  const controls = form.controls.map((before) => living.find(({ id }) => id === before.id) ?? before)
  return { ...form, problem: null, controls }
}

function back(model: TopModel): TopModel {
  if (model.form) return { ...model, form: null }
  if (model.help) return { ...model, help: null }
  if (model.pane) return { ...model, pane: null }
  if (model.marks.length > 0) return { ...model, marks: [] }
  if (model.filter !== '') return released({ ...model, filter: '' })
  return released(model)
}

function frozen(model: TopModel, monotonicMs: number): TopModel {
  if (!model.frozen) return { ...model, frozen: { sinceMs: monotonicMs, data: shownData(model) } }
  const thawed = { ...model, frozen: null }
  const rows = viewOf(thawed).rows(thawed.data.bodies, askedOf(thawed))
  return clamped(rows && thawed.held ? { ...thawed, held: holdOrder(rows.offset, rows.items) } : thawed)
}

function moved(model: TopModel, by: number): TopModel {
  if (model.help) return { ...model, help: { scroll: scrolled(model.help.scroll, by) } }
  if (model.pane) return { ...model, pane: { ...model.pane, scroll: scrolled(model.pane.scroll, by) } }
  const held = holding(model)
  const cursor =
    by === Number.POSITIVE_INFINITY
      ? (shownRows(model)?.total ?? 0)
      : by === Number.NEGATIVE_INFINITY
        ? 0
        : model.cursor + by
  return clamped({ ...held, cursor })
}

/** Lines scrolled; the end is found when drawing, which knows how many there are. */
function scrolled(scroll: number, by: number): number {
  if (by === Number.NEGATIVE_INFINITY) return 0
  return Math.max(0, Math.min(by === Number.POSITIVE_INFINITY ? SCROLL_MAX : scroll + by, SCROLL_MAX))
}

export const SCROLL_MAX = 10_000

function opened(model: TopModel): TopModel {
  const row = rowUnderCursor(model)
  if (!row) return model
  const held = holding(model)
  if (row.ref.startsWith('worker/')) {
    return { ...model, said: `${inert(row.ref)} has no page of its own: sluice describe shows its fields` }
  }
  return { ...held, pane: { ref: row.ref, scroll: 0 } }
}

/** As many as go without typing their number: a glob on the command line does more. */
const MARKS_MAX = 5

/** Marks the row, or takes its mark away, and goes on to the next. */
function marked(model: TopModel): TopModel {
  const ref = rowUnderCursor(model)?.ref
  if (ref === undefined) return model
  const isMarked = model.marks.includes(ref)
  if (!isMarked && model.marks.length >= MARKS_MAX) {
    return { ...model, said: `${MARKS_MAX} are marked; for more: sluice pause "redis-main/*-mail" previews a glob` }
  }
  const marks = isMarked ? model.marks.filter((one) => one !== ref) : [...model.marks, ref]
  return moved({ ...model, marks }, 1)
}

/** Takes the new order, and keeps the cursor on its row where that is still in the window. */
function resorted(model: TopModel): TopModel {
  const ref = rowUnderCursor(model)?.ref
  const free = { ...model, held: null }
  const rows = shownRows(free)
  if (!rows || !model.held) return free
  const at = rows.items.findIndex((row) => row.ref === ref)
  const cursor = at === -1 ? model.cursor : rows.offset + at
  return clamped({ ...free, held: holdOrder(rows.offset, rows.items), cursor })
}

function sortedBy(model: TopModel, sort: Sort): TopModel {
  return released({ ...model, sorts: model.sorts.map((one, index) => (index === model.view ? sort : one)) })
}

function unsorted(model: TopModel): TopModel {
  return { ...model, said: 'these stand in one order: those that end first are on top' }
}

function neighbour(model: TopModel, by: -1 | 1): Sort {
  const fields = sortsOf(viewOf(model))
  const at = fields.indexOf(sortOf(model).field)
  const field = fields[(Math.max(0, at) + by + fields.length) % fields.length]
  return field ? naturalSort(field) : sortOf(model)
}

function viewed(model: TopModel, view: number): TopModel {
  if (view === model.view || view >= VIEWS.length) return model
  return released({ ...model, view, marks: [], data: { ...model.data, lastRows: null } })
}

function copy(model: TopModel): Stepped {
  const ref = model.pane?.ref ?? rowUnderCursor(model)?.ref
  if (!ref) return stay(model)
  return { model: { ...model, said: `copied ${inert(ref)}` }, effect: { do: 'copy', text: ref } }
}
