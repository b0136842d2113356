import type { ControlList, ControlRow } from '../../server/api/control.ts'
import type { Session } from '../../server/api/session.ts'
import { parseReference } from '../../server/domain/reference.ts'
import type { Answer } from './answer.ts'
import { queries } from './client.ts'
import { extendControl, LIVING_PATH, liftControl } from './control-acts.ts'
import type { Draft } from './draft.ts'
import { openDrawer, targetOfPage } from './drawer.ts'
import { marks } from './marks.ts'
import { whoAmI } from './session.ts'
import { showToast } from './toasts.ts'

const TARGETS: readonly string[] = ['queue', 'run', 'job-class', 'tag']

/** What a key acts on: what is marked, else the focused row, else the thing that the page is about. */
export function targetsUnder(focused: string | null, pathname: string): readonly string[] {
  const marked = [...marks.get()]
  if (marked.length > 0) return marked
  const one = focused ?? targetOfPage(pathname)
  const kind = one === null ? null : (parseReference(one)?.kind ?? null)
  return one !== null && kind !== null && TARGETS.includes(kind) ? [one] : []
}

/** Opens the drawer, or says why not. Without a target it opens too: one can be typed. */
export function askFor(verb: Draft['verb'], targets: readonly string[]): void {
  const refused = whyNot()
  if (refused !== null) showToast(refused, 'warning')
  else openDrawer({ verb, targets })
}

export function extendMine(): void {
  withMine((control) => void extendControl(control))
}

export function undoMine(): void {
  withMine((control) => void liftControl(control))
}

function withMine(act: (control: ControlRow) => void): void {
  const refused = whyNot()
  const mine = lastOf(queries.getQueryData<Answer<ControlList>>([LIVING_PATH])?.body?.items ?? [], me())
  if (refused !== null) showToast(refused, 'warning')
  else if (mine) act(mine)
  else showToast('No control of yours is in force', 'warning')
}

/** The control that this person asked for last and that still lives. */
export function lastOf(controls: readonly ControlRow[], actor: string | null): ControlRow | null {
  const mine = controls.filter((one) => one.actor === actor && one.endedAtMs === null)
  return mine.reduce<ControlRow | null>((a, b) => (a && a.issuedAtMs >= b.issuedAtMs ? a : b), null)
}

function session() {
  return whoAmI(queries.getQueryData<Answer<Session>>(['/session']) ?? null, null)
}
function me(): string | null {
  return session().actor
}
function whyNot(): string | null {
  return session().why
}
