import type { Control, PlacedControl } from '../../domain/control.ts'
import type { ReferenceKind } from '../../domain/reference.ts'
import type { ControlText, Scope } from '../../runtime/layout/control-text.ts'
import type { WorkerBeat } from '../../runtime/layout/worker-beat.ts'
import { groupedBy } from './grouping.ts'
import type { ControlInQueue, SluiceQueue } from './sluice-row.ts'

/** A control in force in one queue. */
export interface ControlFound {
  readonly queue: SluiceQueue
  readonly inQueue: ControlInQueue
  readonly text: ControlText
}

/** A live worker and the prefix under which it was found. */
export interface LiveWorker {
  readonly prefix: string
  readonly beat: WorkerBeat
}

const KIND_OF: Readonly<Record<Scope, ReferenceKind>> = { queue: 'queue', job: 'job-class', run: 'run', tag: 'tag' }

/**
 * The controls that lie in the queues of one source, one entry for each id: the highest revision is the control, and a queue
 * that holds an older one lacks it.
 * @param all every queue of the system that could be read: where a control on a job class or tag should lie
 */
export function placedControls(
  source: string,
  found: readonly ControlFound[],
  { all, live }: { readonly all: readonly SluiceQueue[]; readonly live: readonly LiveWorker[] },
): readonly PlacedControl[] {
  return [...groupedBy(found, ({ text }) => text.id).values()].map((same) => placedOf(source, same, all, live))
}

function placedOf(
  source: string,
  same: readonly ControlFound[],
  all: readonly SluiceQueue[],
  live: readonly LiveWorker[],
): PlacedControl {
  const revision = Math.max(...same.map(({ text }) => text.revision))
  const lying = same.filter(({ text }) => text.revision === revision)
  const [first] = lying
  if (!first) throw new Error('a control that lies nowhere')
  const { text } = first
  const bases = new Set(lying.map(({ queue }) => queue.base))
  const wide = text.scope === 'job' || text.scope === 'tag'
  const expected = wide ? all : same.map(({ queue }) => queue)
  const [obeyedBy, notYet] = confirmations(lying, live)
  return {
    control: controlOf(source, text),
    queues: lying.map(({ queue }) => queue.shown),
    missing: expected.filter(({ base }) => !bases.has(base)).map(({ shown }) => shown),
    obeyedBy,
    notYet,
    inHand: sum(same.map(({ inQueue }) => inQueue.inHand)),
    heldBack: sum(same.map(({ inQueue }) => inQueue.heldBack)),
    startsSince: startsSince(same),
    disobeyedBy: [...new Set(same.flatMap(({ inQueue }) => inQueue.disobeyedBy))],
  }
}

function controlOf(source: string, text: ControlText): Control {
  const { id, order, reason, actor, issuedAtMs, expiresAtMs, revision } = text
  const target = { kind: KIND_OF[text.scope], source, tail: text.tail }
  return { id, target, order, reason, actor, issuedAtMs, expiresAtMs, revision }
}

/** A worker has confirmed when it reports, for each queue of these that it serves, a revision that holds the control. */
function confirmations(lying: readonly ControlFound[], live: readonly LiveWorker[]) {
  const obeyedBy: string[] = []
  const notYet: string[] = []
  const byPrefix = groupedBy(lying, ({ queue }) => queue.prefix)
  for (const { prefix, beat } of live) {
    const served = (byPrefix.get(prefix) ?? []).filter(({ queue }) => beat.serves.includes(queue.name))
    if (served.length === 0) continue
    const isConfirmed = served.every(({ queue, text }) => (beat.obeys[queue.name] ?? 0) >= text.placedRevision)
    if (isConfirmed) obeyedBy.push(beat.id)
    else notYet.push(beat.id)
  }
  return [obeyedBy, notYet] as const
}

/** Null when one queue does not count what the control concerns. */
function startsSince(same: readonly ControlFound[]): number | null {
  let since = 0
  for (const { inQueue, text } of same) {
    if (inQueue.starts === null) return null
    since += Math.max(0, inQueue.starts - text.startsBefore)
  }
  return since
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
