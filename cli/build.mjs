/**
 * The build: the program (`build-program.mjs`) becomes `dist/sluice.js` with its chunks, the web becomes `dist/web/`;
 * `build-runtime.mjs` adds what applications import.
 *
 * `node cli/build.mjs [--entry FILE] [--out FOLDER]`: both are for trying the build on something else; the web stays in `dist/web/`.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { buildProgram } from './build-program.mjs'
import { buildRuntime } from './build-runtime.mjs'
import { BUILT_FROM, sourcesDigest } from './fresh.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const { values } = parseArgs({ options: { entry: { type: 'string' }, out: { type: 'string' } } })
const ENTRY = values.entry ?? join(ROOT, 'cli', 'main.ts')
const OUT = values.out ?? join(ROOT, 'dist')

// Read before anything is written: a source that changes during the build leaves a build that is out of date.
const digest = sourcesDigest(ROOT)
rmSync(join(OUT, BUILT_FROM), { force: true })
const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const packages = Object.keys(dependencies)
await Promise.all([writeProgram(), buildWeb(), buildRuntime(OUT, packages)])
writeFileSync(join(OUT, BUILT_FROM), digest)

async function writeProgram() {
  const { program, chunks } = await buildProgram({ entry: ENTRY, out: OUT, packages })
  console.log(`  ${relative(ROOT, program)} ${kilobytes([program])}, ${chunks.length} chunks ${kilobytes(chunks)}`)
}

async function buildWeb() {
  const configFile = join(ROOT, 'vite.config.ts')
  if (!existsSync(configFile)) {
    console.log('  no vite.config.ts: the web was not built')
    return
  }
  const vite = await import('vite')
  await vite.build({ configFile, logLevel: 'warn' })
  const folder = join(ROOT, 'dist', 'web')
  const files = readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
  const zipped = files.reduce((total, file) => total + gzipSync(readFileSync(file)).length, 0)
  console.log(`  ${relative(ROOT, folder)} ${files.length} files ${kilobytes(files)}, ${inKilobytes(zipped)} gzipped`)
}

function kilobytes(files) {
  return inKilobytes(files.reduce((total, file) => total + statSync(file).size, 0))
}

function inKilobytes(bytes) {
  return `${Math.ceil(bytes / 1000)} kB`
}
