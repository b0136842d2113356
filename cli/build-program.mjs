/**
 * Builds the program `sluice`: `cli/main.ts` becomes `sluice.js`, with what it imports lazily in `chunks/`. Packages under
 * "dependencies" stay packages; those under "devDependencies" (commander, ink, react, bullmq) become part of the bundle,
 * each in the chunk of the command that needs it.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

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

/**
 * @param {{ entry: string, out: string, packages: readonly string[] }} options `packages` are not bundled
 * @returns {Promise<{ program: string, chunks: readonly string[] }>} the files
 */
export async function buildProgram({ entry, out, packages }) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { sluice: entry },
    outdir: out,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: [...packages],
    plugins: [withoutDevtools],
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    banner: { js: REQUIRE },
    legalComments: 'none',
    minify: false,
    sourcemap: false,
    metafile: true,
    logLevel: 'warning',
  })
  const program = join(out, 'sluice.js')
  const code = readFileSync(program, 'utf8').replace(/^#!.*\n/, '')
  writeFileSync(program, `#!/usr/bin/env node\n${code}`)
  chmodSync(program, 0o755)
  const files = Object.keys(metafile.outputs).map((file) => join(ROOT, file))
  removeOldChunks(join(out, 'chunks'), files)
  return { program, chunks: files.filter((file) => file !== program) }
}

/** A chunk's name holds a digest of it, so that a program that is running keeps finding its own until now. */
function removeOldChunks(folder, files) {
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder)) {
    if (!files.includes(join(folder, name))) rmSync(join(folder, name), { recursive: true })
  }
}
