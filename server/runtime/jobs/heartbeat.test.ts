import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../system-clock.ts'
import type { Connection } from './connection.ts'
import { EventMap } from './events.ts'
import { Heartbeat } from './heartbeat.ts'
import { workerLimits } from './settings.ts'

const LEASE_MS = 900
const BLOCK_MS = 2_000

function block(): void {
  const untilMs = performance.now() + BLOCK_MS
  while (performance.now() < untilMs);
}

interface Given {
  /** Called at each write: what stands for Redis takes it, and answers after `answerMs`. */
  readonly onWrite?: () => void
  readonly answerMs?: number
  readonly betweenBeats?: () => void
}

/** The milliseconds of each stall that was told. */
async function stallsWith({ onWrite = () => {}, answerMs = 5, betweenBeats = () => {} }: Given): Promise<number[]> {
  const stalls: number[] = []
  const events = new EventMap(systemClock)
  events.on('stalled', ({ lateMs }) => stalls.push(lateMs))
  const run = async () => {
    onWrite()
    return delay(answerMs, [])
  }
  const heartbeat = new Heartbeat(
    {
      ...{ worker: 'w1', prefix: 'sluice', queues: [], capacity: 1, limits: workerLimits({ leaseMs: LEASE_MS }) },
      ...{ clock: systemClock, chance: () => 0, events, pumps: new Map(), isRunning: () => true, lose: () => {} },
      scheduler: undefined as never,
    },
    { run } as unknown as Connection,
  )
  heartbeat.start()
  await delay(LEASE_MS / 2)
  betweenBeats()
  await delay(2 * LEASE_MS)
  await heartbeat.stop()
  return stalls
}

test.each([
  ['between two beats', { betweenBeats: block }],
  ['while a beat waits for Redis', { onWrite: atSecond(block) }],
])('an event loop that stood still %s is told once', async (_, given) => {
  const stalls = await stallsWith(given)
  expect(stalls).toHaveLength(1)
  expect(stalls[0]).toBeGreaterThan(BLOCK_MS - LEASE_MS)
})

test('a Redis that answers late is no stall', async () => {
  expect(await stallsWith({ answerMs: 2 * LEASE_MS })).toEqual([])
})

/** Acts at the second call only: the first comes with the start. */
function atSecond(act: () => void): () => void {
  let calls = 0
  return () => {
    calls++
    if (calls === 2) act()
  }
}
