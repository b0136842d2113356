import type { ControlRow } from '../../server/api/control.ts'
import type { Verb } from '../../server/domain/control.ts'
import { Store } from './store.ts'

/** What Sluice holds back now: reference → the verb that binds it most. Rows know it from here, each without asking. */
export const held = new Store<ReadonlyMap<string, Verb>>(new Map())

const STRICTNESS: Readonly<Record<Verb, number>> = { pause: 2, limit: 1, throttle: 0 }

/** Takes the living controls; rows are drawn anew only when something else is held. */
export function tellHeld(controls: readonly Pick<ControlRow, 'target' | 'order'>[]): void {
  const next = new Map<string, Verb>()
  for (const { target, order } of controls) {
    const other = next.get(target)
    if (other === undefined || STRICTNESS[order.verb] > STRICTNESS[other]) next.set(target, order.verb)
  }
  const before = held.get()
  const isSame = next.size === before.size && [...next].every(([target, verb]) => before.get(target) === verb)
  if (!isSame) held.set(next)
}
