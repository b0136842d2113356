import type { ControlRow } from '../../server/api/control.ts'
import { parseReference, type ReferenceKind } from '../../server/domain/reference.ts'
import { hasEnded } from '../../server/domain/run.ts'
import { inert } from '../format/inert.ts'
import { type FormKind, startForm } from './form.ts'
import { controlsNow, livingControls, rowUnderCursor, shownRows, type TopModel } from './model.ts'

/** Opens a form for what is under the cursor or in the pane, or says why there is none to open. */
export function withForm(model: TopModel, kind: FormKind): TopModel {
  const said = (text: string): TopModel => ({ ...model, said: inert(text) })
  if (model.frozen) return said('frozen: z lets it go on first')
  // The rows before a new filter has been answered are not those that the person means.
  if (!model.pane && shownRows(model)?.isCurrent === false)
    return said('the list is still being asked for: again in a moment')
  const ref = model.pane?.ref ?? rowUnderCursor(model)?.ref ?? null
  const living = livingControls(model)
  const marks = model.pane ? [] : model.marks
  const isOne = kind === 'lift' || kind === 'extend' || kind === 'cancel'
  if (isOne && marks.length > 0) return said('e, u and C are about one: Esc drops the marks')
  if (kind === 'lift' || kind === 'extend') return openOne(model, { kind, ref, living })
  if (ref === null && marks.length === 0) return said('there is nothing under the cursor')
  const refs = marks.length > 0 ? marks : [ref ?? '']
  const over = refs.find((one) => one.startsWith('ctl_') && !living.some(({ id }) => id === one))
  if (over !== undefined) return said(`${over} is over`)
  const targets = [...new Set(refs.map((one) => living.find(({ id }) => id === one)?.target ?? one))]
  if (kind === 'resume') {
    const controls = living.filter(({ target }) => targets.includes(target))
    if (controls.length > 0) return { ...model, form: startForm(kind, targets, controls) }
    const elsewhere = targets.find((target) => controlsNow(model.data)?.elsewhere.includes(target))
    if (elsewhere !== undefined) return said(`${elsewhere} is paused by something else than Sluice`)
    return said(`nothing to resume: no control is on ${targets.length === 1 ? targets[0] : 'any of them'}`)
  }
  const why = targets.map((target) => whyNone(kind, target, model)).find((one) => one !== null)
  return why === undefined ? { ...model, form: startForm(kind, targets) } : said(why ?? '')
}

/** Undo and extend are about one control: the one under the cursor, or the last one made from here. */
function openOne(
  model: TopModel,
  { kind, ref, living }: { kind: 'lift' | 'extend'; ref: string | null; living: readonly ControlRow[] },
): TopModel {
  const here = living.find(({ id }) => id === ref)
  const control = here ?? (kind === 'extend' ? newestOn(living, ref) : undefined) ?? lastMade(model, living)
  if (control) return { ...model, form: startForm(kind, [control.target], [control]) }
  const none = ref === null ? 'there is nothing under the cursor' : `no control of Sluice is on ${ref}`
  const said =
    kind === 'lift' ? 'nothing that was made from here is in force; 8 lists all controls, u there ends one' : none
  return { ...model, said: inert(said) }
}

function newestOn(living: readonly ControlRow[], ref: string | null): ControlRow | undefined {
  return living.filter(({ target }) => target === ref).sort((a, b) => b.issuedAtMs - a.issuedAtMs)[0]
}

function lastMade({ made }: TopModel, living: readonly ControlRow[]): ControlRow | undefined {
  for (const id of made) {
    const control = living.find((one) => one.id === id)
    if (control) return control
  }
  return undefined
}

const NOT_CONTROLLED: Partial<Readonly<Record<ReferenceKind, string>>> = {
  worker: 'a worker is not paused from here: pause the queues that it serves',
  topic: 'a topic is not worked off: its consumer groups are',
}

/** Why this cannot be asked of that kind of thing, whatever the server says. */
function whyNone(kind: FormKind, ref: string, model: TopModel): string | null {
  const reference = parseReference(ref)
  if (!reference) return `a whole source is not paused from here: sluice pause "${ref}/*" previews it`
  if (kind === 'cancel' && reference.kind !== 'run') return 'C cancels runs: 7 lists them'
  const row = rowUnderCursor(model)
  if (reference.kind === 'run' && row?.ref === ref && 'status' in row && hasEnded({ status: String(row.status) })) {
    return `${ref} has ended: ${String(row.status)}`
  }
  return NOT_CONTROLLED[reference.kind] ?? null
}
