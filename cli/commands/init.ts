import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
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
  const mistakes = mistakesIn(text, io)
  if (mistakes !== null) {
    io.stderr.write(`nothing is written, as the environment holds what cannot be configured:\n${mistakes}`)
    return EXIT.badConfig
  }
  write(resolve(file), { text, force, file })
  const lines = proposals.map(({ id, from }) => `  ${id}: ${from}`)
  if (lines.length === 0) lines.push('  no broker was found here: name yours in it')
  const next = proposals.length === 0 ? '' : 'next: `sluice doctor` tries each source, `sluice serve` shows them\n'
  io.stderr.write(`wrote ${[file, ...lines].map((line) => `${inert(line)}\n`).join('')}${next}`)
  return EXIT.done
}

/** What the server would say to it; null = nothing. */
function mistakesIn(text: string, io: Io): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-init-'))
  try {
    const file = join(folder, 'sluice.yaml')
    writeFileSync(file, text)
    const loaded = loadConfig({ file, env: io.env, flags: {} })
    return loaded.ok ? null : mistakesText({ ...loaded, file: null })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
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
