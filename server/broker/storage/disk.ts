import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'

/** An open file. Offsets and lengths in bytes. */
export interface DiskFile {
  /** Writes all of it; throws when only part could be written. */
  write(bytes: Uint8Array, at: number): void
  /** @returns how many bytes were read; fewer than asked for at the end of the file. */
  read(into: Uint8Array, at: number): number
  size(): number
  truncate(size: number): void
  sync(): Promise<void>
  syncNow(): void
  close(): void
}

/** The file system as a port: what storage asks of it, and what a test can make fail. Errors are Node's, with their `code`. */
export interface Disk {
  makeFolder(path: string): void
  names(folder: string): readonly string[]
  /** The file must not exist; it is opened for reading and writing. */
  create(path: string): DiskFile
  /** The file must exist. */
  open(path: string): DiskFile
  rename(from: string, to: string): void
  /** A second name for the same file; fails with EEXIST when it is taken. */
  link(from: string, to: string): void
  /** Nothing happens when there is no such file. */
  remove(path: string): void
  /** Names that were created, renamed or removed in the folder last from now on. */
  syncFolder(path: string): void
}

class NodeFile implements DiskFile {
  readonly #handle: number
  constructor(handle: number) {
    this.#handle = handle
  }

  write(bytes: Uint8Array, at: number): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#handle, bytes, done, bytes.length - done, at + done)
    }
  }
  read(into: Uint8Array, at: number): number {
    return readSync(this.#handle, into, 0, into.length, at)
  }
  size(): number {
    return fstatSync(this.#handle).size
  }
  truncate(size: number): void {
    ftruncateSync(this.#handle, size)
  }
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#handle, (error) => (error === null ? resolve() : reject(error)))
    })
  }
  syncNow(): void {
    fdatasyncSync(this.#handle)
  }
  close(): void {
    closeSync(this.#handle)
  }
}

/** This machine's. What it makes is readable for its owner alone. */
export const nodeDisk: Disk = {
  makeFolder: (path) => {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  },
  names: (folder) => readdirSync(folder),
  create: (path) => new NodeFile(openSync(path, 'wx+', 0o600)),
  open: (path) => new NodeFile(openSync(path, 'r+')),
  rename: (from, to) => renameSync(from, to),
  link: (from, to) => linkSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
  syncFolder(path) {
    const handle = openSync(path, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  },
}

/** A whole small file. */
export function readWhole(disk: Disk, path: string): Buffer {
  const file = disk.open(path)
  try {
    const bytes = Buffer.alloc(file.size())
    return bytes.subarray(0, file.read(bytes, 0))
  } finally {
    file.close()
  }
}

/** `ENOSPC` …, or null: not an error of the file system. */
export function diskErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}
