import { describe, expect, it } from 'vitest'
import type { Run } from '../domain/run.ts'
import { estimateRun } from './run-estimate.ts'

const NOW = 1_800_000_000_000
const RUN: Run = {
  ...{ id: 'r', job: 'import', queue: 'q', system: 'sluice', status: 'running', attempt: 1, interruptions: 0 },
  ...{ tickCount: 1_000, tickTotal: 3_000, cursor: null, startedAtMs: NOW - 100_000, tickedAtMs: NOW - 50 },
  ...{ runningMs: 100_000, error: null, perSecond: 20 },
}

describe('when a run will end', () => {
  it('is between what its last seconds and its whole life say', () => {
    expect(estimateRun(RUN, NOW)).toEqual({ etaFromMs: NOW + 100_000, etaToMs: NOW + 200_000, stalledMs: null })
  })

  it.each<[string, Partial<Run>]>([
    ['without a total', { tickTotal: null }],
    ['beyond its total', { tickCount: 3_001 }],
    ['before its first iteration', { tickCount: 0, runningMs: 0, perSecond: null }],
    ['while it is paused', { status: 'paused' }],
  ])('cannot be told %s', (_, but) => {
    expect(estimateRun({ ...RUN, ...but }, NOW)).toMatchObject({ etaFromMs: null, etaToMs: null })
  })
})

describe('a run stands still', () => {
  it('when nothing ended for a minute although iterations take 100 ms', () => {
    expect(estimateRun({ ...RUN, tickedAtMs: NOW - 61_000 }, NOW)).toEqual({
      ...{ etaFromMs: null, etaToMs: null, stalledMs: 61_000 },
    })
  })

  it('but not when its iterations usually take that long, nor when it is not running', () => {
    const slow = { ...RUN, tickCount: 10, runningMs: 100_000, perSecond: 0.1, tickedAtMs: NOW - 61_000 }
    expect(estimateRun(slow, NOW).stalledMs).toBeNull()
    expect(estimateRun({ ...RUN, status: 'paused', tickedAtMs: NOW - 900_000 }, NOW).stalledMs).toBeNull()
  })
})
