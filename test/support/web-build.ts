import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'

const ROOT = join(import.meta.dirname, '..', '..')

export interface WebBuild {
  readonly folder: string
  remove(): void
}

/** Builds the web page as `npm run build` does, into a folder of its own: no test looks at an old build. */
export async function buildWeb(): Promise<WebBuild> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-web-'))
  // Vitest's own environment would make a development build of React.
  const { NODE_ENV } = process.env
  process.env.NODE_ENV = 'production'
  try {
    await build({ configFile: join(ROOT, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder } })
  } finally {
    process.env.NODE_ENV = NODE_ENV
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
