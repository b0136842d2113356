import { describe, expect, it, test } from 'vitest'
import type { SagaOrder } from '../../domain/saga.ts'
import { actOnSaga, isStalled, nextOf, offersOf, sagaOf } from './saga-acts.ts'
import { encodePlan, parsePlan, parseSaga, type SagaRecord, stateTexts } from './saga-record.ts'
import { advance, newSaga, type Plan, type SagaEvent, type SagaState } from './saga-state.ts'

const NAMES = ['book', 'note', 'pay'] as const
const PLAN: Plan = (step) => ({ isCompensable: step !== 'note', onFailure: step === 'pay' ? 'wait' : 'compensate' })
const fail = (step: string, notBeforeMs: number | null): SagaEvent => ({ type: 'fail', step, error: 'no', notBeforeMs })
const done = (step: string): SagaEvent[] => [
  { type: 'begin', step },
  { type: 'succeed', step },
]
const after = (...events: SagaEvent[]): SagaState =>
  events.reduce((state, event) => advance(state, event, PLAN), newSaga(NAMES))

function record(state: SagaState, more: Partial<SagaRecord> = {}): SagaRecord {
  return {
    ...{ id: 'trip', name: 'order', state, plan: PLAN, revision: '7', argsJson: '{}', version: 1, unit: 'trip' },
    ...{ isAlive: true, write: '', resultJsons: new Map(), startedAtMs: 1, changedAtMs: 2, endedAtMs: null, nowMs: 3 },
    ...more,
  }
}

const fresh = after()
const running = after(...done('book'), { type: 'begin', step: 'note' })
const waiting = after({ type: 'begin', step: 'book' }, fail('book', 9))
const stuck = after(...done('book'), ...done('note'), { type: 'begin', step: 'pay' }, fail('pay', null))
const over = after(...done('book'), ...done('note'), ...done('pay'))
const undoing: SagaEvent[] = [
  { type: 'compensate', reason: 'x' },
  { type: 'begin', step: 'book' },
]
const stuckBack = advance(
  undoing.reduce((state, event) => advance(state, event, PLAN), after(...done('book'))),
  fail('book', null),
  PLAN,
)

describe('what can be done with a saga', () => {
  const words = (of: SagaRecord) => offersOf(of).map(({ act, step }) => (step === null ? act : `${act} ${step}`))
  const rest = ['compensate', 'abandon']
  test.each<[string, SagaRecord, readonly string[]]>([
    ['that has only begun', record(fresh), ['skip-step book', 'skip-step note', 'skip-step pay', ...rest]],
    ['whose step runs just now', record(running), ['skip-step pay', ...rest]],
    [
      'whose worker is gone for good',
      record(running, { isAlive: false }),
      ['retry-step note', 'skip-step note', 'skip-step pay', ...rest],
    ],
    [
      'that waits for a back-off',
      record(waiting),
      ['retry-step book', 'skip-step book', 'skip-step note', 'skip-step pay', ...rest],
    ],
    ['that is stuck', record(stuck, { isAlive: false }), ['retry-step pay', 'skip-step pay', ...rest]],
    [
      'whose compensation failed',
      record(stuckBack, { isAlive: false }),
      ['retry-step book', 'skip-step book', 'abandon'],
    ],
    ['that has succeeded', record(over, { isAlive: false }), ['compensate']],
  ])('%s', (_, of, expected) => {
    expect(words(of)).toEqual(expected)
  })
})

const order = (act: SagaOrder['act'], step: string | null = null): SagaOrder => ({ act, step, reason: 'asked' })

describe('who goes on with it', () => {
  it('is the unit at hand; where there is none, where it waits or ends, a new one', () => {
    const compensate = order('compensate')
    expect(nextOf(record(running), compensate)).toMatchObject({ unit: 'trip', spare: 'trip~7' })
    expect(nextOf(record(running, { isAlive: false }), compensate)).toMatchObject({ unit: '', spare: 'trip~7' })
    expect(nextOf(record(waiting), order('retry-step'))).toMatchObject({ unit: '', spare: 'trip~7' })
    expect(nextOf(record(running), compensate, true)).toMatchObject({ unit: '', spare: 'trip~7' })
    expect(nextOf(record(running), order('abandon'))).toMatchObject({ unit: '', spare: '' })
    expect(sagaOf('trip~7')).toBe('trip')
    expect(isStalled(record(running, { isAlive: false }))).toBe(true)
    expect(isStalled(record(stuck, { isAlive: false }))).toBe(false)
  })

  it('a reason is needed, and a step that is meant must be the one', () => {
    expect(() => nextOf(record(stuck), { ...order('abandon'), reason: ' ' })).toThrow(/reason/)
    expect(() => nextOf(record(stuck), order('retry-step', 'book'))).toThrow(/but at "pay"/)
    expect(() => nextOf(record(stuck), order('skip-step'))).toThrow(/name the step/)
  })
})

it('an act is decided anew when somebody else was faster, and given up when that never ends', async () => {
  const states = [running, stuck]
  const written: SagaState[] = []
  const desk = {
    read: async () => record(states[0] ?? stuck),
    write: async (_: SagaRecord, { state }: { state: SagaState }) => {
      if (states.shift() === running) return 'changed' as const
      written.push(state)
      return 'saved' as const
    },
  }
  await actOnSaga(desk, 'trip', order('skip-step', 'pay'))
  expect(written.map(({ status }) => status)).toEqual(['succeeded'])
  const busy = { read: async () => record(running), write: async () => 'changed' as const }
  await expect(actOnSaga(busy, 'trip', order('abandon'))).rejects.toMatchObject({ code: 'timeout' })
  const none = { read: async () => null, write: async () => 'saved' as const }
  await expect(actOnSaga(none, 'trip', order('abandon'))).rejects.toMatchObject({ code: 'not-found' })
})

it('a plan is read back as it was kept; without one every step counts as compensable', () => {
  const plan = parsePlan(encodePlan(NAMES, PLAN))
  for (const name of NAMES) expect(plan(name)).toEqual(PLAN(name))
  for (const unknown of ['other', '__proto__']) expect(plan(unknown).isCompensable).toBe(true)
  expect(parsePlan('')('note')).toEqual({ isCompensable: true, onFailure: 'compensate' })
})

it('a record is read from the reply of the script, and nothing from an empty one', () => {
  const fields = ['name', 'order', 'revision', '7', 'unit', 'trip', 'args', '{}', 'version', '2', 'result:book', '"x"']
  const reply = [5, 1, ...fields, ...stateTexts(stuck, PLAN), 'startedAtMs', '1', 'changedAtMs', '2'] as const
  expect(parseSaga('trip', reply)).toMatchObject({
    name: 'order',
    version: 2,
    isAlive: true,
    endedAtMs: null,
    nowMs: 5,
  })
  expect(parseSaga('trip', reply)?.resultJsons.get('book')).toBe('"x"')
  expect(stateTexts(stuck, PLAN).slice(2)).toEqual(['step', 'pay', 'trouble', 'no'])
  expect(parseSaga('trip', [5, 0])).toBeNull()
})
