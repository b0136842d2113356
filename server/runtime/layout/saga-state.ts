import { OpsError } from '../../domain/errors.ts'
import { isMoving, isOver, isToUndo, type SagaStatus, type StepStatus } from '../../domain/saga.ts'

/**
 * What a saga is and what comes next: pure. A state, an event, the next state; a state, the next command.
 *
 *     running ──► succeeded ─┐             every step succeeded or was skipped
 *        │ ▲                 │ a person    (a saga that is over can still be undone)
 *        │ └── stuck ◄──┐    │
 *        ▼       ▼      │    │
 *       compensating ◄──┼────┘             steps are undone, the last first
 *        │       └──────┘                  stuck: a step was given up and a person has to say how to go on
 *        ▼
 *     compensated                          abandoned: from anywhere before the end, by a person
 */
export type SagaMove = 'complete' | 'turn-back' | 'block' | 'go-on' | 'abandon'

export const SAGA_MOVES: Readonly<Record<SagaStatus, Readonly<Partial<Record<SagaMove, SagaStatus>>>>> = {
  running: { complete: 'succeeded', 'turn-back': 'compensating', block: 'stuck', abandon: 'abandoned' },
  compensating: { complete: 'compensated', block: 'stuck', abandon: 'abandoned' },
  stuck: { 'go-on': 'running', 'turn-back': 'compensating', abandon: 'abandoned' },
  succeeded: { 'turn-back': 'compensating' },
  compensated: {},
  abandoned: {},
}

export type StepMove = 'begin' | 'succeed' | 'fail' | 'give-up' | 'retry' | 'skip' | 'compensate'

export const STEP_MOVES: Readonly<Record<StepStatus, Readonly<Partial<Record<StepMove, StepStatus>>>>> = {
  pending: { begin: 'running', skip: 'skipped' },
  // Begun again after a crash. Nobody knows how far it came: it is compensated like one that succeeded.
  running: {
    ...{ begin: 'running', succeed: 'succeeded', fail: 'retrying', 'give-up': 'failed' },
    ...{ skip: 'skipped', compensate: 'compensating' },
  },
  retrying: { begin: 'running', retry: 'retrying', skip: 'skipped', compensate: 'compensating' },
  succeeded: { compensate: 'compensating' },
  // A failed step may have done its work all the same.
  failed: { retry: 'retrying', skip: 'skipped', compensate: 'compensating' },
  skipped: { compensate: 'compensating' },
  compensating: {
    ...{ compensate: 'compensating', succeed: 'compensated', fail: 'compensation-retrying' },
    ...{ 'give-up': 'compensation-failed', skip: 'waived' },
  },
  'compensation-retrying': { compensate: 'compensating', retry: 'compensation-retrying', skip: 'waived' },
  compensated: {},
  'compensation-failed': { retry: 'compensation-retrying', skip: 'waived' },
  waived: {},
}

export interface StepState {
  readonly name: string
  readonly status: StepStatus
  /** Times it was begun, and times its compensation was. */
  readonly attempts: number
  readonly compensations: number
  /** Failed attempts in a row, in the present direction. A crash is none. */
  readonly failures: number
  /** Of the last failure, one line. */
  readonly error: string | null
  /** Why a person skipped it. */
  readonly reason: string | null
  /** Not to be tried before, Unix ms by the clock of Redis. */
  readonly notBeforeMs: number | null
}

export interface SagaState {
  readonly status: SagaStatus
  /** Why it was turned back or abandoned. */
  readonly reason: string | null
  readonly steps: readonly StepState[]
}

/** What must be known of a step's definition. A step that the program does not know counts as compensable. */
export interface StepPlan {
  readonly isCompensable: boolean
  readonly onFailure: 'compensate' | 'wait'
}
export type Plan = (step: string) => StepPlan

