import { mistakesText } from './commands/config.ts'
import { serveUntilEnded } from './commands/serve.ts'
import type { DemoSettings } from './demo/demo.ts'
import { CliFailure, EXIT } from './exit.ts'
import { keyboardOf } from './keyboard.ts'
import { type Parts, run } from './run.ts'
import type { Io } from './session.ts'

/** What only the program's first file knows. */
export interface Installed {
  readonly version: string
  /** Folder of the built web page. */
  readonly webFolder: string
  /** The file of the program itself. */
  readonly program: string
}

/** Runs one command line of this process: its streams, signals and exit code. */
export async function start(argv: readonly string[], installed: Installed): Promise<void> {
  const interrupt = new AbortController()
  const io: Io = {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: keyboardOf(process.stdin),
    env: process.env,
    interrupt: interrupt.signal,
  }
  // The first signal asks the command to end in order; the second ends the process.
  const onSignal = (signal: NodeJS.Signals) => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted)
    interrupt.abort(new CliFailure(EXIT.interrupted, signal === 'SIGINT' ? '' : `ended by ${signal}`))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  // `sluice list queues | head`: the reader has enough, and that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.done)
  })
  process.exitCode = await run(argv, io, partsOf(installed))
}

function partsOf({ version, webFolder, program }: Installed): Parts {
  const startDemo = async (settings: DemoSettings, io: Io) => {
    const { demo } = await import('./demo/demo.ts')
    const parts = { version, webFolder, program, stdin: process.stdin }
    return demo(io, settings, parts)
  }
  return {
    version,
    demo: ({ host, port, incidentAfter }, io) => startDemo({ host, port, incidentAfterMs: incidentAfter ?? null }, io),
    broker: async (kind, options, io) => {
      const { runBroker } = await import('./commands/broker.ts')
      return runBroker(kind, options, io)
    },
    init: async (options, io) => {
      const { init } = await import('./commands/init.ts')
      return init(io, options)
    },
    doctor: async (sources, options, session) => {
      const { doctor } = await import('./commands/doctor.ts')
      return doctor(session, sources, options)
    },
    readConfig: async (file, flags) => {
      const { loadConfig } = await import('../server/config.ts')
      const loaded = loadConfig({ file, env: process.env, flags })
      if (!loaded.ok) return loaded
      return { ok: true, file: loaded.config.file, printed: loaded.printed, sources: loaded.config.sources.length }
    },
    serve: async ({ config, host, port, demo: isDemoWanted = false }, io) => {
      const { loadConfig } = await import('../server/config.ts')
      const flags = { 'server.host': host, 'server.port': port }
      const loaded = loadConfig({ file: config ?? null, env: process.env, flags })
      if (!loaded.ok) {
        io.stderr.write(mistakesText(loaded))
        return EXIT.badConfig
      }
      const { sourcesOf } = await import('../server/local-sources.ts')
      const { tried, sources } = await sourcesOf(loaded.config)
      if (isDemoWanted && tried.length > 0 && sources.length === 0) {
        io.stderr.write(NOTHING_HERE)
        return startDemo({ host, port, incidentAfterMs: null }, io)
      }
      const { serve } = await import('../server/main.ts')
      const running = await serve({ config: { ...loaded.config, sources }, version, webFolder })
      return serveUntilEnded(io, { file: loaded.config.file, tried, running })
    },
    top: async (session, options) => {
      const { top } = await import('./screen/top.tsx')
      return top(session, options)
    },
  }
}

const NOTHING_HERE =
  'No sluice.yaml, and nothing listens on the usual local ports (6379, 5672, 9092): this is the demo. `sluice init` configures your own.\n'
