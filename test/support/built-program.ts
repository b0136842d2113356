import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildProgram } from '../../cli/build-program.mjs'
import { buildRuntimeCode } from '../../cli/build-runtime.mjs'
import packageJson from '../../package.json' with { type: 'json' }

const ROOT = join(import.meta.dirname, '..', '..')

/** The program `sluice` as the build makes it, in a folder of its own. Remove it after. */
export async function builtProgram(): Promise<{ readonly file: string; remove(): void }> {
  // In here it finds its packages.
  const folder = join(ROOT, 'node_modules', '.cache', 'sluice', `program-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  const entry = join(ROOT, 'cli', 'main.ts')
  const out = join(folder, 'dist')
  const packages = Object.keys(packageJson.dependencies)
  // The engine's thread is a file of its own beside the program.
  const [{ program }] = await Promise.all([buildProgram({ entry, out, packages }), buildRuntimeCode(out, packages)])
  return { file: program, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
