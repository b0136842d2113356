/** Starting and stopping one broker process by its id, and waiting for it by asking it. */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { delimiter, join, sep } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** How often a starting or stopping process is looked at. */
const LOOK_EVERY_MS = 15

export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd: string
  /** Both output streams go here. */
  readonly logFile: string
}

/** Starts a process in a session of its own, so that it outlives us and a Ctrl-C meant for us. Returns its process id. */
export function launch({ command, args, env, cwd, logFile }: Launch): number {
  const log = openSync(logFile, 'a')
  try {
    const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ['ignore', log, log] })
    // Without a listener a command that cannot be executed would end our own process.
    child.on('error', () => {})
    child.unref()
    if (child.pid === undefined) throw new Error(`could not execute ${command}`)
    return child.pid
  } finally {
    closeSync(log)
  }
}

/** Whether the process runs. One that has ended but was not yet collected by its parent (a zombie) does not. */
export function isAlive(pid: number): boolean {
  return stateOf(pid) !== 'gone'
}

/** `ends`: its first thread has ended and others have not, so that it still holds its files and ports. */
function stateOf(pid: number): 'runs' | 'ends' | 'gone' {
  try {
    process.kill(pid, 0)
  } catch {
    return 'gone'
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    if (stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z') return 'runs'
    return readdirSync(`/proc/${pid}/task`).length > 1 ? 'ends' : 'gone'
  } catch {
    // No /proc on this system: the signal's answer stands. On Linux the process has just gone.
    return existsSync('/proc/self/stat') ? 'gone' : 'runs'
  }
}

/**
 * Whether that process id is still the process we started: process ids are reused, and a stale pid file must never end
 * somebody else's process. Every broker here works in the folder made for it (its command line would not do: Redis writes
 * its own).
 */
export function isOurs(pid: number, folder: string): boolean {
  if (!isAlive(pid)) return false
  if (!existsSync('/proc/self/stat')) return true
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`)
    return cwd === folder || cwd.startsWith(folder + sep)
  } catch {
    // What is about to be gone has no folder any more; it is waited for.
    return stateOf(pid) === 'ends'
  }
}

/**
 * Asks the process to end, waits until it has, and kills it when it does not. Resolves at once when it is not running.
 * @param graceMs with 0 it is killed without being asked
 */
export async function stopProcess(pid: number, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    signal(pid, 'SIGTERM')
    if (await gone(pid, graceMs)) return
  }
  signal(pid, 'SIGKILL')
  if (!(await gone(pid, 5_000))) throw new Error(`process ${pid} did not end after SIGKILL`)
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Already gone, which is what was wanted.
  }
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false
    await delay(LOOK_EVERY_MS)
  }
  return true
}

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs `work`, which must not wait, when this process ends, also by a signal: brokers live in sessions of their own and
 * would outlive us. It may run twice: whoever else listens to the signal may take a while, and start more meanwhile.
 * Returns the function that takes it back.
 */
export function onEnd(work: () => void): () => void {
  const bySignal = (name: NodeJS.Signals) => {
    work()
    process.off(name, bySignal)
    // Alone with the signal, we end as if we had not listened to it.
    if (process.listenerCount(name) === 0) process.kill(process.pid, name)
  }
  process.on('exit', work)
  for (const name of END_SIGNALS) process.on(name, bySignal)
  return () => {
    process.off('exit', work)
    for (const name of END_SIGNALS) process.off(name, bySignal)
  }
}

export interface Awaited {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  readonly timeoutMs: number
  /** Asks the broker; false or a rejection means "not yet". Must answer or give up by itself. */
  readonly answers: () => Promise<boolean>
}

/** Waits until the broker answers. Throws with the end of its log when it ends first or is too late. */
export async function untilAnswers({ name, pid, logFile, timeoutMs, answers }: Awaited): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    if (await answers().catch(() => false)) return
    if (!isAlive(pid)) throw new Error(`${name} ended while starting:\n${logTail(logFile)}`)
    if (performance.now() > deadline) {
      throw new Error(`${name} did not answer within ${timeoutMs / 1000} s:\n${logTail(logFile)}`)
    }
    await delay(LOOK_EVERY_MS)
  }
}

function logTail(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-25).join('\n')
  } catch {
    return `(no log in ${file})`
  }
}

/** The full path of an executable in the first of the folders that has it (PATH when not given); null when none has. */
export async function findProgram(name: string, folders = pathFolders()): Promise<string | null> {
  for (const folder of folders) {
    const file = join(folder, name)
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return file
  }
  return null
}

function pathFolders(): readonly string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
}
