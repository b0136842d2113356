/**
 * A worker process for tests: `node --import tsx jobs-app.ts <settings as JSON>`. It writes one line per item to a
 * journal file, before and after, so that a checker outside can tell what ran although the process was killed.
 */
import { openSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createJobs, fromRange } from '../../server/runtime/index.ts'

export interface AppSettings {
  readonly url: string
  readonly journal: string
  readonly queues: readonly string[]
  readonly workers: number
  readonly concurrency: number
  readonly leaseMs: number
}

if (process.argv[1]?.endsWith('jobs-app.ts')) await main()

async function main(): Promise<void> {
  const settings = JSON.parse(process.argv[2] ?? '{}') as AppSettings
  const journal = openSync(settings.journal, 'a')
  const write = (line: string) => void writeSync(journal, `${line}\n`)
  const jobs = createJobs({ redis: settings.url })
  defineAppJobs(jobs, write)
  const workers = Array.from({ length: settings.workers }, () =>
    jobs.worker({ queues: settings.queues, concurrency: settings.concurrency, leaseMs: settings.leaseMs }),
  )
  for (const worker of workers) worker.on('lost', ({ id }) => write(`lost ${id}`))
  await Promise.all(workers.map((worker) => worker.start()))
  write('ready')
  process.once('SIGTERM', () => void jobs.close().then(() => write('closed')))
}

/** The jobs that tests enqueue: known to the worker process and, without being run there, to the test. */
export function defineAppJobs(jobs: ReturnType<typeof createJobs>, write: (line: string) => void) {
  const note = jobs.define({
    name: 'note',
    args: (value) => value as { text: string; ms: number },
    async perform({ text, ms }, { id, attempt }) {
      write(`start ${id} ${attempt} ${text}`)
      if (ms > 0) await delay(ms)
      write(`end ${id} ${attempt} ${text}`)
    },
  })
  const kill = jobs.define({
    name: 'kill',
    args: (value) => value as { text: string },
    perform: ({ text }, { id }) => {
      write(`start ${id} ${text}`)
      process.kill(process.pid, 'SIGKILL')
      return new Promise(() => {})
    },
  })
  const walk = jobs.define({
    name: 'walk',
    args: (value) => value as { count: number; ms: number; deadlyAt?: number },
    items: ({ count }, cursor: number | null) => fromRange({ from: 0, to: count }, cursor),
    total: ({ count }) => count,
    async each(n, { ms, deadlyAt }, { id, fencingToken }) {
      write(`begin ${id} ${n} ${fencingToken}`)
      if (n === deadlyAt) process.kill(process.pid, 'SIGKILL')
      if (ms > 0) await delay(ms)
      write(`finish ${id} ${n} ${fencingToken}`)
    },
    onResume: (_, cursor, { id }) => write(`resume ${id} ${cursor}`),
    onComplete: (_, done, { id }) => write(`complete ${id} ${done}`),
  })
  return { note, kill, walk }
}
