import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadConfig } from '../../server/config.ts'
import { configText, proposeSources } from '../../server/init-config.ts'
import { CliFailure, EXIT, type ExitCode, usage } from '../exit.ts'
import { inert } from '../format/inert.ts'
import type { InitOptions } from '../program-setup.ts'
import type { Io } from '../session.ts'
import { mistakesText } from './config.ts'

/** Writes a configuration for what is found here; never over another one unless it is told to. */
export async function init(io: Io, { file, force = false }: InitOptions): Promise<ExitCode> {
  const proposals = await proposeSources(io.env)
  const text = configText(proposals)
  const loaded = loadConfig({ file: { text }, env: io.env, flags: {} })
  if (!loaded.ok) {
    io.stderr.write(`nothing is written, as the environment holds what cannot be configured:\n${mistakesText(loaded)}`)
    return EXIT.badConfig
  }
  write(resolve(file), { text, force, file })
  const lines = proposals.map(({ id, from }) => `  ${id}: ${from}`)
  if (lines.length === 0) lines.push('  no broker was found here: name yours in it')
  const next = proposals.length === 0 ? '' : 'next: `sluice doctor` tries each source, `sluice serve` shows them\n'
  io.stderr.write(`wrote ${[file, ...lines].map((line) => `${inert(line)}\n`).join('')}${next}`)
  return EXIT.done
}

function write(path: string, { text, force, file }: { text: string; force: boolean; file: string }): void {
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error'
    if (code === 'EEXIST') throw usage(`${inert(file)} is there already, and is left as it is: --force overwrites it`)
    throw new CliFailure(EXIT.failed, `cannot write ${inert(file)} (${code}): choose another place with --file`)
  }
}
