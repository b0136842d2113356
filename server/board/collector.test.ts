import { afterEach, expect, test, vi } from 'vitest'
import { OpsError } from '../domain/errors.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import type { Source } from '../domain/source.ts'
import { Board } from './board.ts'
import { startCollector } from './collector.ts'

const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }
const log = { debug() {}, info() {}, warn() {}, error() {} }
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()))
})

function snapshot(tookMs = 1): Snapshot {
  return {
    ...{ source: 's', kind: 'redis', takenAtMs: Date.now(), tookMs },
    ...{ cost: { commands: 1, bytesSent: 1, bytesRead: 1 }, systems: [], nodes: [], queues: [], topics: [] },
    ...{ groups: [], runs: [], workers: [], gaps: [] },
  }
}

function start(collect: Source['collect'], times: { intervalMs: number; deadlineMs: number }): Board {
  const sources = [{ id: 's', kind: 'redis' as const, address: 'redis://h', intervalMs: times.intervalMs }]
  const board = new Board({ clock, objective: { queueWaitMs: 1, groupLagMs: 1 }, sources })
  const source: Source = { id: 's', kind: 'redis', collect, close: async () => {} }
  const collector = startCollector({ source, board, clock, log, ...times })
  ends.push(() => collector.end())
  return board
}

test('a source that never answers and ignores its signal is stale after the deadline, and is not asked twice at once', async () => {
  let asked = 0
  const board = start(
    () => {
      asked++
      return new Promise(() => {})
    },
    { intervalMs: 10, deadlineMs: 40 },
  )
  await vi.waitFor(() => expect(board.ages()[0]).toMatchObject({ state: 'stale', error: { code: 'timeout' } }))
  await vi.waitFor(() => expect(board.ages()[0]?.error?.message).toContain('has not ended yet'))
  expect(asked).toBe(1)
})

test('a try that takes long is late and says so before its deadline, and is live again once it answers', async () => {
  const board = start(() => new Promise((resolve) => setTimeout(() => resolve(snapshot()), 1_700)), {
    intervalMs: 900,
    deadlineMs: 5_000,
  })
  await vi.waitFor(() => expect(board.ages()[0]?.error?.message).toContain('still waiting'), 3_000)
  await vi.waitFor(() => expect(board.ages()[0]).toMatchObject({ state: 'live', error: null }), 3_000)
})

test('a failure keeps the last snapshot with its age and cause, and the next good one clears it', async () => {
  let turn = 0
  const board = start(
    async () => {
      turn++
      if (turn === 2 || turn === 3) throw new OpsError('refused', 'collect', 'WRONGPASS')
      return snapshot()
    },
    { intervalMs: 20, deadlineMs: 1_000 },
  )
  await vi.waitFor(
    () => expect(board.ages()[0]).toMatchObject({ state: 'stale', error: { code: 'refused', message: 'WRONGPASS' } }),
    { interval: 1 },
  )
  expect(board.ages()[0]?.observedAtMs).toBeGreaterThan(0)
  expect(board.source('s')?.snapshot).not.toBeNull()
  await vi.waitFor(() => expect(board.ages()[0]).toMatchObject({ state: 'live', error: null }))
})

test('one slow read, as the first may be, leaves the pace as it is; where each is slow the broker is left alone for longer', async () => {
  const reads = { once: 0, always: 0 }
  const times = { intervalMs: 20, deadlineMs: 1_000 }
  const once = start(async () => snapshot(reads.once++ === 0 ? 60_000 : 1), times)
  const always = start(async () => {
    reads.always++
    return snapshot(60_000)
  }, times)
  await vi.waitFor(() => expect(reads.once).toBeGreaterThan(5))
  expect(once.ages()[0]).toMatchObject({ intervalMs: 20 })
  await vi.waitFor(() => expect(always.ages()[0]).toMatchObject({ intervalMs: 600_000 }))
  expect(reads.always).toBe(2)
})
