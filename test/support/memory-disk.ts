import type { Disk, DiskFile } from '../../server/broker/storage/disk.ts'

/** A disk in memory that fails when a test wants it to. */
export interface MemoryDisk extends Disk {
  readonly files: Map<string, Buffer>
  /** Asked before each call; the error it gives is thrown. */
  failing: (call: 'write' | 'sync' | 'create' | 'rename' | 'syncFolder', path: string) => Error | null
  /** Syncs of files that ended well. */
  syncs: number
  /** Files that were opened and not closed. */
  openFiles: number
  /** Syncs wait until the function it gives is called. */
  holdSyncs(): () => void
  /** A copy of everything as it stands: what a killed process leaves. */
  copy(): MemoryDisk
}

export function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: it fails`), { code })
}

export function memoryDisk(from: Iterable<readonly [string, Buffer]> = []): MemoryDisk {
  /** One file may have several names; each open file keeps what it opened. */
  const files = new Map([...from].map(([path, bytes]) => [path, { bytes: Buffer.from(bytes) }]))
  let held: Promise<void> | null = null
  const open = (path: string): DiskFile => {
    const file = files.get(path)
    if (file === undefined) throw diskError('ENOENT')
    disk.openFiles++
    return openFile(disk, { path, file, wait: () => held })
  }
  const disk: MemoryDisk = {
    get files() {
      return new Map([...files].map(([path, { bytes }]) => [path, bytes]))
    },
    failing: () => null,
    syncs: 0,
    openFiles: 0,
    holdSyncs() {
      let letGo = () => {}
      held = new Promise((resolve) => {
        letGo = resolve
      })
      return () => {
        held = null
        letGo()
      }
    },
    copy: () => memoryDisk([...files].map(([path, { bytes }]) => [path, bytes])),
    makeFolder: () => {},
    names: (folder) =>
      [...files.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1)),
    create(path) {
      throwIf(disk.failing('create', path))
      if (files.has(path)) throw diskError('EEXIST')
      files.set(path, { bytes: Buffer.alloc(0) })
      return open(path)
    },
    open,
    rename(old, path) {
      throwIf(disk.failing('rename', old))
      const file = files.get(old)
      if (file === undefined) throw diskError('ENOENT')
      files.delete(old)
      files.set(path, file)
    },
    link(old, path) {
      const file = files.get(old)
      if (file === undefined) throw diskError('ENOENT')
      if (files.has(path)) throw diskError('EEXIST')
      files.set(path, file)
    },
    remove: (path) => {
      files.delete(path)
    },
    syncFolder: (folder) => throwIf(disk.failing('syncFolder', folder)),
  }
  return disk
}

function throwIf(error: Error | null): void {
  if (error !== null) throw error
}

function openFile(
  disk: MemoryDisk,
  { path, file, wait }: { path: string; file: { bytes: Buffer }; wait: () => Promise<void> | null },
): DiskFile {
  const sync = () => {
    throwIf(disk.failing('sync', path))
    disk.syncs++
  }
  return {
    write(bytes, at) {
      throwIf(disk.failing('write', path))
      const end = at + bytes.length
      const grown = Buffer.alloc(Math.max(end, file.bytes.length))
      file.bytes.copy(grown)
      grown.set(bytes, at)
      file.bytes = grown
    },
    read: (into, at) => {
      const part = file.bytes.subarray(at, at + into.length)
      into.set(part)
      return part.length
    },
    size: () => file.bytes.length,
    truncate(size) {
      file.bytes = Buffer.from(file.bytes.subarray(0, size))
    },
    async sync() {
      await wait()
      sync()
    },
    syncNow: sync,
    close() {
      disk.openFiles--
    },
  }
}
