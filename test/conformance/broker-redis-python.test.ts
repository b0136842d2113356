/** Celery and RQ, unchanged, on the embedded engine and on redis-server: what they tell is the same. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { findProgram } from '../brokers/process.ts'
import { startRedis } from '../brokers/redis.ts'

const APPS = { celery: app('celery-app.py'), rq: app('rq-app.py') }
/** Debian's own: another Python would not find its packages. */
const PYTHON = '/usr/bin/python3'
const engines =
  (await findProgram('redis-server')) === null ? (['embedded'] as const) : (['embedded', 'server'] as const)

function app(name: string): string {
  return fileURLToPath(new URL(`../support/${name}`, import.meta.url))
}

/** Debian: `python3-celery`, `python3-rq`. */
async function has(module: string): Promise<boolean> {
  return promisify(execFile)(PYTHON, ['-c', `import ${module}`]).then(
    () => true,
    () => false,
  )
}

describe.skipIf(!(await has('celery')))('Celery', () => {
  test.each(engines)('tasks, retries, delays, a chord and remote control work on the %s', async (engine) => {
    const redis = await startRedis({ engine })
    const env = { ...process.env, REDIS_URL: `${redis.url}/0` }
    const worker = spawn(PYTHON, [APPS.celery, 'work'], { env, stdio: 'ignore' })
    try {
      const { stdout } = await promisify(execFile)(PYTHON, [APPS.celery, 'send'], { env, timeout: 50_000 })
      expect(JSON.parse(stdout)).toEqual({
        doubled: Array.from({ length: 20 }, (_, n) => 2 * n),
        ...{ later: 42, chord: 20, retries: 2, failed: 'refused by the test', workers: 1 },
      })
    } finally {
      const ended = once(worker, 'exit')
      worker.kill('SIGTERM')
      await ended
      await redis.stop()
    }
  })
})

describe.skipIf(!(await has('rq')))('RQ', () => {
  test.each(engines)('jobs, dependencies, retries and schedules work on the %s', async (engine) => {
    const redis = await startRedis({ engine })
    try {
      const env = { ...process.env, REDIS_URL: `${redis.url}/0` }
      const { stdout } = await promisify(execFile)(PYTHON, [APPS.rq], { env, timeout: 30_000 })
      expect(JSON.parse(stdout)).toEqual({
        ...{ highs: [1, 2, 3, 4, 5], lows: Array.from({ length: 10 }, (_, n) => 2 * n), after: -7 },
        ...{ failed: 'failed', later: 'scheduled', finished: 11, failures: 1, scheduled: 1, left: 0 },
      })
    } finally {
      await redis.stop()
    }
  })
})
