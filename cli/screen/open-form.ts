import type { ControlRow } from '../../server/api/control.ts'
import { parseReference, type ReferenceKind } from '../../server/domain/reference.ts'
import { inert } from '../format/inert.ts'
import { type FormKind, startForm } from './form.ts'
import { controlsNow, livingControls, rowUnderCursor, shownRows, type TopModel } from './model.ts'

const RUN_ENDED: readonly string[] = ['succeeded', 'failed', 'cancelled']

/** Opens a form for what is under the cursor or in the pane, or says why there is none to open. */
export function withForm(model: TopModel, kind: FormKind): TopModel {
  const said = (text: string): TopModel => ({ ...model, said: inert(text) })
  if (model.frozen) return said('frozen: z lets it go on first')
  // The rows before a new filter has been answered are not those that the person means.
  if (!model.pane && shownRows(model)?.isCurrent === false)
    return said('the list is still being asked for: again in a moment')
  const ref = model.pane?.ref ?? rowUnderCursor(model)?.ref ?? null
  const living = livingControls(model)
  const here = ref === null ? undefined : living.find(({ id }) => id === ref)
  if (kind === 'lift' || kind === 'extend') {
    const control = here ?? (kind === 'extend' ? newestOn(living, ref) : undefined) ?? lastMade(model, living)
    if (control) return { ...model, form: startForm(kind, control.target, [control]) }
    if (kind === 'lift')
      return said('nothing that was made from here is in force; 8 lists all controls, u there ends one')
    return said(ref === null ? 'there is nothing under the cursor' : `no control of Sluice is on ${ref}`)
  }
  if (ref === null) return said('there is nothing under the cursor')
  if (ref.startsWith('ctl_') && !here) return said(`${ref} is over`)
  const target = here?.target ?? ref
  if (kind === 'resume') {
    const controls = living.filter((one) => one.target === target)
    if (controls.length > 0) return { ...model, form: startForm(kind, target, controls) }
    const isElsewhere = controlsNow(model.data)?.elsewhere.includes(target)
    return said(
      isElsewhere
        ? `${target} is paused by something else than Sluice`
        : `nothing to resume: no control is on ${target}`,
    )
  }
  const why = whyNone(kind, target, model)
  return why === null ? { ...model, form: startForm(kind, target) } : said(why)
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
  if (reference.kind === 'run' && row?.ref === ref && 'status' in row && RUN_ENDED.includes(String(row.status))) {
    return `${ref} has ended: ${String(row.status)}`
  }
  return NOT_CONTROLLED[reference.kind] ?? null
}
