import { describe, expect, test } from 'vitest'
import {
  advance,
  commandOf,
  isOver,
  newSaga,
  type Plan,
  type SagaEvent,
  type SagaState,
  STEP_MOVES,
  type StepState,
  type StepStatus,
} from './saga-state.ts'

const NAMES = ['reserve', 'pay', 'ship'] as const
/** Every mixture of steps with and without a compensation, and of both ways to fail. */
const PLANS: readonly (readonly [string, Plan])[] = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bits) =>
  (['compensate', 'wait'] as const).map((onFailure): readonly [string, Plan] => {
    const isCompensable = (step: string) => ((bits >> NAMES.indexOf(step as 'pay')) & 1) === 1
    return [
      `${NAMES.filter(isCompensable).join(' ') || 'nothing'} compensable, ${onFailure}`,
      (step) => ({ isCompensable: isCompensable(step), onFailure }),
    ]
  }),
)
const always: Plan = () => ({ isCompensable: true, onFailure: 'compensate' })

const EVENTS: readonly SagaEvent[] = [
  ...NAMES.flatMap((step): SagaEvent[] => [
    { type: 'begin', step },
    { type: 'succeed', step },
    { type: 'fail', step, error: 'no', notBeforeMs: 5 },
    { type: 'fail', step, error: 'no', notBeforeMs: null },
    { type: 'retry', step },
    { type: 'skip', step, reason: 'done by hand' },
  ]),
  { type: 'compensate', reason: 'because' },
  { type: 'abandon', reason: 'because' },
]

/** Counts beyond 1 make no difference to what may happen. */
const keyOf = ({ status, steps }: SagaState) =>
  [
    status,
    ...steps.map((one) => `${one.status}${Math.min(1, one.attempts)}${one.notBeforeMs === null ? '' : 'w'}`),
  ].join()

const after = (saga: SagaState, event: SagaEvent, plan: Plan): SagaState | null => {
  try {
    return advance(saga, event, plan)
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid' })
    return null
  }
}

/** All states that any sequence of events can reach. */
function reach(plan: Plan): { readonly states: readonly SagaState[]; readonly nexts: Map<string, SagaState[]> } {
  const first = newSaga(NAMES)
  const found = new Map([[keyOf(first), first]])
  const nexts = new Map<string, SagaState[]>()
  for (const state of found.values()) {
    const reached = EVENTS.map((event) => after(state, event, plan)).filter((next) => next !== null)
    nexts.set(keyOf(state), reached)
    for (const next of reached) if (!found.has(keyOf(next))) found.set(keyOf(next), next)
  }
  return { states: [...found.values()], nexts }
}

const needsUndoing = (step: StepState, plan: Plan) => step.attempts > 0 && plan(step.name).isCompensable
const isUndone = ({ status }: StepState) => status === 'compensated' || status === 'waived'

