/** Builds `sluice/runtime`, what an application imports: `runtime.js`, and its types under `types/`. */
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')

/** @param {string} out folder, absolute @param {readonly string[]} external packages that stay packages */
export async function buildRuntime(out, external) {
  const runtime = join(ROOT, 'server', 'runtime')
  await Promise.all([
    promisify(execFile)(process.execPath, [TSC, '-p', runtime, '--outDir', join(out, 'types')]),
    build({
      absWorkingDir: ROOT,
      entryPoints: { runtime: join(runtime, 'index.ts') },
      outdir: out,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      external: [...external],
      legalComments: 'none',
      logLevel: 'warning',
    }),
  ])
}
