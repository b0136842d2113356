import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findProgram } from '../brokers/process.ts'

const APP = fileURLToPath(new URL('./sidekiq-app.rb', import.meta.url))

/** What Sidekiq's own API says. */
export interface SidekiqTold {
  readonly queues: Readonly<Record<string, { readonly size: number; readonly latency: number }>>
  readonly retry: Readonly<Record<string, number>>
  readonly dead: Readonly<Record<string, number>>
  readonly schedule: Readonly<Record<string, number>>
  /** Jobs running, by queue. */
  readonly busy: Readonly<Record<string, number>>
  readonly processes: readonly string[]
}

/** Is there a Sidekiq on this machine (Debian: `ruby-sidekiq`)? */
export async function hasSidekiq(): Promise<boolean> {
  return (await findProgram('sidekiq')) !== null && (await findProgram('ruby')) !== null
}

export interface SidekiqApp {
  fill(): Promise<void>
  tell(): Promise<SidekiqTold>
  /** A worker process with 3 threads on `default`, `mailers` and `low`. */
  work(): { readonly pid: number; stop(signal?: 'SIGTERM' | 'SIGKILL' | 'SIGTSTP'): Promise<void> }
}

export function sidekiqApp(port: number): SidekiqApp {
  const env = { ...process.env, REDIS_URL: `redis://127.0.0.1:${port}/0` }
  const ruby = async (what: string) => (await promisify(execFile)('ruby', [APP, what], { env, timeout: 30_000 })).stdout
  return {
    fill: async () => {
      await ruby('fill')
    },
    tell: async () => JSON.parse(await ruby('tell')) as SidekiqTold,
    work: () => {
      const queues = ['default', 'mailers', 'low'].flatMap((name) => ['-q', name])
      const child = spawn('sidekiq', ['-r', APP, '-c', '3', '-t', '1', ...queues], { env, stdio: 'ignore' })
      if (child.pid === undefined) throw new Error('sidekiq did not start')
      return {
        pid: child.pid,
        stop: async (signal = 'SIGTERM') => {
          if (child.exitCode !== null || child.signalCode !== null) return
          child.kill(signal)
          if (signal !== 'SIGTSTP') await once(child, 'exit')
        },
      }
    },
  }
}
