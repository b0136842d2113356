import { expect, test } from 'vitest'
import { phaseSteps, signOfControl } from './phase-words.ts'

const pause = { order: { verb: 'pause' } } as const
const states = (steps: ReturnType<typeof phaseSteps>) => steps.map(({ word, state }) => `${word} ${state}`)

test('what was asked for is not shown as in place', () => {
  expect(states(phaseSteps({ ...pause, phase: 'requested', phaseSinceMs: 1 }))).toEqual([
    ...['requested now', 'in place ahead', 'draining ahead', 'in effect ahead'],
  ])
})

test('in effect is done, with the time of each step that was reached', () => {
  const reached = [
    { phase: 'requested', atMs: 1 },
    { phase: 'in-place', atMs: 2 },
  ] as const
  const steps = phaseSteps({ ...pause, phase: 'in-effect', phaseSinceMs: 9 }, reached)
  expect(steps.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done'])
  expect(steps.map(({ atMs }) => atMs)).toEqual([1, 2, null, 9])
})

test('a throttle has nothing to drain', () => {
  const order = { verb: 'throttle', perSecond: 5, fromPerSecond: null } as const
  expect(phaseSteps({ order, phase: 'in-place', phaseSinceMs: 2 }).map(({ word }) => word)).toEqual([
    ...['requested', 'in place', 'in effect'],
  ])
})

test('what does not hold ends the way, in red', () => {
  const reached = [
    { phase: 'requested', atMs: 1 },
    { phase: 'in-place', atMs: 2 },
  ] as const
  const steps = phaseSteps({ ...pause, phase: 'not-effective', phaseSinceMs: 5 }, reached)
  expect(states(steps)).toEqual(['requested done', 'in place done', 'not effective failed'])
  expect(signOfControl({ ...pause, phase: 'not-effective' }).tone).toBe('critical')
})

test('a control of a stale source is unknown, neither holding nor broken', () => {
  expect(signOfControl({ ...pause, phase: 'unknown' })).toMatchObject({ glyph: 'unknown', tone: 'unknown' })
})
