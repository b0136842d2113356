import { fstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Disk, diskErrorCode, readWhole } from './disk.ts'
import { StorageError } from './storage-error.ts'

/** Who holds a data directory. */
interface Holder {
  readonly pid: number
  /** When the process began, as far as the system tells: a number may be given to another process later. */
  readonly started: string | null
}

/** What the lock asks of the machine. */
export interface Processes {
  readonly pid: number
  /** null: no such process. '': it runs, but the system does not tell since when. */
  startedAt(pid: number): string | null
  /** Whether this process has the file open: one of its threads that ended no longer has. */
  hasOpen(path: string): boolean
}

export interface Lock {
  release(): void
}

const NAME = 'lock'
/** Linux and macOS list the open files of a process for itself. */
const OPEN_FILES = '/dev/fd'
const TRIES = 5

/**
 * Takes the data directory for this process alone. The lock of a process that is gone is taken over.
 * Throws StorageError: `held`, which names the process that has it, or `foreign`, when somebody else made a file of that name.
 */
export function lockFolder(disk: Disk, folder: string, processes: Processes): Lock {
  const path = join(folder, NAME)
  const mine = `${path}.${processes.pid}`
  const me = JSON.stringify({ pid: processes.pid, started: processes.startedAt(processes.pid) })
  disk.remove(mine)
  const file = disk.create(mine)
  file.write(Buffer.from(me), 0)
  file.close()
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      if (isLinked(disk, mine, path)) return held(disk, path, me)
      takeOver(disk, { path, folder, aside: `${mine}.stale`, processes })
    }
    throw new StorageError('held', `${folder} is being opened by other processes at the same time`)
  } finally {
    disk.remove(mine)
  }
}

/** The file stays open as long as the lock is held. */
function held(disk: Disk, path: string, me: string): Lock {
  const file = disk.open(path)
  return {
    release() {
      file.close()
      if (textOf(disk, path) === me) disk.remove(path)
    },
  }
}

function isLinked(disk: Disk, mine: string, path: string): boolean {
  try {
    disk.link(mine, path)
    return true
  } catch (error) {
    if (diskErrorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Moves the lock away if its process is gone. What was moved is looked at again: another start may have come between. */
function takeOver(
  disk: Disk,
  { path, folder, aside, processes }: { path: string; folder: string; aside: string; processes: Processes },
): void {
  const before = textOf(disk, path)
  if (before === null) return
  refuseIfAlive(before, { path, folder, processes })
  try {
    disk.rename(path, aside)
  } catch (error) {
    if (diskErrorCode(error) === 'ENOENT') return
    throw error
  }
  const moved = textOf(disk, aside)
  if (moved !== null && moved !== before) isLinked(disk, aside, path)
  disk.remove(aside)
  if (moved !== null && moved !== before) refuseIfAlive(moved, { path, folder, processes })
}

/** Throws StorageError: `held` when its process runs, `foreign` when it is not ours. */
function refuseIfAlive(
  text: string,
  { path, folder, processes }: { path: string; folder: string; processes: Processes },
): void {
  const holder = holderOf(text, path)
  if (holder === null) return
  const started = processes.startedAt(holder.pid)
  if (started === null) return
  if (started !== '' && holder.started !== null && started !== holder.started) return
  if (holder.pid === processes.pid && !processes.hasOpen(path)) return
  const whose = holder.pid === processes.pid ? 'this very process' : `process ${holder.pid}`
  throw new StorageError('held', `${folder} is in use by ${whose}: close it first, or choose another directory`)
}

const WRITTEN = /^\{"pid":(\d+),"started":(?:null|"([^"]*)")\}$/
/** A crash of the machine may leave a file without its content, or with part of it. */
const UNWRITTEN = /^(?:\0*|\{"pid":[^}]*)$/

/** null: such a one was never written whole, and nobody holds it. Throws StorageError `foreign` when it is no lock of ours. */
function holderOf(text: string, path: string): Holder | null {
  const written = WRITTEN.exec(text)
  if (written !== null) return { pid: Number(written[1]), started: written[2] ?? null }
  if (UNWRITTEN.test(text)) return null
  throw new StorageError('foreign', `${path} was not made by Sluice: choose another directory`)
}

function textOf(disk: Disk, path: string): string | null {
  try {
    return readWhole(disk, path).toString()
  } catch (error) {
    if (diskErrorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** This machine's processes; since when they run is known on Linux. */
export const nodeProcesses: Processes = {
  pid: process.pid,
  startedAt(pid) {
    try {
      process.kill(pid, 0)
    } catch (error) {
      if (diskErrorCode(error) === 'ESRCH') return null
    }
    return linuxStart(pid)
  },
  hasOpen(path) {
    const { dev, ino } = statSync(path)
    return readdirSync(OPEN_FILES).some((name) => {
      try {
        const open = fstatSync(Number(name))
        return open.ino === ino && open.dev === dev
      } catch {
        // Closed meanwhile, as the one that listed the folder is.
        return false
      }
    })
  },
}

/** Boot and clock tick at which the process began; null: it ended, and its parent has not asked yet. '': not told. */
function linuxStart(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    // The second field is the name in parentheses, which may hold anything; the start is the 20th after it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : `${boot}:${fields[19]}`
  } catch {
    return ''
  }
}