/** Told by workers (`begin`, `succeed`, `fail`) and by persons. A `fail` without `notBeforeMs` is the last. */
export type SagaEvent =
  | { readonly type: 'begin' | 'succeed' | 'retry'; readonly step: string }
  | { readonly type: 'fail'; readonly step: string; readonly error: string; readonly notBeforeMs: number | null }
  | { readonly type: 'skip'; readonly step: string; readonly reason: string }
  | { readonly type: 'compensate' | 'abandon'; readonly reason: string }

/** `stop`: nothing is to be done, for now or for ever. */
export type SagaCommand =
  | { readonly do: 'run' | 'compensate'; readonly step: string; readonly notBeforeMs: number | null }
  | { readonly do: 'stop' }

export function newSaga(steps: readonly string[]): SagaState {
  const fresh = { status: 'pending', attempts: 0, compensations: 0, failures: 0 } as const
  const nothing = { error: null, reason: null, notBeforeMs: null }
  return { status: 'running', reason: null, steps: steps.map((name) => ({ name, ...fresh, ...nothing })) }
}

/** What to do next. */
export function commandOf(saga: SagaState, plan: Plan): SagaCommand {
  const step = nextStep(saga, plan)
  if (!step) return { do: 'stop' }
  return { do: saga.status === 'running' ? 'run' : 'compensate', step: step.name, notBeforeMs: step.notBeforeMs }
}

/** Forward, the first step that is not done; backward, the last one that is not undone. */
function nextStep({ status, steps }: SagaState, plan: Plan): StepState | undefined {
  if (status === 'running') return steps.find((one) => !PASSED.has(one.status))
  if (status !== 'compensating') return undefined
  return steps.findLast((one) => isToUndo({ ...one, isCompensable: plan(one.name).isCompensable }))
}

const PASSED: ReadonlySet<StepStatus> = new Set(['succeeded', 'skipped'])

/** The state after an event. Throws OpsError `invalid` for one that cannot happen in this state; nothing has changed then. */
export function advance(saga: SagaState, event: SagaEvent, plan: Plan): SagaState {
  if (isOver(saga.status) && event.type !== 'compensate') throw invalid(`the saga is ${saga.status}`)
  switch (event.type) {
    case 'begin':
      return begin(saga, event.step, plan)
    case 'succeed':
      return settle(moveStep(saga, event.step, 'succeed', { error: null, failures: 0 }), plan)
    case 'fail':
      return fail(saga, event, plan)
    case 'retry':
      return retry(saga, event.step, plan)
    case 'skip':
      return skip(saga, event.step, { reason: event.reason, plan })
    case 'compensate':
      return turnBack(saga, event.reason, plan)
    case 'abandon':
      return moveSaga(saga, 'abandon', event.reason)
  }
}

function begin(saga: SagaState, name: string, plan: Plan): SagaState {
  const command = commandOf(saga, plan)
  if (command.do === 'stop' || command.step !== name) throw invalid(`step "${name}": is not what comes next`)
  const step = stepOf(saga, name)
  if (command.do === 'run') return moveStep(saga, name, 'begin', { attempts: step.attempts + 1, notBeforeMs: null })
  const isFirst = step.status !== 'compensating' && step.status !== 'compensation-retrying'
  const failures = isFirst ? 0 : step.failures
  return moveStep(saga, name, 'compensate', { compensations: step.compensations + 1, failures, notBeforeMs: null })
}

type Failure = Extract<SagaEvent, { readonly type: 'fail' }>

function fail(saga: SagaState, { step: name, error, notBeforeMs }: Failure, plan: Plan): SagaState {
  const failures = stepOf(saga, name).failures + 1
  // Turned back by a person while the step was running: it is undone with the others, and at once.
  const isOvertaken = stepOf(saga, name).status === 'running' && saga.status !== 'running'
  if (notBeforeMs !== null) {
    const wait = isOvertaken ? null : notBeforeMs
    return settle(moveStep(saga, name, 'fail', { failures, error, notBeforeMs: wait }), plan)
  }
  const next = moveStep(saga, name, 'give-up', { failures, error })
  if (isOvertaken) return settle(next, plan)
  const isForward = saga.status === 'running'
  if (!isForward || plan(name).onFailure === 'wait') return moveSaga(next, 'block', saga.reason)
  return turnBack(next, `step "${name}": ${error}`, plan)
}

