import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { Board } from '../../server/board/board.ts'
import { type Collector, startCollector } from '../../server/board/collector.ts'
import { type ControlRoom, openControlRoom } from '../../server/board/control-room.ts'
import { Refusal } from '../../server/board/refusal.ts'
import type { Order } from '../../server/domain/control.ts'
import { OpsError } from '../../server/domain/errors.ts'
import { seeded } from '../../server/domain/seeded.ts'
import type { Source } from '../../server/domain/source.ts'
import { createJobs } from '../../server/runtime/index.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { collect, noLog, realClock, redisSource } from '../support/redis.ts'

const brokers = inject('brokers')
const QUEUES = ['a', 'b', 'c', 'd', 'e']
const CONTROLS = 1_000
const SEED = 4

interface Desk extends ControlRoom {
  readonly source: Source
  end(): Promise<void>
}

/** One dashboard without its HTTP: a source, a collector, a ledger of its own. */
async function openDesk(redis: StartedRedis): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-desk-'))
  const source = redisSource(redis.port)
  const sources = [{ id: source.id, kind: source.kind, address: redis.url, intervalMs: 1_000 }]
  const board = new Board({ clock: realClock, objective: { queueWaitMs: 60_000, groupLagMs: 60_000 }, sources })
  let collector: Collector | null = null
  const actable = { id: source.id, controls: source.controls, jobs: source.jobs, refresh: () => collector?.refresh() }
  const room = await openControlRoom({ board, folder, clock: realClock, log: noLog, sources: [actable] })
  collector = startCollector({ source, board, clock: realClock, log: noLog, intervalMs: 1_000, deadlineMs: 5_000 })
  const end = async () => {
    await collector?.end()
    await room.close()
    await source.close()
    rmSync(folder, { recursive: true })
  }
  return { ...room, source, end }
}

describe.skipIf(brokers.redis === null)('two dashboards on one Redis', () => {
  let redis: StartedRedis
  let desks: Desk[] = []

  beforeAll(async () => {
    redis = await startRedis()
    const jobs = createJobs({ redis: redis.url })
    const job = jobs.define({ name: 'nothing', args: (value) => value as object, perform: async () => {} })
    for (const queue of QUEUES) await jobs.enqueue(job, {}, { queue })
    await jobs.close()
    desks = [await openDesk(redis), await openDesk(redis)]
    for (const { board } of desks) {
      await eventually(() => expect(board.source('redis-main')?.derived.queues.size).toBe(QUEUES.length))
    }
  })
  afterAll(async () => {
    for (const desk of desks) await desk.end()
    await redis.stop()
  })

  test(`issue ${CONTROLS} random controls, extend and lift each other’s, and both end in the state that Redis is in`, async () => {
    const random = seeded(SEED)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
    const counts = { made: 0, extended: 0, lifted: 0, conflicts: 0, refused: 0 }
    const orders: Order[] = [
      { verb: 'pause' },
      { verb: 'throttle', perSecond: 5, fromPerSecond: null },
      { verb: 'limit', concurrency: 3 },
    ]
    const one = async ({ controls, book }: Desk, actor: string): Promise<void> => {
      const living = book.living
      const kind = living.length > 150 ? 1 : random()
      const victim = pick(living)
      if (kind < 0.5 || !victim) {
        const wish = { targets: [`redis-main/${pick(QUEUES)}`], order: pick(orders), ttlMs: 600_000 }
        const { fingerprint } = controls.preview(wish)
        const made = await controls.make({ ...wish, reason: 'at random, for a test', fingerprint }, actor)
        if (made.failed.length > 0) counts.refused++
        else counts.made++
      } else if (kind < 0.7) {
        await controls.extend(victim.control.id, { ttlMs: 700_000, revision: victim.control.revision }, actor)
        counts.extended++
      } else {
        await controls.lift(victim.control.id, null, actor)
        counts.lifted++
      }
    }
    const startedMs = performance.now()
    await Promise.all(
      desks.map(async (desk, at) => {
        while (counts.made + counts.extended + counts.lifted + counts.conflicts < CONTROLS) {
          try {
            await one(desk, `person-${at}`)
          } catch (error) {
            // Of two at the same moment one is told that it was too late.
            if (!(error instanceof Refusal) && !(error instanceof OpsError)) throw error
            counts.conflicts++
          }
        }
      }),
    )
    const endedMs = performance.now()
    const state = ({ book }: Desk) =>
      book.living.map(({ control: { id, revision, expiresAtMs } }) => `${id} ${revision} ${expiresAtMs}`).sort()
    const inRedis = async () => {
      const { controls = [] } = await collect(witness)
      return controls.map(({ control: { id, revision, expiresAtMs } }) => `${id} ${revision} ${expiresAtMs}`).sort()
    }
    const [a, b] = desks as [Desk, Desk]
    const witness = redisSource(redis.port)
    await eventually(async () => {
      const truth = await inRedis()
      expect(state(a)).toEqual(truth)
      expect(state(b)).toEqual(truth)
    })
    const convergedMs = performance.now() - endedMs
    await witness.close()
    console.log(
      `seed ${SEED}: ${JSON.stringify(counts)} in ${(endedMs - startedMs).toFixed(0)} ms, one state ${convergedMs.toFixed(0)} ms later`,
    )
    // One snapshot of each: a second apart, more when the machine is busy.
    expect(convergedMs).toBeLessThan(4_000)
    for (const { ledger, book } of desks) {
      expect(ledger.fault).toBeNull()
      expect(book.living.every(({ lifting }) => lifting === null)).toBe(true)
    }
  })
})
