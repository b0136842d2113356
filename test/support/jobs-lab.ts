import { afterEach, beforeEach } from 'vitest'
import { createJobs, type Jobs } from '../../server/runtime/index.ts'
import { type QueueKey, queueKey, runKey } from '../../server/runtime/layout/keys.ts'
import { parseRunState, RUN_FIELDS, type RunState } from '../../server/runtime/layout/run-state.ts'
import { admin, ownRedis, redis } from './redis-lab.ts'

/** A new one for each test of the file that called `ownJobs`. */
export let jobs: Jobs

/** A Redis of its own for one test file, and on it a job runtime for each test. */
export function ownJobs(): void {
  ownRedis()
  beforeEach(() => {
    jobs = createJobs({ redis: redis.url })
  })
  afterEach(() => jobs.close())
}

/** As if the program had ended, and another had begun. */
export async function renewJobs(): Promise<void> {
  await jobs.close()
  jobs = createJobs({ redis: redis.url })
}

/** A key of the queue `default`. */
export function key(name: QueueKey): string {
  return queueKey('sluice', 'default', name)
}

/** The counters of the queue `default`. */
export function stats(): Promise<Record<string, string>> {
  return admin.hgetall(key('stats'))
}

/** The state of a run in the queue `default`. */
export async function state(id: string): Promise<RunState> {
  return parseRunState(await admin.hmget(runKey('sluice', 'default', id), ...RUN_FIELDS))
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}

/** Arguments that need no check. */
export function asIs(value: unknown): { n: number } {
  return value as { n: number }
}
