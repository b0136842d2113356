import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createJobs, type Jobs, type Saga } from '../../server/runtime/index.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { buildApp } from '../support/built-app.ts'
import { eventually } from '../support/eventually.ts'
import { redisClient } from '../support/redis.ts'
import { defineTrip, type SagaSettings, TRIP_STEPS, type Trip } from '../support/saga-app.ts'

const brokers = inject('brokers')
const KILLS = 30
const SAGAS = 90

describe.skipIf(brokers.redis === null)('sagas whose worker is killed again and again', () => {
  let redis: StartedRedis
  let admin: Redis
  let jobs: Jobs
  let trip: Saga<Trip>
  let app: Awaited<ReturnType<typeof buildApp>>
  const folder = mkdtempSync(join(tmpdir(), 'sluice-saga-'))
  const journal = join(folder, 'journal')
  const children = new Set<ChildProcess>()

  beforeAll(async () => {
    redis = await startRedis()
    admin = redisClient(redis.port)
    jobs = createJobs({ redis: redis.url })
    trip = defineTrip(jobs, () => {})
    app = await buildApp('saga-app')
  })
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    app?.remove()
    await jobs?.close()
    admin?.disconnect()
    await redis?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const lines = () => {
    try {
      return readFileSync(journal, 'utf8').split('\n').slice(0, -1)
    } catch {
      return []
    }
  }
  const spawnWorker = (): ChildProcess => {
    const settings: SagaSettings = { url: redis.url, journal, leaseMs: 450 }
    const child = spawn(process.execPath, [app.file, JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }

  test(`${KILLS} SIGKILLs over ${SAGAS} sagas: all end, no step is passed over, no compensation is`, async () => {
    const failsAt = new Map<string, string | null>()
    for (let n = 0; n < SAGAS; n += 1) {
      const failing = n % 3 === 0 ? null : (TRIP_STEPS[n % TRIP_STEPS.length] ?? null)
      const { id } = await trip.start({ failsAt: failing })
      failsAt.set(id, failing)
    }
    let kills = 0
    const ended = async () => (await trip.list({ ended: true })).length
    // On a slow machine each life lasts longer: they may all have ended before the last kill.
    for (; kills < KILLS && (await ended()) < SAGAS; kills += 1) {
      const before = lines().length
      const child = spawnWorker()
      const gone = once(child, 'exit')
      // What the last one held comes back when its lease ends.
      await eventually(async () => lines().length > before || child.exitCode !== null || (await ended()) === SAGAS, {
        timeoutMs: 10_000,
      })
      expect(child.exitCode).toBeNull()
      await delay(Math.random() * 250)
      child.kill('SIGKILL')
      await gone
    }
    expect(kills).toBeGreaterThan(KILLS / 2)
    const openAfterKills = (await trip.list()).length
    const last = spawnWorker()
    await eventually(async () => (await ended()) === SAGAS, { timeoutMs: 60_000 })
    expect(await trip.list()).toEqual([])
    last.kill('SIGKILL')

    const all = lines().map((line) => line.split(' ') as [string, string, string, string])
    let redone = 0
    for (const [id, failing] of failsAt) {
      const mine = all.filter((line) => line[1] === id)
      const details = await trip.show(id)
      expect(details?.status).toBe(failing === null ? 'succeeded' : 'compensated')
      const begun = TRIP_STEPS.slice(0, failing === null ? undefined : TRIP_STEPS.indexOf(failing as 'car') + 1)
      const firsts = (what: string) => [...new Set(mine.filter((line) => line[0] === what).map((line) => line[2]))]
      expect(firsts('run')).toEqual([...begun])
      expect(firsts('ran')).toEqual(begun.filter((step) => step !== failing))
      expect(firsts('undone')).toEqual(failing === null ? [] : begun.toReversed())
      const firstUndo = mine.findIndex(([what]) => what === 'undo')
      if (firstUndo >= 0) expect(mine.slice(firstUndo).some(([what]) => what === 'run')).toBe(false)
      // Each step begins only after the one before it has ended.
      const order = mine.filter(([what]) => what === 'run').map((line) => begun.indexOf(line[2] as 'car'))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
      // No attempt is begun twice under one key.
      const begins = mine
        .filter(([what]) => what === 'run' || what === 'undo')
        .map(([what, , step, attempt]) => `${what} ${step} ${attempt}`)
      expect(new Set(begins).size).toBe(begins.length)
      redone += begins.length - firsts('run').length - firsts('undo').length - (failing === null ? 0 : 1)
    }
    console.log(
      `${SAGAS} sagas, ${kills} kills, ${openAfterKills} still open after the last; ${redone} attempts were cut off and begun again`,
    )
  }, 180_000)

  test('a worker that was stopped past its lease writes nothing into a saga that another has taken over', async () => {
    const frozen = spawnWorker()
    const { id } = await trip.start({ failsAt: null })
    await eventually(() => lines().some((line) => line.startsWith(`run ${id}`)))
    frozen.kill('SIGSTOP')
    const other = spawnWorker()
    await eventually(async () => expect((await trip.show(id))?.status).toBe('succeeded'), { timeoutMs: 15_000 })
    const before = await trip.show(id)
    const refused = async () => Number(await admin.hget('sluice:{default}:stats', 'refused'))
    const refusedBefore = await refused()
    frozen.kill('SIGCONT')
    await eventually(async () => expect(await refused()).toBeGreaterThan(refusedBefore))
    expect(await trip.show(id)).toEqual(before)
    for (const child of [frozen, other]) child.kill('SIGKILL')
  }, 60_000)
})
