import type { ActionPreview, ControlList, ControlRow, Preview } from '../../server/api/control.ts'
import type { Freshness } from '../../server/api/freshness.ts'
import { listPath, OVERVIEW_PATH } from '../../server/api/paths.ts'
import { type Subject, subjectOf } from '../describe/subject.ts'
import type { Link } from '../follow.ts'
import { isLiving } from '../format/control-words.ts'
import { inert } from '../format/inert.ts'
import { type Form, keyOf, type Question, questionOf } from './form.ts'
import { type HeldOrder, heldRows, holdOrder, type Referenced, refreshHeld } from './order.ts'
import type { Asked, Rows, Sort, View } from './view.ts'
import { VIEWS, viewAt } from './views.ts'

/** What has come from the server. */
export interface TopData {
  readonly bodies: ReadonlyMap<string, unknown>
  /** Path → why it cannot be shown. */
  readonly problems: ReadonlyMap<string, string>
  /** The server's clock less ours; the largest seen, as delays only make it smaller. Null before the first body. */
  readonly clockOffsetMs: number | null
  /** The list as it was last complete: shown until a new filter or order has been answered. */
  readonly lastRows: Rows | null
}

/** Everything the screen is made of. Moved only by `step` functions; drawing reads it and nothing else. */
export interface TopModel {
  readonly view: number
  readonly sorts: readonly Sort[]
  readonly filter: string
  readonly faults: boolean
  readonly source: string | null
  /** Row under the cursor and first row shown, counted from the start of the whole list. */
  readonly cursor: number
  readonly first: number
  /** Rows of the list that fit on the screen. */
  readonly room: number
  readonly held: HeldOrder | null
  /** What is being typed after `/`; null = nothing. */
  readonly typing: string | null
  readonly pane: { readonly ref: string; readonly scroll: number } | null
  readonly help: { readonly scroll: number } | null
  readonly form: Form | null
  /** References that are marked: they stay so whatever rows come and go. */
  readonly marks: readonly string[]
  /** Ids of the controls made from here, the last one first. */
  readonly made: readonly string[]
  readonly data: TopData
  /** While frozen: since when (our monotonic clock), and what is shown. */
  readonly frozen: { readonly sinceMs: number; readonly data: TopData } | null
  readonly link: Link
  readonly linkSinceMs: number
  /** A word for the person in the bottom rule, until the next key. */
  readonly said: string | null
}

export function startModel({ source, faults }: { source: string | null; faults: boolean }): TopModel {
  return {
    view: 0,
    sorts: VIEWS.map(({ defaultSort }) => defaultSort),
    filter: '',
    faults,
    source,
    cursor: 0,
    first: 0,
    room: 10,
    held: null,
    typing: null,
    pane: null,
    help: null,
    form: null,
    marks: [],
    made: [],
    data: { bodies: new Map(), problems: new Map(), clockOffsetMs: null, lastRows: null },
    frozen: null,
    link: { state: 'connecting' },
    linkSinceMs: 0,
    said: null,
  }
}

export function viewOf(model: TopModel): View {
  return viewAt(model.view)
}

/** Windows begin at multiples of this, so that scrolling does not ask anew for every row. */
const WINDOW_STEP = 50

export function askedOf(model: TopModel): Asked {
  const offset = Math.floor(model.first / WINDOW_STEP) * WINDOW_STEP
  const limit = Math.min(200, WINDOW_STEP + Math.ceil(Math.max(1, model.room) / WINDOW_STEP) * WINDOW_STEP)
  const { filter, faults, source } = model
  return { filter, faults, source, sort: sortOf(model), offset, limit }
}

export function sortOf(model: TopModel): Sort {
  return model.sorts[model.view] ?? viewOf(model).defaultSort
}

/** What the pane shows, when it is something with a page of its own. */
export function paneSubject(model: TopModel): Subject | null {
  return model.pane ? subjectOf(model.pane.ref) : null
}

/** Everything the screen follows now. */
export function followedPaths(model: TopModel): readonly string[] {
  const subject = paneSubject(model)
  return [OVERVIEW_PATH, CONTROLS_PATH, ...viewOf(model).paths(askedOf(model)), ...(subject ? [subject.path] : [])]
}

/** Followed on every view: what was closed by a person is the first guess when something stands still. */
export const CONTROLS_PATH = listPath('controls', { state: 'living', limit: 100 })

export function controlsNow({ bodies }: TopData): ControlList | null {
  return (bodies.get(CONTROLS_PATH) as ControlList | undefined) ?? null
}

/** The living controls, those that end soonest first. */
export function livingControls(model: TopModel): readonly ControlRow[] {
  return (controlsNow(model.data)?.items ?? []).filter(isLiving)
}

/** What the server is to be asked for the form that is open; null = nothing, or it has answered. */
export function openQuestion({ form }: TopModel): Question | null {
  if (!form || form.isApplying || form.problem !== null) return null
  const question = questionOf(form)
  return question && form.preview?.key !== keyOf(question) ? question : null
}

