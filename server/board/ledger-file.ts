import { mkdirSync } from 'node:fs'
import { type FileHandle, open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../domain/errors.ts'
import { ChainReader, type LedgerRecord, parseLine } from './ledger-line.ts'
import { isCode, lockFile } from './ledger-lock.ts'

/** A line is at most this long; whatever is longer is not ours. */
const LINE_BYTES_MAX = 262_144

interface Head {
  readonly seq: number
  readonly hash: string
}

/** What was found when the file was opened. */
export interface Opened {
  readonly file: LedgerFile
  readonly head: Head
  readonly faults: readonly string[]
}

/**
 * `ledger.jsonl` in a folder of its own: append-only, each append synced, locked for one process. Beside it `ledger.head`
 * (number and hash of the last line: shows what was cut off) and `ledger.torn` (half lines of a crash).
 */
export class LedgerFile {
  readonly path: string
  readonly #headPath: string
  readonly #unlock: () => void
  #handle: FileHandle
  #size: number
  #inode: number
  #modifiedAtMs: number

  constructor(
    path: string,
    given: {
      handle: FileHandle
      size: number
      inode: number
      modifiedAtMs: number
      headPath: string
      unlock: () => void
    },
  ) {
    this.path = path
    this.#headPath = given.headPath
    this.#unlock = given.unlock
    this.#handle = given.handle
    this.#size = given.size
    this.#inode = given.inode
    this.#modifiedAtMs = given.modifiedAtMs
  }

  /**
   * Appends whole lines and syncs them. When that fails, nothing of them stays.
   * @returns what somebody else did to the file meanwhile, in words; null = nothing
   */
  async append(lines: string, head: Head): Promise<string | null> {
    const touched = await this.#lookForOthers()
    const bytes = Buffer.from(lines)
    try {
      let written = 0
      while (written < bytes.length) written += (await this.#handle.write(bytes, written)).bytesWritten
      await this.#handle.datasync()
    } catch (error) {
      await this.#handle.truncate(this.#size).catch(() => {}) // What stays of it is a torn line: set aside at the next start.
      throw error
    }
    this.#size += bytes.length
    this.#modifiedAtMs = (await this.#handle.stat()).mtimeMs
    return touched ?? (await this.#keepHead(head))
  }

  /** Reads all of it again if something else wrote to it. @returns what does not fit; null = nobody touched it */
  async verify(): Promise<readonly string[] | null> {
    const now = await stat(this.path)
    if (now.ino === this.#inode && now.size === this.#size && now.mtimeMs === this.#modifiedAtMs) return null
    const size = this.#size
    const chain = new ChainReader()
    const handle = await open(this.path, 'r')
    try {
      if (now.isFile()) await readLines(handle, (line, next) => chain.read(line, next))
    } finally {
      await handle.close()
    }
    chain.finish(await readHead(this.#headPath))
    // A line came in between: what was read is of two moments. The next look tells.
    if (size !== this.#size) return null
    if (now.ino === this.#inode && now.size === this.#size) this.#modifiedAtMs = now.mtimeMs
    return chain.faults
  }

  /** The lines are stored whether or not this is: without it only a cut-off end would not show. */
  async #keepHead(head: Head): Promise<string | null> {
    try {
      await writeFile(`${this.#headPath}.new`, JSON.stringify(head), { mode: 0o600 })
      await rename(`${this.#headPath}.new`, this.#headPath)
      return null
    } catch (error) {
      return `ledger.head cannot be written, a cut-off end would not show (${messageOf(error)})`
    }
  }

  async close(): Promise<void> {
    await this.#handle.close()
    this.#unlock()
  }

  async #lookForOthers(): Promise<string | null> {
    const now = await stat(this.path).catch(() => null)
    if (now && now.ino === this.#inode && now.size === this.#size) return null
    if (now && now.ino === this.#inode) {
      this.#size = now.size
      return 'the file was changed by something else while Sluice ran'
    }
    const handle = await open(this.path, 'a', 0o600)
    await this.#handle.close().catch(() => {}) // The file behind it is gone: nothing of it is needed.
    this.#handle = handle
    const { ino, size } = await handle.stat()
    this.#inode = ino
    this.#size = size
    return 'the file was removed or replaced while Sluice ran'
  }
}

/**
 * Opens the ledger in a folder, reads all of it and verifies the chain.
 * @param onRecord each line in order; `isSound` false: somebody changed it
 * @throws OpsError `refused` when another process has it; errors of the disk as they are
 */
export async function openLedgerFile(
  folder: string,
  onRecord: (record: LedgerRecord, isSound: boolean) => void,
): Promise<Opened> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'ledger.jsonl')
  const headPath = join(folder, 'ledger.head')
  const unlock = lockFile(join(folder, 'ledger.lock'), `The ledger ${path}`)
  try {
    const handle = await open(path, 'a+', 0o600)
    const stats = await handle.stat()
    const chain = new ChainReader()
    const faults: string[] = []
    let size = 0
    if (stats.isFile()) {
      const torn = await readLines(handle, (line, next) => {
        const { record, isSound } = chain.read(line, next)
        if (record) onRecord(record, isSound)
      })
      size = stats.size
      if (torn.length > 0) {
        const isWhole = parseLine(torn) !== null
        if (isWhole) {
          const { record, isSound } = chain.read(torn, null)
          if (record) onRecord(record, isSound)
          await handle.write('\n')
          size += 1
        } else {
          faults.push(`half a line at the end, left by a crash, was set aside in ${join(folder, 'ledger.torn')}`)
          await writeFile(join(folder, 'ledger.torn'), Buffer.concat([torn, Buffer.from('\n')]), {
            flag: 'a',
            mode: 0o600,
          })
          size -= torn.length
          await handle.truncate(size)
        }
      }
    }
    chain.finish(await readHead(headPath))
    const { mtimeMs: modifiedAtMs } = await handle.stat()
    const file = new LedgerFile(path, { handle, size, inode: stats.ino, modifiedAtMs, headPath, unlock })
    return { file, head: chain.head, faults: [...chain.faults, ...faults] }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Gives each line and the one behind it. @returns what stands behind the last line end */
async function readLines(handle: FileHandle, onLine: (line: Buffer, next: Buffer | null) => void): Promise<Buffer> {
  const chunk = Buffer.alloc(65_536)
  let rest: Buffer = Buffer.alloc(0)
  let held: Buffer | null = null
  for (let position = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
    if (bytesRead === 0) break
    position += bytesRead
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0 && end < bytesRead; end = chunk.indexOf(10, from)) {
      const line: Buffer = Buffer.concat([rest, chunk.subarray(from, end)])
      rest = Buffer.alloc(0)
      from = end + 1
      if (held) onLine(held, line)
      held = line
    }
    // Too long to be ours: what is kept of it is enough to be told as changed.
    if (rest.length < LINE_BYTES_MAX) rest = Buffer.concat([rest, chunk.subarray(from, bytesRead)])
  }
  if (held) onLine(held, null)
  return rest
}

/** Null when there is none: a first start, or somebody removed it. */
async function readHead(path: string): Promise<Head | null> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Head
    return Number.isSafeInteger(value.seq) && /^[0-9a-f]{64}$/.test(value.hash) ? value : null
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return null
    throw error
  }
}
