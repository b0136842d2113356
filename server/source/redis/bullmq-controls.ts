import type { PlacedControl } from '../../domain/control.ts'
import { type ControlText, parseControl } from '../../runtime/layout/control-text.ts'
import { isInPlace } from './bullmq-limits.ts'
import type { BullmqRow } from './bullmq-row.ts'
import { listOf, type Reply } from './link.ts'
import { script } from './scripts.ts'

/** Our records beside the queues whose key bases are ARGV. Reply: per queue id and text in turn. */
export const BULLMQ_CONTROLS = script(`
local reply = {}
for at, base in ipairs(ARGV) do reply[at] = redis.call('HGETALL', base .. 'sluice:controls') end
return reply
`)

export function bullmqControls(reply: Reply | undefined): readonly ControlText[] {
  const words = listOf(reply).map(String)
  return words.flatMap((id, at) => (at % 2 === 0 ? (parseControl(id, words[at + 1] ?? '') ?? []) : []))
}

/** Also past its end: the flag stands until somebody lifts it. */
export function hasPause(controls: readonly ControlText[]): boolean {
  return controls.some(({ order }) => order.verb === 'pause')
}

/** One BullMQ queue and what is known of it. */
export interface BullmqPlace {
  readonly source: string
  readonly displayName: string
  readonly row: BullmqRow
  /** Ids of its connected workers. */
  readonly workers: readonly string[]
  readonly serverMs: number
}

/**
 * Controls of one BullMQ queue as they were read back. In place is what its `meta` says. Its workers read that in the step
 * that takes a job, so whoever is connected obeys from then on; they report nothing, and starts are not counted.
 */
export function placedOnBullmq(texts: readonly ControlText[], place: BullmqPlace): readonly PlacedControl[] {
  const { source, displayName, row, workers, serverMs } = place
  return texts.map((text): PlacedControl => {
    const { id, order, reason, actor, issuedAtMs, expiresAtMs, revision, tail } = text
    const isOverdue = expiresAtMs <= serverMs
    const isThere = isInPlace(order, row)
    const target = { kind: 'queue', source, tail } as const
    return {
      control: { id, target, order, reason, actor, issuedAtMs, expiresAtMs, revision },
      queues: isThere ? [displayName] : [],
      missing: isThere ? [] : [displayName],
      obeyedBy: isThere ? workers : [],
      notYet: isThere ? [] : workers,
      ...{ inHand: row.active, heldBack: 0, startsSince: null, disobeyedBy: [] },
      ...(isOverdue ? { isOverdue } : {}),
    }
  })
}
