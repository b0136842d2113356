import type { Redis } from 'ioredis'
import type { Order } from '../../server/domain/control.ts'
import { type ControlText, encodeControl, parseControl, type Scope } from '../../server/runtime/layout/control-text.ts'
import { queueBase, queueKey } from '../../server/runtime/layout/keys.ts'
import { ACT } from '../../server/runtime/layout/lua/acts.ts'
import { LIFT_CONTROL, PUT_CONTROL } from '../../server/runtime/layout/lua/controls.ts'

export interface Asked {
  readonly id: string
  readonly order: Order
  readonly ttlMs?: number
  readonly scope?: Scope
  readonly name?: string
  readonly revision?: number
  readonly queue?: string
}

/** Places a control as a dashboard does. @returns what happened, and the queue's revision since */
export async function put(
  admin: Redis,
  asked: Asked,
): Promise<{ what: string; revision: number; expiresAtMs: number }> {
  const { id, order, ttlMs = 60_000, scope = 'queue', name = null, revision = 1, queue = 'default' } = asked
  const control = { id, order, revision, reason: 'because of a test', actor: 'ana' }
  const words = encodeControl(control, { scope, name, tail: name ?? queue })
  const reply = await admin.eval(PUT_CONTROL, 1, queueBase('sluice', queue), ...words, String(ttlMs), '', '')
  const [what, , expiresAtMs, , queueRevision] = reply as [string, number, number, number, number]
  return { what, revision: queueRevision, expiresAtMs }
}

export async function lift(admin: Redis, id: string, queue = 'default'): Promise<{ was: number; revision: number }> {
  const reply = await admin.eval(LIFT_CONTROL, 1, queueBase('sluice', queue), id)
  const [was, revision] = reply as [number, number, number]
  return { was, revision }
}

export async function act(admin: Redis, what: string, ids: readonly string[], queue = 'default'): Promise<string[]> {
  return (await admin.eval(ACT, 1, queueBase('sluice', queue), what, String(ids.length), ...ids)) as string[]
}

export async function placed(admin: Redis, queue = 'default'): Promise<readonly ControlText[]> {
  const all = await admin.hgetall(queueKey('sluice', queue, 'controls'))
  return Object.entries(all).map(([id, text]) => {
    const control = parseControl(id, text)
    if (control === null) throw new Error(`not a control: ${text}`)
    return control
  })
}
