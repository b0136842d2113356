import { OpsError } from '../../domain/errors.ts'
import type { SagaAct, SagaOffer, SagaOrder } from '../../domain/saga.ts'
import type { SagaRecord, SagaWrite } from './saga-record.ts'
import { advance, commandOf, type SagaEvent, stepAt } from './saga-state.ts'

/** Where a saga lies, to whoever acts for a person. */
export interface SagaDesk {
  /** Null = there is none. */
  readonly read: () => Promise<SagaRecord | null>
  /** Does what `WRITE_SAGA` does. */
  readonly write: (record: SagaRecord, next: SagaWrite) => Promise<'saved' | 'changed' | 'lost'>
}

/** A person and a worker may write at the same time; more than this is something else. */
const CONFLICTS_MAX = 20

/**
 * Does what a person wants of a saga, and sees to it that a job is there to carry it out: the one way in, for the runtime's
 * own functions and for a dashboard.
 * Rejects with OpsError: `not-found`; `invalid` when its state does not allow it; `timeout`; else what the desk did.
 * @param isEnding the job at hand is ending: another has to go on
 */
export async function actOnSaga(desk: SagaDesk, id: string, order: SagaOrder, isEnding = false): Promise<void> {
  for (let n = 0; n < CONFLICTS_MAX; n += 1) {
    const record = await desk.read()
    if (record === null) throw new OpsError('not-found', 'saga', `there is no saga "${id}" in this queue`)
    if ((await desk.write(record, nextOf(record, order, isEnding))) === 'saved') return
  }
  throw new OpsError('timeout', 'saga', `saga "${id}" changes too often just now: try again`)
}

/** What can be done with a saga as it is. Of `skip-step` all that would be accepted, the one where it stands first. */
export function offersOf(record: SagaRecord): readonly SagaOffer[] {
  const current = stepAt(record.state, record.plan)?.name ?? null
  const ahead = record.state.steps.filter(({ name, status }) => status === 'pending' && name !== current)
  const wishes: readonly SagaOffer[] = [
    { act: 'retry-step', step: current },
    ...[...(current === null ? [] : [current]), ...ahead.map(({ name }) => name)].map(skipOf),
    { act: 'compensate', step: null },
    { act: 'abandon', step: null },
  ]
  return wishes.filter((wish) => isPossible(record, wish))
}

const skipOf = (step: string): SagaOffer => ({ act: 'skip-step', step })

function isPossible(record: SagaRecord, { act, step }: SagaOffer): boolean {
  try {
    nextOf(record, { act, step, reason: 'asked' })
    return true
  } catch (error) {
    if (error instanceof OpsError && error.code === 'invalid') return false
    throw error
  }
}

/** What a person's order makes of a saga. Throws OpsError `invalid` where it makes no sense. */
export function nextOf(record: SagaRecord, order: SagaOrder, isEnding = false): SagaWrite {
  const { id, plan, isAlive, unit, revision } = record
  // One that waits for a back-off would come late: another takes its place, and it ends when it comes.
  const isWaiting = (stepAt(record.state, plan)?.notBeforeMs ?? null) !== null
  const isAtHand = isAlive && !isEnding && !isWaiting
  const event = EVENTS[order.act](record, order, isAtHand)
  const state = event === null ? record.state : advance(record.state, event, plan)
  if (commandOf(state, plan).do === 'stop') return { state, unit: '', spare: '' }
  return { state, unit: isAtHand ? unit : '', spare: `${id}~${revision}` }
}

type EventOf = (record: SagaRecord, order: SagaOrder, isAtHand: boolean) => SagaEvent | null

const EVENTS: Readonly<Record<SagaAct, EventOf>> = {
  'retry-step': ({ id, state, plan }, { step: wanted }, isAtHand) => {
    const step = stepAt(state, plan)
    if (wanted !== null && wanted !== step?.name) {
      throw invalid('retry', `saga "${id}" does not stand at step "${wanted}"${step ? ` but at "${step.name}"` : ''}`)
    }
    if (step && (state.status === 'stuck' || step.notBeforeMs !== null)) return { type: 'retry', step: step.name }
    // Without a job nothing has to change: it only needs one.
    if (step && !isAtHand) return null
    throw invalid('retry', `saga "${id}" is ${state.status}: nothing waits to be tried again`)
  },
  'skip-step': ({ id, state }, { step, reason }, isAtHand) => {
    if (step === null) throw invalid('skip', 'name the step that is to be skipped')
    const status = state.steps.find(({ name }) => name === step)?.status
    if (isAtHand && (status === 'running' || status === 'compensating')) {
      throw invalid('skip', `step "${step}" of saga "${id}" is ${status}: wait until it has ended`)
    }
    return { type: 'skip', step, reason: given('skip', reason) }
  },
  compensate: (_, { reason }) => ({ type: 'compensate', reason: given('compensate', reason) }),
  abandon: (_, { reason }) => ({ type: 'abandon', reason: given('abandon', reason) }),
}

const REASON_MAX = 500

function given(op: string, reason: string): string {
  const text = reason.trim()
  if (text === '' || text.length > REASON_MAX) throw invalid(op, `reason: expected 1 to ${REASON_MAX} characters`)
  return text
}

/** Something is to be done, and no job is there to do it. */
export function isStalled({ state, plan, isAlive }: Pick<SagaRecord, 'state' | 'plan' | 'isAlive'>): boolean {
  return !isAlive && commandOf(state, plan).do !== 'stop'
}

/** A saga's first unit has its id; later ones, made for it by persons, add the revision. */
export function sagaOf(unit: string): string {
  return unit.replace(/~\d+$/, '')
}

function invalid(op: string, why: string): OpsError {
  return new OpsError('invalid', op, why)
}
