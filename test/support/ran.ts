import { type ExecFileOptions, execFile } from 'node:child_process'
import { join } from 'node:path'
import type { CliRun } from './cli-run.ts'

export const ROOT = join(import.meta.dirname, '..', '..')
/** The program `sluice` from its sources, as Node.js is given it; in the folder `ROOT`, where its loader is found. */
export const PROGRAM = ['--import', 'tsx', join(ROOT, 'cli', 'main.ts')] as const

/** Runs Node.js until it ends, 30 s at most if no other `timeout` is given. The code is -1 when it was ended by force. */
export function ran(args: readonly string[], options: ExecFileOptions): Promise<CliRun> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 30_000, ...options, encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr })
    })
  })
}