/** What is drawn: while frozen, what was known then. */
export function shownData(model: TopModel): TopData {
  return model.frozen?.data ?? model.data
}

export interface ShownRows {
  readonly fresh: Freshness
  readonly total: number
  readonly offset: number
  readonly items: readonly Referenced[]
  /** False while the rows on the screen still answer the question before. */
  readonly isCurrent: boolean
}

/** The rows to draw, in the order that is held; null until the first have come. */
export function shownRows(model: TopModel): ShownRows | null {
  const data = shownData(model)
  const current = viewOf(model).rows(data.bodies, askedOf(model))
  const rows = current ?? data.lastRows
  if (!rows) return null
  const { held } = model
  const items = held && held.offset === rows.offset ? heldRows(held) : rows.items
  return { fresh: rows, total: rows.total, offset: rows.offset, items, isCurrent: current !== null }
}

export function rowUnderCursor(model: TopModel): Referenced | null {
  const rows = shownRows(model)
  return rows?.items[model.cursor - rows.offset] ?? null
}

/** A body came. Its rows take their places, or the held ones their new values. */
export function withResult(
  model: TopModel,
  path: string,
  { body, monotonicMs }: { body: unknown; monotonicMs: number },
): TopModel {
  const followed = new Set(followedPaths(model))
  const bodies = new Map([...model.data.bodies].filter(([known]) => followed.has(known)))
  bodies.set(path, body)
  const problems = new Map(model.data.problems)
  problems.delete(path)
  const asOfMs = (body as Freshness).asOfMs
  const clockOffsetMs = Math.max(model.data.clockOffsetMs ?? Number.NEGATIVE_INFINITY, asOfMs - monotonicMs)
  const rows = viewOf(model).rows(bodies, askedOf(model))
  const data: TopData = { bodies, problems, clockOffsetMs, lastRows: rows ?? model.data.lastRows }
  const next = { ...model, data }
  if (!rows || model.frozen) return next
  const held = model.held
    ? model.held.offset === rows.offset
      ? refreshHeld(model.held, rows.items)
      : holdOrder(rows.offset, rows.items)
    : null
  return clamped({ ...next, held })
}

export function withProblem(model: TopModel, path: string, message: string): TopModel {
  const problems = new Map(model.data.problems)
  problems.set(path, message)
  return { ...model, data: { ...model.data, problems } }
}

export function withLink(model: TopModel, link: Link, monotonicMs: number): TopModel {
  return link.state === model.link.state ? { ...model, link } : { ...model, link, linkSinceMs: monotonicMs }
}

export function withRoom(model: TopModel, room: number): TopModel {
  return room === model.room ? model : clamped({ ...model, room })
}

/** The cursor within the list, and the list scrolled so that it can be seen. */
export function clamped(model: TopModel): TopModel {
  const shown = shownRows(model)
  // The hot list is cut by the server: its total counts more rows than can be reached.
  const count = model.view === 0 ? shown?.items.length : shown?.total
  const last = Math.max(0, (count ?? 0) - 1)
  const cursor = Math.min(Math.max(0, model.cursor), last)
  const room = Math.max(1, model.room)
  const first = Math.min(Math.max(model.first, cursor - room + 1), cursor)
  return { ...model, cursor, first: Math.max(0, Math.min(first, Math.max(0, last - room + 1))) }
}

/** Holds the order as it is now, if it is not held already. */
export function holding(model: TopModel): TopModel {
  if (model.held) return model
  const rows = shownRows(model)
  return rows ? { ...model, held: holdOrder(rows.offset, rows.items) } : model
}

/** The list from its start, in the server's order. */
export function released(model: TopModel): TopModel {
  return { ...model, held: null, cursor: 0, first: 0 }
}

/** The answer to a question of the form; one that is not asked any more is dropped. */
export function withPreview(
  model: TopModel,
  key: string,
  answer: { readonly body: Preview | ActionPreview } | { readonly problem: string },
): TopModel {
  const { form } = model
  const question = form && questionOf(form)
  if (!form || !question || keyOf(question) !== key) return model
  if ('problem' in answer) return { ...model, form: { ...form, problem: answer.problem } }
  return { ...model, form: { ...form, preview: { key, body: answer.body }, problem: null } }
}

/** It was done: the form goes, and `u` knows what to undo. */
export function withApplied(
  model: TopModel,
  { said, made }: { said: string; made: readonly { readonly id: string }[] },
): TopModel {
  const ids = made.map(({ id }) => id)
  return { ...model, form: null, marks: [], said: inert(said), made: [...ids, ...model.made].slice(0, MADE_MAX) }
}

/** It was not done: the form stays, with why, and is previewed anew with the next key. */
export function withRefusal(model: TopModel, problem: string): TopModel {
  const { form } = model
  if (!form) return { ...model, said: inert(problem) }
  return { ...model, form: { ...form, isApplying: false, problem, preview: null } }
}

const MADE_MAX = 50
