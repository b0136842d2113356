import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { seeded } from '../../server/domain/seeded.ts'
import { runKey } from '../../server/runtime/layout/keys.ts'
import { parseRunState, RUN_FIELDS } from '../../server/runtime/layout/run-state.ts'
import { eventually } from '../support/eventually.ts'
import { defineAppJobs } from '../support/jobs-app.ts'
import { jobs, key, ownJobs } from '../support/jobs-lab.ts'
import { JobsProcesses } from '../support/jobs-process.ts'
import { admin, redis } from '../support/redis-lab.ts'

const brokers = inject('brokers')
/** How many signals in one run: `SLUICE_FAULTS=1000` for a longer one. Items grow with it. */
const SIGNALS = Number(process.env.SLUICE_FAULTS ?? 100)
const ITEMS = SIGNALS * 200
const SEED = Number(process.env.SLUICE_SEED ?? 20_261_121)
const LEASE_MS = 600
const STANDING = 3

/** One line of the journal: an item began, or was finished. */
interface Begun {
  readonly n: number
  readonly token: number
  readonly atMs: number
}

/** What a checker outside the processes reads from their journal. */
function judged(lines: readonly string[]) {
  const begun: Begun[] = []
  const finished = new Set<number>()
  for (const line of lines) {
    const [what, , n, token, atMs] = line.split(' ')
    if (what === 'begin') begun.push({ n: Number(n), token: Number(token), atMs: Number(atMs) })
    if (what === 'finish') finished.add(Number(n))
  }
  const byToken = new Map<number, Begun[]>()
  for (const one of begun) {
    const own = byToken.get(one.token) ?? []
    own.push(one)
    byToken.set(one.token, own)
  }
  const executions = [...byToken.values()]
  /** Items that the next execution did again. */
  const repeated = executions.slice(1).map((own, at) => executions[at]!.at(-1)!.n - own[0]!.n + 1)
  const isOrdered = executions.every((own) => own.every(({ n }, at) => n === own[0]!.n + at))
  return { begun, finished, executions, repeated, isOrdered }
}

describe.skipIf(brokers.redis === null)(`a run of ${ITEMS} items and ${SIGNALS} signals (seed ${SEED})`, () => {
  let processes: JobsProcesses
  let id: string

  ownJobs()
  beforeEach(async () => {
    processes = new JobsProcesses({ url: redis.url, leaseMs: LEASE_MS })
    const { walk } = defineAppJobs(jobs, () => {})
    for (let n = 0; n < STANDING; n += 1) await processes.start()
    id = (await jobs.enqueue(walk, { count: ITEMS, ms: 1 })).id
  })
  afterEach(() => processes.close())

  const state = async () => parseRunState(await admin.hmget(runKey('sluice', 'default', id), ...RUN_FIELDS))
  const holder = async () => {
    const line = await admin.hget(key('active'), id)
    const [token, worker] = (line ?? '').split(' ')
    return { token: Number(token), pid: Number(worker?.split(':').at(-2)) }
  }
  /** Signals the holder at random moments, each time another; resolves with when, by the execution's token. */
  const harass = async (signal: NodeJS.Signals, count: number): Promise<Map<number, number>> => {
    const chance = seeded(SEED)
    const sent = new Map<number, number>()
    while (sent.size < count) {
      const { token, pid } = await eventually(
        async () => {
          const now = await holder()
          expect(now.pid).toBeGreaterThan(0)
          expect(sent.has(now.token)).toBe(false)
          return now
        },
        { timeoutMs: 10_000 },
      )
      await delay(chance() * 250)
      if ((await holder()).token !== token) continue
      if (!processes.signal(pid, signal)) continue
      sent.set(token, performance.timeOrigin + performance.now())
      if (signal !== 'SIGSTOP') processes.spawn()
    }
    return sent
  }

  test('SIGKILL: nothing is lost, at most one window is repeated each time, and it goes on within two leases', async () => {
    const sent = await harass('SIGKILL', SIGNALS)
    await eventually(async () => (await state()).status === 'succeeded', { timeoutMs: 120_000 })
    const { finished, executions, repeated, isOrdered, begun } = judged(processes.lines())
    const recoveries = executions.slice(1).flatMap((own, at) => {
      const killedAtMs = sent.get(executions[at]![0]!.token)
      return killedAtMs === undefined ? [] : [own[0]!.atMs - killedAtMs]
    })
    recoveries.sort((a, b) => a - b)
    const p99 = recoveries[Math.ceil(recoveries.length * 0.99) - 1]!
    const p50 = recoveries[Math.ceil(recoveries.length * 0.5) - 1]!
    console.log(
      `${sent.size} SIGKILLs in ${ITEMS} items: lost ${ITEMS - finished.size}, repeated ${begun.length - ITEMS} in all, ` +
        `${Math.max(...repeated)} at most each; recovery p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, ` +
        `lease ${LEASE_MS} ms`,
    )
    expect(finished.size).toBe(ITEMS)
    expect(isOrdered).toBe(true)
    expect(Math.max(...repeated)).toBeLessThanOrEqual(101)
    expect(await state()).toMatchObject({ status: 'succeeded', done: ITEMS, failures: 0 })
    expect(p99).toBeLessThanOrEqual(2 * LEASE_MS)
  }, 300_000)

  test('SIGTERM: nothing is lost and nothing is repeated', async () => {
    const sent = await harass('SIGTERM', SIGNALS)
    await eventually(async () => (await state()).status === 'succeeded', { timeoutMs: 120_000 })
    const { begun, finished, isOrdered, repeated } = judged(processes.lines())
    console.log(
      `${sent.size} SIGTERMs in ${ITEMS} items: lost ${ITEMS - finished.size}, repeated ${begun.length - ITEMS}`,
    )
    expect(finished.size).toBe(ITEMS)
    expect(begun.length).toBe(ITEMS)
    expect(Math.max(...repeated)).toBe(0)
    expect(isOrdered).toBe(true)
    expect(await state()).toMatchObject({ done: ITEMS, failures: 0, crashes: 0, interruptions: sent.size })
  }, 300_000)

  test('SIGSTOP past the lease: a zombie begins at most one item more, and none of its writes counts', async () => {
    const stopped = await harass('SIGSTOP', 2)
    const tokens = [...stopped.keys()]
    await eventually(async () => expect((await holder()).token).toBeGreaterThan(tokens.at(-1)!))
    await delay(2 * LEASE_MS)
    for (const pid of processes.pids) processes.signal(pid, 'SIGCONT')
    await eventually(() => processes.count('lost') >= 2)
    const { executions } = judged(processes.lines())
    for (const token of tokens) {
      const own = executions.find(([first]) => first!.token === token)!
      const next = executions.find(([first]) => first!.token > token)!
      expect(own.filter(({ atMs }) => atMs > next[0]!.atMs).length).toBeLessThanOrEqual(1)
    }
    // The cursor is the heirs' and only grows.
    const before = Number((await state()).cursor)
    await delay(300)
    expect(Number((await state()).cursor)).toBeGreaterThan(before)
  }, 60_000)
})
