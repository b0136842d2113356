import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'
import type { AppSettings } from './jobs-app.ts'

/** Worker processes (`jobs-app.ts`) around one journal; all are gone after `close`. */
export class JobsProcesses {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-jobs-'))
  readonly journal = join(this.#folder, 'journal')
  readonly #settings: AppSettings
  readonly #children = new Set<ChildProcess>()

  constructor(settings: Pick<AppSettings, 'url'> & Partial<AppSettings>) {
    const journal = this.journal
    this.#settings = { queues: ['default'], workers: 1, concurrency: 1, leaseMs: 600, ...settings, journal }
  }

  /** Starts one process and waits until its workers take work. */
  async start(): Promise<ChildProcess> {
    const before = this.count('ready')
    const child = this.spawn()
    await eventually(() => this.count('ready') > before, { timeoutMs: 20_000 })
    return child
  }

  spawn(): ChildProcess {
    const app = join(import.meta.dirname, 'jobs-app.ts')
    const args = ['--import', 'tsx', app, JSON.stringify(this.#settings)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  /** All whole lines so far. */
  lines(): readonly string[] {
    try {
      return readFileSync(this.journal, 'utf8').split('\n').slice(0, -1)
    } catch {
      return []
    }
  }

  count(start: string): number {
    return this.lines().filter((line) => line.startsWith(start)).length
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      child.kill('SIGCONT')
      child.kill('SIGKILL')
    }
    await eventually(() => this.#children.size === 0)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
