import { gzipSync } from 'node:zlib'
import { UNKNOWN_QUEUE } from '../../server/domain/queue.ts'
import { answer } from '../../server/http/answer.ts'
import { openRoom } from '../support/room.ts'

const QUEUES = 10_000
const REFRESHES = 20

/** The board at 10,000 queues: one refresh taken in, one window answered, beside sending every row whole as others do. */
export async function run(): Promise<void> {
  let nowMs = 1_700_000_000_000
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const room = await openRoom(clock, [], { ids: ['s'] })
  const { board } = room
  const base = Array.from({ length: QUEUES }, (_, index) => ({
    ...{ ...UNKNOWN_QUEUE, name: `queue-number-${index}`, system: 'bullmq', depth: index, active: 1, delayed: 3 },
    ...{ dead: 4, oldestAgeMs: index, added: index * 10, consumers: 1 },
  }))
  const accepted: number[] = []
  const listed: number[] = []
  for (let refresh = 0; refresh < REFRESHES; refresh++) {
    nowMs += 2_000
    const queues = base.map((queue, index) => ({ ...queue, added: queue.added + refresh * index }))
    accepted.push(
      timed(() =>
        board.accept(
          {
            ...{ source: 's', kind: 'redis', takenAtMs: nowMs, tookMs: 1, queues, systems: [], nodes: [], topics: [] },
            ...{ cost: { commands: 0, bytesSent: 0, bytesRead: 0 }, groups: [], runs: [], workers: [], gaps: [] },
          },
          { intervalMs: 2_000, nextTryAtMs: 0 },
        ),
      ),
    )
    listed.push(timed(() => JSON.stringify(answer(room, '/queues?limit=100&trend=1'))))
  }
  const window = JSON.stringify(answer(room, '/queues?limit=100&trend=1'))
  const whole = JSON.stringify([...(board.source('s')?.derived.queues.values() ?? [])].map(({ row }) => row))
  console.log(
    `${QUEUES} queues: refresh taken in ${median(accepted)} ms, window of 100 answered in ${median(listed)} ms`,
  )
  console.log(
    `first load ${kb(window.length)}, ${kb(gzipSync(window).length)} gzipped; all rows whole ${kb(whole.length)}: ${(whole.length / window.length).toFixed(0)} × fewer bytes`,
  )
  await room.close()
}

function timed(work: () => unknown): number {
  const startedMs = performance.now()
  work()
  return performance.now() - startedMs
}

function median(values: readonly number[]): string {
  return (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN).toFixed(1)
}

function kb(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} KB`
}
