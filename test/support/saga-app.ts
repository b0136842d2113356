/** A worker process for tests of sagas; its argument is settings as JSON. Writes a line before and after all it does. */
import { openSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createJobs, defineSaga, type Jobs, type Saga } from '../../server/runtime/index.ts'

export interface SagaSettings {
  readonly url: string
  readonly journal: string
  readonly leaseMs: number
}

export interface Trip {
  /** The step that always fails; null = none does. */
  readonly failsAt: string | null
}

export const TRIP_STEPS = ['flight', 'hotel', 'car', 'insurance', 'invoice', 'mail'] as const

/** Known to the worker process and, without being run there, to the test. */
export function defineTrip(jobs: Jobs, write: (line: string) => void): Saga<Trip> {
  return defineSaga(jobs, {
    name: 'trip',
    args: (value) => value as Trip,
    steps: TRIP_STEPS.map((name) => ({
      name,
      retries: { limit: 1, baseMs: 20, maxMs: 20 },
      async run({ saga, args, attempt }) {
        write(`run ${saga} ${name} ${attempt}`)
        await delay(25)
        if (args.failsAt === name) throw new Error('sold out')
        write(`ran ${saga} ${name} ${attempt}`)
        return attempt
      },
      async compensate({ saga, attempt }) {
        write(`undo ${saga} ${name} ${attempt}`)
        await delay(25)
        write(`undone ${saga} ${name} ${attempt}`)
      },
    })),
  })
}

if (process.argv[2]?.includes('"journal"')) {
  const settings = JSON.parse(process.argv[2]) as SagaSettings
  const journal = openSync(settings.journal, 'a')
  const jobs = createJobs({ redis: settings.url })
  defineTrip(jobs, (line) => void writeSync(journal, `${line}\n`))
  // Thirty kills in a minute are the test's doing and say nothing about a step.
  const limits = { leaseMs: settings.leaseMs, maxCrashes: 1_000 }
  await jobs.worker({ queues: ['default'], concurrency: 4, ...limits }).start()
}
