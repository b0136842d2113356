/**
 * The build: `cli/main.ts` becomes `dist/sluice.js`, with what it imports lazily in `dist/chunks/`, and the web becomes
 * `dist/web/`; `build-runtime.mjs` adds what applications import. Packages under "dependencies" stay packages; those under "devDependencies" (commander, ink, react) become
 * part of the bundle, each in the chunk of the command that needs it.
 *
 * `node cli/build.mjs [--entry FILE] [--out FOLDER]`: both are for trying the build on something else.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { buildRuntime } from './build-runtime.mjs'
import { BUILT_FROM, sourcesDigest } from './fresh.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const { values } = parseArgs({ options: { entry: { type: 'string' }, out: { type: 'string' } } })
const ENTRY = values.entry ?? join(ROOT, 'cli', 'main.ts')
const OUT = values.out ?? join(ROOT, 'dist')

/** Some bundled packages are CommonJS and ask for Node's own modules with `require`, which ES modules do not have. */
const REQUIRE =
  "import { createRequire as nodeRequire } from 'node:module'; var require = nodeRequire(import.meta.url);"

/** With DEV set, ink loads its bridge to React's developer tools; those are not installed, and others use DEV too. */
const withoutDevtools = {
  name: 'without-devtools',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/devtools\.js$/ }, ({ path, importer }) =>
      /[\\/]ink[\\/]/.test(importer) ? { path, namespace: 'absent' } : null,
    )
    onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: '' }))
  },
}

// Read before anything is written: a source that changes during the build leaves a build that is out of date.
const digest = sourcesDigest(ROOT)
rmSync(join(OUT, BUILT_FROM), { force: true })
const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const packages = Object.keys(dependencies)
await Promise.all([buildProgram(), buildWeb(), buildRuntime(OUT, packages)])
writeFileSync(join(OUT, BUILT_FROM), digest)

async function buildProgram() {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { sluice: ENTRY },
    outdir: OUT,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: packages,
    plugins: [withoutDevtools],
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    banner: { js: REQUIRE },
    legalComments: 'none',
    minify: false,
    sourcemap: false,
    metafile: true,
    logLevel: 'warning',
  })
  const program = join(OUT, 'sluice.js')
  const code = readFileSync(program, 'utf8').replace(/^#!.*\n/, '')
  writeFileSync(program, `#!/usr/bin/env node\n${code}`)
  chmodSync(program, 0o755)
  const files = Object.keys(metafile.outputs).map((file) => join(ROOT, file))
  removeOldChunks(files)
  const chunks = files.filter((file) => file !== program)
  console.log(`  ${relative(ROOT, program)} ${kilobytes([program])}, ${chunks.length} chunks ${kilobytes(chunks)}`)
}

/** A chunk's name holds a digest of it, so that a program that is running keeps finding its own until now. */
function removeOldChunks(files) {
  const folder = join(OUT, 'chunks')
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) {
    if (!files.includes(join(folder, name))) rmSync(join(folder, name), { recursive: true })
  }
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
