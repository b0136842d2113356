/**
 * Builds what an application imports: `sluice/runtime` as `runtime.js` and `sluice/broker` as `broker.js`, with the file of its worker
 * thread, `broker-redis.js`, beside it; and their types under `types/`.
 */
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
const TYPES = join(ROOT, 'server', 'tsconfig.types.json')

const ENTRIES = {
  runtime: join(ROOT, 'server', 'runtime', 'index.ts'),
  broker: join(ROOT, 'server', 'broker', 'index.ts'),
  'broker-redis': join(ROOT, 'server', 'broker', 'redis', 'thread.ts'),
}

/** @param {string} out folder, absolute @param {readonly string[]} external packages that stay packages */
export async function buildRuntime(out, external) {
  const types = promisify(execFile)(process.execPath, [TSC, '-p', TYPES, '--outDir', join(out, 'types')])
  await Promise.all([types, buildRuntimeCode(out, external)])
}

/** The same without the types. */
export async function buildRuntimeCode(out, external) {
  await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    outdir: out,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: [...external],
    legalComments: 'none',
    logLevel: 'warning',
  })
}