describe.each(PLANS)('in every state that can be reached: %s', (_, plan) => {
  const { states, nexts } = reach(plan)

  test('each step moved only as its table says, and nothing changes a saga that is over but a person undoing it', () => {
    expect(states.length).toBeGreaterThan(20)
    for (const state of states) {
      for (const event of EVENTS) {
        const next = after(state, event, plan)
        if (next === null) continue
        for (const [n, step] of state.steps.entries()) {
          const to = next.steps[n]!.status
          const may: readonly (StepStatus | undefined)[] = Object.values(STEP_MOVES[step.status])
          expect(to === step.status || may.includes(to)).toBe(true)
        }
        if (isOver(state.status)) expect([state.status, event.type]).toEqual(['succeeded', 'compensate'])
      }
    }
  })

  test('a saga that succeeded did or skipped every step; one that was compensated left nothing undone', () => {
    for (const { status, steps } of states) {
      if (status === 'succeeded') expect(steps.every((one) => ['succeeded', 'skipped'].includes(one.status))).toBe(true)
      if (status === 'compensated') expect(steps.filter((one) => needsUndoing(one, plan)).every(isUndone)).toBe(true)
    }
  })

  test('a compensation begins only when everything begun after it is undone, and no step begins on the way back', () => {
    for (const state of states) {
      const command = commandOf(state, plan)
      if (command.do === 'stop') continue
      const at = state.steps.findIndex(({ name }) => name === command.step)
      if (command.do === 'run') {
        expect(state.status).toBe('running')
        expect(state.steps.slice(0, at).every(({ status }) => ['succeeded', 'skipped'].includes(status))).toBe(true)
      } else {
        expect(state.status).toBe('compensating')
        expect(
          state.steps
            .slice(at + 1)
            .filter((one) => needsUndoing(one, plan))
            .every(isUndone),
        ).toBe(true)
      }
    }
  })

  test('what is commanded can be begun, and begun again after a crash', () => {
    for (const state of states) {
      const command = commandOf(state, plan)
      if (command.do === 'stop') {
        expect(isOver(state.status) || state.status === 'stuck').toBe(true)
        continue
      }
      const begun = advance(state, { type: 'begin', step: command.step }, plan)
      expect(commandOf(begun, plan)).toMatchObject({ do: command.do, step: command.step })
      expect(keyOf(advance(begun, { type: 'begin', step: command.step }, plan))).toBe(keyOf(begun))
    }
  })

  test('from everywhere some way leads to an end, and a stuck saga always leaves a person a way on', () => {
    const ends = new Set(states.filter(({ status }) => isOver(status) && status !== 'abandoned').map(keyOf))
    for (let size = -1; size !== ends.size; ) {
      size = ends.size
      for (const [key, next] of nexts) if (next.some((one) => ends.has(keyOf(one)))) ends.add(key)
    }
    for (const state of states) expect(ends.has(keyOf(state)) || state.status === 'abandoned').toBe(true)
    for (const stuck of states.filter(({ status }) => status === 'stuck')) {
      const step =
        stuck.steps.find(({ status }) => status === 'compensation-failed') ??
        stuck.steps.find(({ status }) => status === 'failed')
      for (const type of ['retry', 'skip'] as const) {
        const next = advance(stuck, { type, step: step!.name, reason: 'x' }, plan)
        expect(next.status).not.toBe('stuck')
      }
    }
  })
})

test('a failing step turns the saga back, and the steps are undone from the last to the first', () => {
  let saga = newSaga(NAMES)
  const tell = (event: SagaEvent) => {
    saga = advance(saga, event, always)
  }
  for (const step of ['reserve', 'pay']) {
    tell({ type: 'begin', step })
    tell({ type: 'succeed', step })
  }
  tell({ type: 'begin', step: 'ship' })
  tell({ type: 'fail', step: 'ship', error: 'no truck', notBeforeMs: 7 })
  expect(commandOf(saga, always)).toEqual({ do: 'run', step: 'ship', notBeforeMs: 7 })
  tell({ type: 'begin', step: 'ship' })
  tell({ type: 'fail', step: 'ship', error: 'no truck', notBeforeMs: null })
  expect(saga).toMatchObject({ status: 'compensating', reason: 'step "ship": no truck' })
  const undone: string[] = []
  for (let command = commandOf(saga, always); command.do !== 'stop'; command = commandOf(saga, always)) {
    undone.push(command.step)
    tell({ type: 'begin', step: command.step })
    tell({ type: 'succeed', step: command.step })
  }
  expect(undone).toEqual(['ship', 'pay', 'reserve'])
  expect(saga.status).toBe('compensated')
  expect(saga.steps.map(({ attempts, compensations }) => [attempts, compensations])).toEqual([
    [1, 1],
    [1, 1],
    [2, 1],
  ])
})

test('the end of a step that a person overtook by turning back is kept, and the step is undone', () => {
  const begun = advance(newSaga(NAMES), { type: 'begin', step: 'reserve' }, always)
  const turned = advance(begun, { type: 'compensate', reason: 'customer called' }, always)
  for (const end of [
    { type: 'succeed', step: 'reserve' },
    { type: 'fail', step: 'reserve', error: 'no', notBeforeMs: 9 },
    { type: 'fail', step: 'reserve', error: 'no', notBeforeMs: null },
  ] as const) {
    const ended = advance(turned, end, always)
    expect(commandOf(ended, always)).toEqual({ do: 'compensate', step: 'reserve', notBeforeMs: null })
    expect(ended).toMatchObject({ status: 'compensating', reason: 'customer called' })
  }
})
