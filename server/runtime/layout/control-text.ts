import type { Control, Order } from '../../domain/control.ts'

/** What a control concerns within one queue: all of it, or the units of one job class, one run, or one tag. */
export type Scope = 'queue' | 'job' | 'run' | 'tag'
export const SCOPES = ['queue', 'job', 'run', 'tag'] as const satisfies readonly Scope[]

/** Controls that may lie in one queue at once. */
export const CONTROLS_MAX = 100

/**
 * A control as it lies in the hash `controls` of each queue it concerns: one line for scripts, one for people.
 *
 *     <verb> <x> <y> <scope> <name> <issuedAtMs> <expiresAtMs> <revision> <placedAtMs> <placedRevision> <startsBefore> LF
 *     <JSON { tail, reason, actor }>
 *
 * `pause - -` · `throttle <perSecond> <fromPerSecond or ->` · `limit <concurrency> -`. The name is `-` for scope `queue`.
 * Scripts read the first line by pattern and never rewrite it.
 */
export interface ControlText {
  readonly id: string
  readonly order: Order
  readonly scope: Scope
  /** Of the job class, run or tag; null = the whole queue. */
  readonly name: string | null
  /** By the clock of Redis, Unix ms. */
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  /** The control's own. */
  readonly revision: number
  /** When it came to lie in this queue, Unix ms, and the queue's `revision` since: a worker that reports it has read it. */
  readonly placedAtMs: number
  readonly placedRevision: number
  /** Units of this scope started in this queue before it was placed (`stats`, `starts`); 0 for a run: not counted. */
  readonly startsBefore: number
  /** Of its target's reference. The source is the one that reads it: two dashboards may call this Redis differently. */
  readonly tail: string
  readonly reason: string
  readonly actor: string
}

/** What `PUT_CONTROL` takes besides its times: the two halves of the text, which the script joins. */
export function encodeControl(
  control: Pick<Control, 'id' | 'order' | 'revision' | 'reason' | 'actor'>,
  target: {
    readonly scope: Scope
    readonly name: string | null
    readonly tail: string
  },
): readonly string[] {
  const { id, order, revision, reason, actor } = control
  const people = JSON.stringify({ tail: target.tail, reason, actor })
  return [id, ...orderWords(order), target.scope, target.name ?? '-', String(revision), people]
}

function orderWords(order: Order): readonly [verb: string, x: string, y: string] {
  if (order.verb === 'pause') return ['pause', '-', '-']
  if (order.verb === 'limit') return ['limit', String(order.concurrency), '-']
  return ['throttle', String(order.perSecond), order.fromPerSecond === null ? '-' : String(order.fromPerSecond)]
}

/** Null when the text is not one of ours. It may have expired: compare `expiresAtMs` with the time of Redis. */
export function parseControl(id: string, text: string): ControlText | null {
  const end = text.indexOf('\n')
  const words = text.slice(0, Math.max(0, end)).split(' ')
  if (words.length !== 11) return null
  const [verb = '', x = '', y = '', scope = '', name = '', ...rest] = words
  const numbers = rest.map(Number)
  const [issuedAtMs = 0, expiresAtMs = 0, revision = 0, placedAtMs = 0, placedRevision = 0, startsBefore = 0] = numbers
  const order = parseOrder(verb, x, y)
  const people = parsePeople(text.slice(end + 1))
  const known = SCOPES.find((one) => one === scope)
  if (order === null || people === null || known === undefined || !numbers.every(Number.isSafeInteger)) return null
  return {
    ...{ id, order, scope: known, name: known === 'queue' ? null : name },
    ...{ issuedAtMs, expiresAtMs, revision, placedAtMs, placedRevision, startsBefore, ...people },
  }
}

function parseOrder(verb: string, x: string, y: string): Order | null {
  if (verb === 'pause') return { verb }
  const [value, from] = [Number(x), y === '-' ? null : Number(y)]
  if (verb === 'limit' && Number.isSafeInteger(value)) return { verb, concurrency: value }
  if (verb === 'throttle' && value > 0 && (from === null || from > 0)) {
    return { verb, perSecond: value, fromPerSecond: from }
  }
  return null
}

function parsePeople(text: string): Pick<ControlText, 'tail' | 'reason' | 'actor'> | null {
  try {
    const { tail, reason, actor } = JSON.parse(text) as Record<string, unknown>
    if (typeof tail !== 'string' || typeof reason !== 'string' || typeof actor !== 'string') return null
    return { tail, reason, actor }
  } catch {
    return null
  }
}
