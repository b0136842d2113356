import type { ActionMade, ActionPreview } from '../api/control.ts'
import { messageOf } from '../domain/errors.ts'
import { formatReference, parseReference } from '../domain/reference.ts'
import { isToUndo, SAGA_ACTS, type SagaAct, type SagaDetails, type SagaStep } from '../domain/saga.ts'
import type { SagaKey } from '../domain/source.ts'
import type { Board } from './board.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Ledger } from './ledger.ts'
import { Refusal } from './refusal.ts'
import { handOf, type SourceHand } from './source-hand.ts'

/** What people ask for: something to be done with one saga. */
export interface SagaWish {
  readonly act: SagaAct
  /** Reference of the saga: `saga/redis-main/orders/trip-7`. */
  readonly queue: string
  /** Of `retry-step` the one at which it stands where none is named; `skip-step` needs one. */
  readonly step?: string | undefined
}

export interface SagaActionsOptions {
  readonly board: Board
  readonly ledger: Ledger
  readonly hands: ReadonlyMap<string, SourceHand>
}

/** A saga as a person names it. */
export interface SagaTarget {
  readonly ref: string
  readonly source: string
  readonly key: SagaKey
}

const DONE: Readonly<Record<SagaAct, string>> = {
  'retry-step': 'let go on',
  'skip-step': 'skipped',
  compensate: 'turned back',
  abandon: 'abandoned',
}

export function isSagaAct(act: string): act is SagaAct {
  return (SAGA_ACTS as readonly string[]).includes(act)
}

/** @throws Refusal bad-request when it is no reference of a saga */
export function sagaTarget(text: string): SagaTarget {
  const reference = parseReference(text)
  const [queue, id, ...more] = reference?.tail.split('/') ?? []
  if (reference?.kind !== 'saga' || queue === undefined || id === undefined || more.length > 0) {
    throw new Refusal('bad-request', `"${text}" is not a saga: write saga/source/queue/id`)
  }
  const key = { queue, id: decodeURIComponent(id) }
  return { ref: formatReference(reference), source: reference.source, key }
}

/**
 * Acts on one saga. What was previewed is what is done: the fingerprint holds the step and how it stands, and the saga is
 * read again before it is changed.
 */
export class SagaActions {
  readonly #options: SagaActionsOptions

  constructor(options: SagaActionsOptions) {
    this.#options = options
  }

  /** @throws Refusal not-found, bad-request, conflict (its state does not allow it); OpsError */
  async preview(wish: SagaWish): Promise<ActionPreview> {
    const { target, saga, step } = await this.#look(wish)
    return {
      ...{ fingerprint: seen(wish.act, saga, step), ids: [saga.id], total: 1, isIrreversible: false },
      sentence: sentenceOf(wish.act, { ref: target.ref, saga, step }),
    }
  }

  /** @throws Refusal changed, and as `preview`; OpsError */
  async perform(wish: SagaWish & { reason: string; fingerprint: string }, actor: string): Promise<ActionMade> {
    const { act, reason, fingerprint } = wish
    const { target, saga, step } = await this.#look(wish)
    if (seen(act, saga, step) !== fingerprint) {
      const now = `it is ${saga.status}${saga.step === null ? '' : ` and stands at step "${saga.step}"`} now`
      throw new Refusal('changed', `This is not what the preview showed: ${now}`, [now])
    }
    const entry = { actor, act, targets: [target.ref], control: null, reason }
    const about = step === undefined ? '' : ` step ${step.name}`
    const hand = handOf(this.#options.hands, target.source)
    try {
      const order = { act, step: step?.name ?? null, reason }
      const result = await hand.repair('act', (port, signal) => port.act(target.key, order, signal))
      const isDone = result.result === 'done'
      const detail = isDone ? `${DONE[act]}${about}` : `${act}${about}: ${result.why ?? result.result}`
      await this.#options.ledger.append({ ...entry, detail, outcome: isDone ? 'done' : 'failed' })
      return { done: isDone ? 1 : 0, results: [{ ...result }] }
    } catch (error) {
      await this.#options.ledger.append({ ...entry, detail: `${act}${about}: ${messageOf(error)}`, outcome: 'failed' })
      throw error
    } finally {
      hand.refresh()
    }
  }

  async #look({ act, queue, step: named }: SagaWish) {
    const target = sagaTarget(queue)
    const saga = await handOf(this.#options.hands, target.source).inspect('show', (port, signal) =>
      port.show(target.key, signal),
    )
    if (saga === null) throw new Refusal('not-found', `There is no ${target.ref}: not begun yet, or forgotten`)
    if (named !== undefined && act !== 'retry-step' && act !== 'skip-step') {
      throw new Refusal('bad-request', `To ${act} is about the whole saga: name no step`)
    }
    const step = stepOf(act, saga, named)
    const isOffered = saga.offers.some((offer) => offer.act === act && (offer.step ?? undefined) === step?.name)
    if (!isOffered) throw new Refusal('conflict', `${target.ref} is ${saga.status}: ${WHY_NOT[act]}`)
    return { target, saga, step }
  }
}

const WHY_NOT: Readonly<Record<SagaAct, string>> = {
  'retry-step': 'nothing waits there to be tried again',
  'skip-step': 'it does not stand at that step, or is working on it just now',
  compensate: 'it cannot be turned back as it stands; a compensation that failed is retried or skipped',
  abandon: 'it is over',
}

function stepOf(act: SagaAct, { steps, step: current }: SagaDetails, named: string | undefined): SagaStep | undefined {
  if (act === 'skip-step' && named === undefined)
    throw new Refusal('bad-request', 'Name the step that is to be skipped')
  const name = named ?? (act === 'retry-step' ? current : null)
  const step = steps.find((one) => one.name === name)
  if (named !== undefined && !step) {
    throw new Refusal('not-found', `It has no step "${named}", but ${steps.map((one) => one.name).join(', ')}`)
  }
  return step
}

/** Of what is shown and would make another thing of the same act. */
function seen(act: SagaAct, { id, status }: SagaDetails, step: SagaStep | undefined): string {
  return fingerprintOf([act, id, status, step?.name ?? null, step?.status ?? null])
}

interface Seen {
  readonly ref: string
  readonly saga: SagaDetails
  readonly step: SagaStep | undefined
}

function sentenceOf(act: SagaAct, { ref, saga, step }: Seen): string {
  if (act === 'abandon') return `Would leave ${ref} as it is, for good: nothing more is done or undone`
  if (act === 'compensate') return `Would turn back ${ref}: ${undoWords(saga)}`
  const name = `step "${step?.name}" of ${ref}`
  const isBackward = step !== undefined && BACKWARD.includes(step.status)
  if (act === 'skip-step')
    return isBackward
      ? `Would go on without undoing ${name}, as somebody has seen to it`
      : `Would go on without ${name}, as somebody has seen to it`
  const error = step?.error ? `, which failed: ${step.error}` : ''
  return `Would try ${isBackward ? 'to undo ' : ''}${name} again${error}`
}

const BACKWARD: readonly string[] = ['compensating', 'compensation-retrying', 'compensation-failed']

function undoWords({ steps }: SagaDetails): string {
  const begun = steps.filter(isToUndo)
  if (begun.length === 0) return 'nothing of it has to be undone'
  return `undo ${begun.length === 1 ? '1 step' : `${begun.length} steps`}, ${begun
    .map(({ name }) => name)
    .reverse()
    .join(', then ')}`
}
