import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What programs of this user find of a server that runs: how to ask it, and as whom. */
export interface ServerFile {
  readonly url: string
  /** For `Authorization: Bearer`. */
  readonly token: string
  readonly pid: number
  /** Signs one browser in, once; after that there is another here. */
  readonly signInUrl: string
}

/** `<stateDir>/servers/<host>_<port>.json`; IPv6 without its brackets, as `:` is no letter of file names everywhere. */
export function serverFilePath(stateDir: string, { host, port }: { host: string; port: number }): string {
  return join(stateDir, 'servers', `${host.replaceAll(/[^\w.-]/g, '-')}_${port}.json`)
}

/** Writes it for this user only, whole or not at all. @throws errors of the disk as they are */
export function writeServerFile(path: string, file: ServerFile): void {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, JSON.stringify(file), { mode: 0o600 })
  renameSync(temporary, path)
}

/** Removes it, unless another server has taken its place. */
export function removeServerFile(path: string, { token }: Pick<ServerFile, 'token'>): void {
  try {
    const found = JSON.parse(readFileSync(path, 'utf8')) as ServerFile
    if (found.token === token) rmSync(path)
  } catch {
    // It is gone already, or is none of ours: nothing to remove.
  }
}
