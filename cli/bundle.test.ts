import { build } from 'esbuild'
import { expect, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }

/** Loaded with every command: the grammar. */
const ALLOWED = ['commander']
/** `--version` loads the first; all else the second as well. */
const ROOTS = ['cli/main.ts', 'cli/start.ts']

/** Bundles as the build does, in memory, and says which files stand in what every command loads. */
async function loadedAtOnce(): Promise<{ inputs: string[]; externals: string[] }> {
  const { metafile } = await build({
    entryPoints: { sluice: 'cli/main.ts' },
    absWorkingDir: `${import.meta.dirname}/..`,
    outdir: 'dist',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: [...Object.keys(packageJson.dependencies), 'react-devtools-core'],
    metafile: true,
    logLevel: 'silent',
  })
  const inputs = new Set<string>()
  const externals = new Set<string>()
  const pending = Object.keys(metafile.outputs).filter((name) =>
    ROOTS.includes(metafile.outputs[name]?.entryPoint ?? ''),
  )
  for (const name of pending) {
    for (const input of Object.keys(metafile.outputs[name]?.inputs ?? {})) inputs.add(input)
    for (const { path, kind, external } of metafile.outputs[name]?.imports ?? []) {
      if (kind !== 'import-statement') continue
      if (external) externals.add(path)
      else if (!pending.includes(path)) pending.push(path)
    }
  }
  return { inputs: [...inputs], externals: [...externals] }
}

test('a plain command loads no screen, no server and no package but the grammar', async () => {
  const { inputs, externals } = await loadedAtOnce()
  expect(inputs).toContain('cli/run.ts')
  expect(inputs.filter((file) => file.startsWith('cli/screen/') || file === 'cli/yaml.ts')).toEqual([])
  expect(
    inputs.filter((file) => file.startsWith('server/') && !/^server\/(domain\/|api\/(lists|paths)\.ts$)/.test(file)),
  ).toEqual([])
  const packages = inputs.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])
  expect([...new Set(packages)].filter((name) => !ALLOWED.includes(name))).toEqual([])
  for (const name of ['express', 'zod', 'yaml', 'ink', 'react', 'pino', 'ioredis', 'kafkajs', 'amqplib'])
    expect(externals).not.toContain(name)
}, 30_000)
