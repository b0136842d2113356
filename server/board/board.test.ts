import { expect, test } from 'vitest'
import type { ConsumerGroup, Position } from '../domain/group.ts'
import { type Queue, UNKNOWN_QUEUE } from '../domain/queue.ts'
import type { Snapshot } from '../domain/snapshot.ts'
import { Board } from './board.ts'
import { drainOf } from './drain.ts'

class Bench {
  nowMs = 1_000_000_000
  readonly board: Board

  constructor() {
    const clock = { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs }
    const sources = [{ id: 's', kind: 'redis' as const, address: 'redis://h', intervalMs: 2_000 }]
    this.board = new Board({ clock, objective: { queueWaitMs: 60_000, groupLagMs: 60_000 }, sources })
  }

  accept(things: { queues?: readonly Queue[]; groups?: readonly ConsumerGroup[] }): void {
    const snapshot: Snapshot = {
      ...{ source: 's', kind: 'redis', takenAtMs: this.nowMs, tookMs: 1, systems: [], nodes: [], topics: [] },
      ...{ cost: { commands: 0, bytesSent: 0, bytesRead: 0 }, queues: [], groups: [], runs: [], workers: [], gaps: [] },
      ...things,
    }
    this.board.accept(snapshot, { intervalMs: 2_000, nextTryAtMs: this.nowMs + 2_000 })
  }

  queue(tail: string) {
    return this.board.source('s')?.derived.queues.get(tail)?.row
  }

  group(tail: string) {
    return this.board.source('s')?.derived.groups.get(tail)?.row
  }
}

const queue = (more: Partial<Queue>): Queue => ({ ...UNKNOWN_QUEUE, name: 'mail', system: 'bullmq', ...more })

test('rates come from lifetime counters, and what left is an estimate where nobody counts it', () => {
  const bench = new Bench()
  bench.accept({ queues: [queue({ added: 100, depth: 50, active: 0, delayed: 0 })] })
  bench.nowMs += 2_000
  bench.accept({ queues: [queue({ added: 140, depth: 70, active: 0, delayed: 0 })] })
  expect(bench.queue('mail')).toMatchObject({
    inPerSecond: 20,
    outPerSecond: 10,
    estimated: ['outPerSecond'],
    drain: 'never',
  })
})

test('a counter that fell gives no rate, and one that is unknown stays unknown', () => {
  const bench = new Bench()
  bench.accept({ queues: [queue({ added: 100, depth: 5 })] })
  bench.nowMs += 2_000
  bench.accept({ queues: [queue({ added: 2, depth: 5 })] })
  expect(bench.queue('mail')).toMatchObject({
    inPerSecond: null,
    outPerSecond: null,
    depthChange5m: null,
    drain: 'unknown',
  })
})

test('the change over five minutes is told only once five minutes (less a step) were seen', () => {
  const bench = new Bench()
  for (let second = 0; second <= 300; second += 2) {
    bench.accept({ queues: [queue({ depth: second })] })
    if (second < 285) expect(bench.queue('mail')?.depthChange5m).toBeNull()
    bench.nowMs += 2_000
  }
  expect(bench.queue('mail')?.depthChange5m).toBeGreaterThan(280)
})

test('a group consumes what its commits advance, over the partitions it has committed in', () => {
  const bench = new Bench()
  const at = (committed: number | null, end: number): Position => ({
    ...{ topic: 'orders', partition: committed === null ? 1 : 0, committed, start: 0, end },
    ...{ owner: null, lagMs: null, lagMsBasis: 'no-history' },
  })
  const group = (positions: Position[]): ConsumerGroup => ({
    ...{ name: 'g', protocol: 'classic', state: 'stable', members: 1, lag: 50, lagMs: null, lagMsEstimated: false },
    ...{ lostPartitions: 0, lostRecords: 0, positions, memberList: null },
  })
  bench.accept({ groups: [group([at(50, 100), at(null, 7)])] })
  bench.nowMs += 2_000
  bench.accept({ groups: [group([at(70, 130), at(null, 9)])] })
  expect(bench.group('g')).toMatchObject({ inPerSecond: 15, outPerSecond: 10, topics: ['orders'], partitions: 2 })
})

test('a source grows late and then stale by its age alone, and keeps its last numbers', () => {
  const bench = new Bench()
  bench.accept({ queues: [queue({ depth: 1 })] })
  const states = [0, 4_000, 4_001, 10_000, 10_001].map((age) => {
    const { board } = bench
    const at = bench.nowMs
    bench.nowMs += age
    const state = board.ages()[0]?.state
    bench.nowMs = at
    return state
  })
  expect(states).toEqual(['live', 'live', 'late', 'late', 'stale'])
  bench.board.fail('s', { error: { code: 'unreachable', message: 'refused' }, pending: false, nextTryAtMs: null })
  expect(bench.board.ages()[0]?.state).toBe('stale')
  expect(bench.queue('mail')?.depth).toBe(1)
})

test('since when something is bad is kept until it is better, and starts anew when it gets worse', () => {
  const bench = new Bench()
  bench.accept({ queues: [queue({ depth: 1, consumers: 0 })] })
  const since = bench.nowMs
  bench.nowMs += 2_000
  bench.accept({ queues: [queue({ depth: 2, consumers: 0 })] })
  expect(bench.board.badSinceMs('s/mail')).toBe(since)
  bench.nowMs += 2_000
  bench.accept({ queues: [queue({ depth: 2, consumers: 0, oldestAgeMs: 90_000 })] })
  expect(bench.board.badSinceMs('s/mail')).toBe(bench.nowMs)
  bench.accept({ queues: [queue({ depth: 0, consumers: 0 })] })
  expect(bench.board.badSinceMs('s/mail')).toBeNull()
})

test('what is looked at is watched for a while, and never more than a hundred things', () => {
  const bench = new Bench()
  for (let index = 0; index < 150; index++) bench.board.watch('s', `q${index}`)
  expect(bench.board.watched('s')).toHaveLength(100)
  expect(bench.board.watched('s')).toContain('q149')
  bench.nowMs += 15_001
  expect(bench.board.watched('s')).toEqual([])
})

test.each([
  [0, 5, 1, { drain: 'idle', drainMs: null }],
  [null, 5, 1, { drain: 'unknown', drainMs: null }],
  [100, 5, null, { drain: 'unknown', drainMs: null }],
  [100, 5, 5, { drain: 'never', drainMs: null }],
  [100, 5, 10, { drain: 'draining', drainMs: 20_000 }],
] as const)('%s waiting, in %s, out %s drains so', (amount, inRate, outRate, expected) => {
  expect(drainOf(amount, inRate, outRate)).toEqual(expected)
})