function turnBack(saga: SagaState, reason: string, plan: Plan): SagaState {
  const blocking = blockingOf(saga)
  if (blocking?.status === 'compensation-failed') {
    throw invalid(`the compensation of step "${blocking.name}" failed: retry it or skip it`)
  }
  return settle(moveSaga(saga, 'turn-back', reason), plan)
}

/** Only of the step at which it stands: there the waiting ends, or the attempts begin anew. */
function retry(saga: SagaState, name: string, plan: Plan): SagaState {
  requireCurrent(saga, name, plan)
  return goOn(saga, moveStep(saga, name, 'retry', { failures: 0, notBeforeMs: null }))
}

/** Of the step at which it stands, or, on the way forward, of one that has not begun. */
function skip(saga: SagaState, name: string, { reason, plan }: { reason: string; plan: Plan }): SagaState {
  const isAhead = !isBackward(saga) && stepOf(saga, name).status === 'pending'
  if (!isAhead) requireCurrent(saga, name, plan)
  const next = moveStep(saga, name, 'skip', { reason, notBeforeMs: null })
  return settle(stepOf(saga, name) === blockingOf(saga) ? goOn(saga, next) : next, plan)
}

/** The step that comes next, or at which a stuck saga waits for a person; null = it is over. */
export function stepAt(saga: SagaState, plan: Plan): StepState | null {
  return blockingOf(saga) ?? nextStep(saga, plan) ?? null
}

function requireCurrent(saga: SagaState, name: string, plan: Plan): void {
  if (stepAt(saga, plan)?.name === name) return
  throw invalid(`step "${name}" is ${stepOf(saga, name).status}: the saga does not stand there`)
}

/** A person dealt with the step at which a saga was stuck: it goes on in the direction that it had. */
function goOn(before: SagaState, next: SagaState): SagaState {
  return before.status === 'stuck' ? moveSaga(next, isBackward(before) ? 'turn-back' : 'go-on', next.reason) : next
}

/** The step at which a stuck saga stands. */
function blockingOf({ status, steps }: SagaState): StepState | undefined {
  if (status !== 'stuck') return undefined
  const isFailed = (one: StepState) => one.status === 'failed'
  return steps.find((one) => one.status === 'compensation-failed') ?? steps.find(isFailed)
}

function isBackward(saga: SagaState): boolean {
  return saga.status === 'compensating' || blockingOf(saga)?.status === 'compensation-failed'
}

/** Nothing left to do in its direction: then it is over. */
function settle(saga: SagaState, plan: Plan): SagaState {
  return isMoving(saga.status) && !nextStep(saga, plan) ? moveSaga(saga, 'complete', saga.reason) : saga
}

function moveSaga(saga: SagaState, move: SagaMove, reason: string | null): SagaState {
  const status = SAGA_MOVES[saga.status][move]
  if (status === undefined) throw invalid(`the saga is ${saga.status}: it cannot ${move}`)
  return { ...saga, status, reason }
}

function moveStep(saga: SagaState, name: string, move: StepMove, patch: Partial<StepState>): SagaState {
  const step = stepOf(saga, name)
  const status = STEP_MOVES[step.status][move]
  if (status === undefined) throw invalid(`step "${name}" is ${step.status}: it cannot ${move}`)
  const moved = { ...step, ...patch, status }
  return { ...saga, steps: saga.steps.map((one) => (one === step ? moved : one)) }
}

function stepOf(saga: SagaState, name: string): StepState {
  const step = saga.steps.find((one) => one.name === name)
  if (!step) throw invalid(`no step "${name}" in this saga`)
  return step
}

function invalid(why: string): OpsError {
  return new OpsError('invalid', 'saga', why)
}
