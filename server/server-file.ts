import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What programs of this user find of a server that runs: how to ask it, and as whom. */
export interface ServerFile {
  readonly url: string
  /** For `Authorization: Bearer`. */
  readonly token: string
  readonly pid: number
}

/** `<stateDir>/servers/<host>_<port>.json`; IPv6 without its brackets, as `:` is no letter of file names everywhere. */
export function serverFilePath(stateDir: string, { host, port }: { host: string; port: number }): string {
  return join(stateDir, 'servers', `${host.replaceAll(/[^\w.-]/g, '-')}_${port}.json`)
}

/** Writes it for this user only, whole or not at all. @returns the function that removes it, if it is still this one */
export function writeServerFile(path: string, file: ServerFile): () => void {
  const text = JSON.stringify(file)
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, text, { mode: 0o600, flag: 'w' })
  renameSync(temporary, path)
  return () => {
    try {
      if (readFileSync(path, 'utf8') === text) rmSync(path)
    } catch {
      // It is gone already: nothing to remove.
    }
  }
}
