#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { mistakesText } from './commands/config.ts'
import { serveUntilEnded } from './commands/serve.ts'
import { CliFailure, EXIT } from './exit.ts'
import { type Parts, run } from './run.ts'
import type { Io } from './session.ts'

/**
 * The program `sluice`. Everything that is slow to load (the server, the screen, YAML) is behind an `import()`, so that
 * `sluice status` starts about as fast as Node itself.
 */
const interrupt = new AbortController()
const io: Io = { stdout: process.stdout, stderr: process.stderr, env: process.env, interrupt: interrupt.signal }

/** From source this file is in cli/, built it is in dist/: package.json is in the folder above either. */
const packageFile = new URL('../package.json', import.meta.url)
const webFolder = fileURLToPath(new URL('../dist/web', import.meta.url))

const parts: Parts = {
  version: readVersion(),
  readConfig: async (file, flags) => {
    const { loadConfig } = await import('../server/config.ts')
    const loaded = loadConfig({ file, env: process.env, flags })
    if (!loaded.ok) return loaded
    return { ok: true, file: loaded.config.file, printed: loaded.printed, sources: loaded.config.sources.length }
  },
  serve: async ({ config, host, port }, serveIo) => {
    const { loadConfig } = await import('../server/config.ts')
    const flags = { 'server.host': host, 'server.port': port }
    const loaded = loadConfig({ file: config ?? null, env: process.env, flags })
    if (!loaded.ok) {
      serveIo.stderr.write(mistakesText(loaded))
      return EXIT.badConfig
    }
    const { serve } = await import('../server/main.ts')
    const running = await serve({ config: loaded.config, version: parts.version, webFolder })
    return serveUntilEnded(serveIo, { file: loaded.config.file, running })
  },
  top: async (session, options) => {
    const { top } = await import('./screen/top.tsx')
    return top(session, options)
  },
}

function readVersion(): string {
  try {
    const { version } = JSON.parse(readFileSync(packageFile, 'utf8'))
    return String(version)
  } catch {
    return 'unknown'
  }
}

/** The first signal asks the command to end in order; the second ends the process. */
function onSignal(signal: NodeJS.Signals): void {
  if (interrupt.signal.aborted) process.exit(EXIT.interrupted)
  interrupt.abort(new CliFailure(EXIT.interrupted, signal === 'SIGINT' ? '' : `ended by ${signal}`))
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)

// `sluice list queues | head`: the reader has enough, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.done)
})

process.exitCode = await run(process.argv.slice(2), io, parts)
