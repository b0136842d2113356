import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { eventually } from './eventually.ts'
import type { AppSettings } from './jobs-app.ts'

/** Worker processes (`jobs-app.ts`) around one journal; all are gone after `close`. */
export class JobsProcesses {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-jobs-'))
  readonly #journal = join(this.#folder, 'journal')
  readonly #app = join(this.#folder, 'jobs-app.cjs')
  readonly #settings: AppSettings
  readonly #children = new Map<number, ChildProcess>()
  readonly #lines: string[] = []
  #readBytes = 0
  #rest = ''

  constructor(settings: Pick<AppSettings, 'url'> & Partial<AppSettings>) {
    const journal = this.#journal
    this.#settings = { queues: ['default'], workers: 1, concurrency: 1, leaseMs: 600, ...settings, journal }
    closeSync(openSync(journal, 'a'))
    // Built once: a process then starts in a fraction of the time, and tests start many.
    const entryPoints = [join(import.meta.dirname, 'jobs-app.ts')]
    buildSync({ entryPoints, outfile: this.#app, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' })
  }

  /** Starts one process and waits until its workers take work. */
  async start(): Promise<ChildProcess> {
    const before = this.count('ready')
    const child = this.spawn()
    await eventually(() => this.count('ready') > before, { timeoutMs: 20_000 })
    return child
  }

  spawn(): ChildProcess {
    const child = spawn(process.execPath, [this.#app, JSON.stringify(this.#settings)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const { pid } = child
    if (pid === undefined) throw new Error('no process was started')
    this.#children.set(pid, child)
    child.once('exit', () => this.#children.delete(pid))
    return child
  }

  /** Living ones that were started here. */
  get pids(): readonly number[] {
    return [...this.#children.keys()]
  }

  /** Sends a signal to one that was started here; false when it is gone. */
  signal(pid: number, signal: NodeJS.Signals): boolean {
    return this.#children.get(pid)?.kill(signal) ?? false
  }

  /** All whole lines so far. Reads only what is new. */
  lines(): readonly string[] {
    const file = openSync(this.#journal, 'r')
    const chunk = Buffer.alloc(1 << 16)
    for (;;) {
      const bytes = readSync(file, chunk, 0, chunk.length, this.#readBytes)
      if (bytes === 0) break
      this.#readBytes += bytes
      const parts = (this.#rest + chunk.toString('latin1', 0, bytes)).split('\n')
      this.#rest = parts.pop() ?? ''
      for (const line of parts) this.#lines.push(line)
    }
    closeSync(file)
    return this.#lines
  }

  count(start: string): number {
    return this.lines().filter((line) => line.startsWith(start)).length
  }

  async close(): Promise<void> {
    for (const child of this.#children.values()) {
      child.kill('SIGCONT')
      child.kill('SIGKILL')
    }
    await eventually(() => this.#children.size === 0)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
