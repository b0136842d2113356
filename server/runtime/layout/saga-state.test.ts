import { describe, expect, test } from 'vitest'
import { OpsError } from '../../domain/errors.ts'
import { isOver } from '../../domain/saga.ts'
import {
  advance,
  commandOf,
  newSaga,
  type Plan,
  type SagaEvent,
  type SagaState,
  STEP_MOVES,
  type StepState,
  stepAt,
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

const tryTo = (saga: SagaState, event: SagaEvent, plan: Plan): SagaState | null => {
  try {
    return advance(saga, event, plan)
  } catch (error) {
    if (error instanceof OpsError && error.code === 'invalid') return null
    throw error
  }
}

interface Move {
  readonly from: SagaState
  readonly event: SagaEvent
  readonly to: SagaState
}

/** All states that any sequence of events can reach, and all moves between them. */
function reach(plan: Plan): { readonly states: readonly SagaState[]; readonly moves: readonly Move[] } {
  const first = newSaga(NAMES)
  const found = new Map([[keyOf(first), first]])
  const moves: Move[] = []
  for (const from of found.values()) {
    for (const event of EVENTS) {
      const to = tryTo(from, event, plan)
      if (to === null) continue
      moves.push({ from, event, to })
      if (!found.has(keyOf(to))) found.set(keyOf(to), to)
    }
  }
  return { states: [...found.values()], moves }
}

const needsUndoing = (step: StepState, plan: Plan) => step.attempts > 0 && plan(step.name).isCompensable
const isUndone = ({ status }: StepState) => status === 'compensated' || status === 'waived'

describe.each(PLANS)('in every state that can be reached: %s', (_, plan) => {
  const { states, moves } = reach(plan)
  /** States for which it does not hold, to be read when a test fails. */
  const breaking = (holds: (state: SagaState) => boolean) => states.filter((state) => !holds(state)).map(keyOf)

  test('each step moves only as its table says, and what is over changes only by a person undoing a success', () => {
    expect(states.length).toBeGreaterThan(20)
    const mayMove = (from: StepState, to: StepState) =>
      from.status === to.status || Object.values(STEP_MOVES[from.status]).includes(to.status)
    const holds = ({ from, event, to }: Move) => {
      if (isOver(from.status) && (from.status !== 'succeeded' || event.type !== 'compensate')) return false
      return from.steps.every((step, n) => mayMove(step, to.steps[n]!))
    }
    expect(moves.filter((move) => !holds(move))).toEqual([])
  })

  test('a saga that succeeded did or skipped every step; one that was compensated left nothing undone', () => {
    const isDone = ({ status }: StepState) => status === 'succeeded' || status === 'skipped'
    const holds = ({ status, steps }: SagaState) => {
      if (status === 'succeeded') return steps.every(isDone)
      return status !== 'compensated' || steps.filter((one) => needsUndoing(one, plan)).every(isUndone)
    }
    expect(breaking(holds)).toEqual([])
  })

  test('a compensation begins only when everything begun after it is undone, and no step begins on the way back', () => {
    const holds = (state: SagaState) => {
      const command = commandOf(state, plan)
      if (command.do === 'stop') return true
      const at = state.steps.findIndex(({ name }) => name === command.step)
      if (command.do === 'run') {
        const isDone = ({ status }: StepState) => status === 'succeeded' || status === 'skipped'
        return state.status === 'running' && state.steps.slice(0, at).every(isDone)
      }
      const later = state.steps.slice(at + 1).filter((one) => needsUndoing(one, plan))
      return state.status === 'compensating' && later.every(isUndone)
    }
    expect(breaking(holds)).toEqual([])
  })

  test('what is commanded can be begun, and begun again after a crash', () => {
    const holds = (state: SagaState) => {
      const command = commandOf(state, plan)
      if (command.do === 'stop') return isOver(state.status) || state.status === 'stuck'
      const begun = advance(state, { type: 'begin', step: command.step }, plan)
      const next = commandOf(begun, plan)
      if (next.do !== command.do || next.step !== command.step) return false
      return keyOf(advance(begun, { type: 'begin', step: command.step }, plan)) === keyOf(begun)
    }
    expect(breaking(holds)).toEqual([])
  })

  test('from everywhere some way leads to an end, and a stuck saga always leaves a person a way on', () => {
    const ends = new Set(states.filter(({ status }) => isOver(status)).map(keyOf))
    const isReal = ({ status }: SagaState) => status === 'succeeded' || status === 'compensated'
    const reaching = new Set(states.filter(isReal).map(keyOf))
    for (let size = -1; size !== reaching.size; ) {
      size = reaching.size
      for (const { from, to } of moves) if (reaching.has(keyOf(to))) reaching.add(keyOf(from))
    }
    expect(breaking((state) => reaching.has(keyOf(state)) || ends.has(keyOf(state)))).toEqual([])
    const hasWay = (state: SagaState) => {
      const step = stepAt(state, plan)?.name ?? null
      if (state.status !== 'stuck' || step === null) return state.status !== 'stuck'
      const ways = [
        tryTo(state, { type: 'retry', step }, plan),
        tryTo(state, { type: 'skip', step, reason: 'x' }, plan),
      ]
      return ways.every((next) => next !== null && next.status !== 'stuck')
    }
    expect(breaking(hasWay)).toEqual([])
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
