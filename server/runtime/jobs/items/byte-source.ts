import { type FileHandle, open } from 'node:fs/promises'
import { OpsError } from '../../../domain/errors.ts'

/** Bytes that can be read from any place on: a file, an object in a store (by range requests), a buffer. */
export interface ByteSource {
  /** Told in errors. */
  readonly name: string
  /** How many bytes there are now. */
  readonly size: () => Promise<number> | number
  /** Bytes from `offset`: at least 1, at most `length`; none = there are no more. */
  readonly read: (offset: number, length: number, signal: AbortSignal) => Promise<Uint8Array> | Uint8Array
  /** Called once, when nobody reads any more. */
  readonly close?: () => Promise<void> | void
}

/** A regular file; opened when it is first asked. Errors are OpsErrors that name it: `not-found`, `refused`, `invalid`. */
export function fileBytes(path: string | URL): ByteSource {
  const name = String(path)
  let handle: FileHandle | null = null
  const opened = async () => {
    handle ??= await openFile(path, name)
    return handle
  }
  return {
    name,
    async size() {
      const stat = await (await opened()).stat()
      if (!stat.isFile()) throw new OpsError('invalid', 'fromCsv', `${name}: it is not a regular file`)
      return stat.size
    },
    async read(offset, length) {
      const { buffer, bytesRead } = await (await opened()).read(Buffer.allocUnsafe(length), 0, length, offset)
      return buffer.subarray(0, bytesRead)
    },
    async close() {
      const opened = handle
      handle = null
      await opened?.close()
    },
  }
}

async function openFile(path: string | URL, name: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') throw new OpsError('not-found', 'fromCsv', `${name}: there is no such file here`, error)
    const what = code === 'EACCES' || code === 'EPERM' ? 'refused' : 'unreachable'
    throw new OpsError(what, 'fromCsv', `${name}: it cannot be opened: ${code}`, error)
  }
}
