import type { ControlList, ControlRow } from '../../server/api/control.ts'
import { listPath } from '../../server/api/paths.ts'
import type { WriteBody, WriteName, WriteRequest } from '../../server/api/writes.ts'
import { CONTROL_TTL_MS } from '../../server/domain/control.ts'
import { formatMinute } from '../format.ts'
import { queries, serverClock } from './client.ts'
import { dropOffers, showToast } from './toasts.ts'
import { type Live, useLive } from './use-live.ts'
import { newIntent, problemWords, write } from './write.ts'

/** What stands at the bottom of every page: the living ones, those that end soonest first. */
export const LIVING_PATH = listPath('controls', { state: 'living', limit: 50 })
export const EXTEND_MS = 15 * 60_000

export function useLivingControls(): Live<ControlList> {
  return useLive<ControlList>(LIVING_PATH)
}

/** Lets a control live 15 minutes longer than it would have; its reason stays. */
export async function extendControl({ id, target, expiresAtMs, revision }: ControlRow): Promise<void> {
  const leftMs = Math.max(0, expiresAtMs - serverClock.nowMs())
  const ttlMs = Math.min(CONTROL_TTL_MS.max, Math.round(leftMs + EXTEND_MS))
  const body = await attempt('extendControl', { ttlMs, revision }, id)
  if (body) showToast(`${target} holds 15 m longer`)
}

/** Ends this control, and no other on the same target. */
export async function liftControl({ id, target }: Pick<ControlRow, 'id' | 'target'>): Promise<void> {
  const body = await attempt('liftControl', {}, id)
  if (!body) return
  dropOffers()
  const [failed] = body.failed
  if (failed) showToast(`${target} was not lifted: ${failed.message}`, 'critical')
  else showToast(`Lifted the control on ${target}`)
}

/** Says for 10 s that something was asked for, with the way back. */
export function offerUndo(controls: readonly ControlRow[]): void {
  const [first] = controls
  if (!first) return
  const what = controls.length === 1 ? first.target : `${controls.length} targets`
  showToast(`Asked for: ${what} ${first.sentence}, until ${formatMinute(first.expiresAtMs)}`, 'fine', {
    label: 'Undo',
    run: () => {
      for (const control of controls) void liftControl(control)
    },
  })
}

/** Writes, and says in a toast why it did not come about. Null = it did not. */
async function attempt<Name extends WriteName>(
  name: Name,
  request: WriteRequest<Name>,
  id: string,
): Promise<WriteBody<Name> | null> {
  try {
    const { body, problem } = await write(name, request, { id, intent: newIntent() })
    if (problem) showToast(problemWords(problem), 'warning')
    refreshControls()
    return body
  } catch (error) {
    showToast(
      `${error instanceof Error ? error.message : 'No answer'}: look at the controls before trying again`,
      'warning',
    )
    return null
  }
}

/** What was just changed is read at once, not only when the stream says so. */
export function refreshControls(): void {
  void queries.refetchQueries({
    type: 'active',
    predicate: ({ queryKey: [path] }) => String(path).startsWith('/controls'),
  })
}
