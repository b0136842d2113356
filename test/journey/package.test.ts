import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildRuntime } from '../../cli/build-runtime.mjs'
import packageJson from '../../package.json' with { type: 'json' }

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')
const APPLICATION = `
import { redisBroker } from 'sluice/broker'
import { createJobs, fromArray, type Job } from 'sluice/runtime'

const broker = await redisBroker()
const jobs = createJobs({ redis: broker.url })
const words: string[] = []
const say: Job<{ words: string[] }> = jobs.define({
  name: 'say',
  args: (value) => value as { words: string[] },
  items: ({ words }, cursor: number | null) => fromArray(words, cursor),
  each: (word) => void words.push(word),
})
const worker = jobs.worker({ queues: ['default'] })
worker.on('succeeded', async () => {
  await jobs.close()
  await broker.close()
  console.log(words.join(' '))
})
await worker.start()
await jobs.enqueue(say, { words: ['hello', 'world'] })
`

/** An application that has installed this package: its folder, with nothing of this checkout but what is published. */
let folder: string

describe('an application that imports sluice/runtime and sluice/broker', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-application-'))
    const installed = join(folder, 'node_modules', 'sluice')
    mkdirSync(installed, { recursive: true })
    cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'))
    await buildRuntime(join(installed, 'dist'), Object.keys(packageJson.dependencies))
    for (const name of ['ioredis', 'croner', 'luaparse', '@types']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'application.ts'), APPLICATION)
  }, 60_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('compiles against their types, and runs a job with nothing but itself', async () => {
    const flags = '--module nodenext --target es2023 --strict --types node --ignoreConfig'.split(' ')
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    await run(process.execPath, [tsc, ...flags, 'application.ts'], { cwd: folder }).catch((error) => {
      throw new Error(`the types do not fit: ${error.stdout}`)
    })
    const { stdout } = await run(process.execPath, ['application.js'], { cwd: folder, timeout: 20_000 })
    expect(stdout).toBe('hello world\n')
  }, 60_000)
})
