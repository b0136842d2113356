import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** A program of `test/support` in one file, so that a process of it starts in a fraction of the time. Remove it after. */
export async function buildApp(name: string): Promise<{ readonly file: string; remove(): void }> {
  // In here it finds its packages.
  const file = join(import.meta.dirname, '../../node_modules/.cache/sluice', `${name}-${process.pid}.mjs`)
  const entryPoints = [join(import.meta.dirname, `${name}.ts`)]
  await build({ entryPoints, outfile: file, bundle: true, packages: 'external', platform: 'node', format: 'esm' })
  return { file, remove: () => rmSync(file, { force: true }) }
}
