/**
 * A worker process for tests, started by `jobs-process.ts` with its settings as JSON. It writes one line per item to a
 * journal file, before and after, so that a checker outside can tell what ran although the process was killed.
 */
import { openSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { createJobs, fromRange, type Worker } from '../../server/runtime/index.ts'

export interface AppSettings {
  readonly url: string
  readonly journal: string
  readonly queues: readonly string[]
  readonly workers: number
  readonly concurrency: number
  readonly leaseMs: number
  /** A Redis where no nudge ever comes: the workers listen there instead. */
  readonly deafUrl?: string
}

if (process.argv[1]?.endsWith('jobs-app.cjs')) void main()

async function main(): Promise<void> {
  const settings = JSON.parse(process.argv[2] ?? '{}') as AppSettings
  const journal = openSync(settings.journal, 'a')
  const write = (line: string) => void writeSync(journal, `${line}\n`)
  const { url, deafUrl } = settings
  const jobs = createJobs({ redis: deafUrl === undefined ? url : listeningElsewhere(url, deafUrl, settings.workers) })
  defineAppJobs(jobs, write)
  const workers = Array.from({ length: settings.workers }, () =>
    jobs.worker({ queues: settings.queues, concurrency: settings.concurrency, leaseMs: settings.leaseMs }),
  )
  for (const worker of workers) {
    worker.on('lost', ({ id }) => write(`lost ${id}`))
    worker.on('stalled', ({ lateMs }) => write(`stalled ${lateMs > 0}`))
  }
  await Promise.all(workers.map(startPatiently))
  write('ready')
  process.once('SIGTERM', () => void jobs.close().then(() => write('closed')))
}

/** On a busy machine hundreds that connect at once may miss the deadline for it. */
async function startPatiently(worker: Worker): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await worker.start()
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

/** Workers that start together open one connection each for commands, then one for nudges: those go where nobody speaks. */
function listeningElsewhere(url: string, deafUrl: string, workers: number): () => Redis {
  let opened = 0
  return () => {
    opened += 1
    const options = { enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 }
    return new Redis(opened <= workers ? url : deafUrl, options)
  }
}

/** Of this machine, and so of all its processes, Unix ms. */
const wallMs = () => (performance.timeOrigin + performance.now()).toFixed(3)

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
    args: (value) => value as { count: number; ms: number; deadlyAt?: number; busyAt?: number; busyMs?: number },
    items: ({ count }, cursor: number | null) => fromRange({ from: 0, to: count }, cursor),
    total: ({ count }) => count,
    async each(n, { ms, deadlyAt, busyAt, busyMs = 0 }, { id, fencingToken }) {
      write(`begin ${id} ${n} ${fencingToken} ${wallMs()}`)
      if (n === deadlyAt) process.kill(process.pid, 'SIGKILL')
      // The first time only: its heir goes on.
      const isBusy = n === busyAt && fencingToken === 1
      for (const fromMs = performance.now(); isBusy && performance.now() - fromMs < busyMs; );
      if (ms > 0) await delay(ms)
      write(`finish ${id} ${n} ${fencingToken}`)
    },
    onResume: (_, cursor, { id }) => write(`resume ${id} ${cursor}`),
    onComplete: (_, done, { id }) => write(`complete ${id} ${done}`),
  })
  const stamp = jobs.define({
    name: 'stamp',
    args: (value) => value as { ms: number },
    async perform({ ms }) {
      write(`stamp ${wallMs()}`)
      await delay(ms)
    },
  })
  return { note, kill, walk, stamp }
}
