import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { OpsError } from '../domain/errors.ts'

/** Who holds a lock: a process, told apart from a later one with the same id by when it was started. */
interface Holder {
  readonly pid: number
  /** Ticks from boot to its start (`/proc`); null where that cannot be told. */
  readonly startedTicks: string | null
}

const TRIES = 5

/**
 * Locks a file for this process by a file beside it. The lock of a process that is gone is taken over.
 * @returns the function that unlocks it
 * @throws OpsError `refused` naming the process that holds it; errors of the disk as they are
 */
export function lockFile(path: string, what: string): () => void {
  const mine: Holder = { pid: process.pid, startedTicks: startedTicks(process.pid) }
  const text = JSON.stringify(mine)
  const temporary = `${path}.${randomUUID()}`
  writeFileSync(temporary, text, { mode: 0o600 })
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      try {
        // A link comes into being with its content, or not at all.
        linkSync(temporary, path)
        return () => unlock(path, text)
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error
      }
      const found = readOrNull(path)
      const holder = found === null ? null : parseHolder(found)
      if (holder && isAlive(holder)) {
        const remedy = 'stop it, or give this one a server.stateDir of its own'
        throw new OpsError('refused', 'lockFile', `${what} is in use by process ${holder.pid}: ${remedy}`)
      }
      if (found !== null) setAside(path, found)
    }
    throw new OpsError('refused', 'lockFile', `${what} is being locked by others at this moment: try again`)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Moves a dead process's lock away, and back if it is not that one any more: somebody else was faster. */
function setAside(path: string, stale: string): void {
  const aside = `${path}.${randomUUID()}`
  try {
    renameSync(path, aside)
    if (readOrNull(aside) !== stale) linkSync(aside, path)
  } catch (error) {
    if (!isCode(error, 'ENOENT') && !isCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function unlock(path: string, mine: string): void {
  if (readOrNull(path) === mine) rmSync(path, { force: true })
}

function isAlive({ pid, startedTicks: then }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!isCode(error, 'EPERM')) return false
  }
  const now = startedTicks(pid)
  return then === null || now === null || then === now
}

function startedTicks(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`)
  // The name in parentheses may hold anything; 22nd field of proc(5), the 20th behind it.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function parseHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Holder
    return Number.isSafeInteger(value.pid) && value.pid > 0 ? value : null
  } catch {
    return null
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
