import { type Command, CommanderError } from 'commander'
import { Api } from './api.ts'
import { config, type ReadConfig } from './commands/config.ts'
import { controlActions } from './commands/control-actions.ts'
import { describe } from './commands/describe.ts'
import { listFailures, listJobs } from './commands/jobs.ts'
import { lag } from './commands/lag.ts'
import { list } from './commands/list.ts'
import { status } from './commands/status.ts'
import { type CliFailure, EXIT, type ExitCode, failureOf, usage } from './exit.ts'
import { inert } from './format/inert.ts'
import { hint } from './hint.ts'
import { outputOf } from './print.ts'
import { createProgram, type GlobalOptions, type ServeOptions } from './program.ts'
import type { BrokerOptions } from './program-broker.ts'
import type { DemoOptions, DoctorOptions, InitOptions } from './program-setup.ts'
import { failureText, type Io, looksOf, type Session } from './session.ts'
import { signIn, signInRemedy } from './sign-in.ts'

const DEFAULT_SERVER = 'http://127.0.0.1:7380'
/** Long enough to have seen the shop when it was well. */
const INCIDENT_AFTER_MS = 20_000

/** What is too slow, or too far from this folder, to be loaded before it is needed. */
export interface Parts {
  readonly version: string
  readonly readConfig: ReadConfig
  /** Runs until it is interrupted. */
  readonly serve: (options: ServeOptions, io: Io) => Promise<ExitCode>
  /** Runs until it is interrupted. */
  readonly demo: (options: DemoOptions, io: Io) => Promise<ExitCode>
  /** Runs until it is interrupted. */
  readonly broker: (kind: string, options: BrokerOptions, io: Io) => Promise<ExitCode>
  readonly init: (options: InitOptions, io: Io) => Promise<ExitCode>
  readonly doctor: (sources: readonly string[], options: DoctorOptions, session: Session) => Promise<ExitCode>
  readonly top: (session: Session, options: { source: string | null; faults: boolean }) => Promise<ExitCode>
}

/** Runs one command line, without the name of the program, and gives the exit code. Never throws for an operating error. */
export async function run(argv: readonly string[], io: Io, parts: Parts): Promise<ExitCode> {
  let code: ExitCode = EXIT.done
  const options = (): GlobalOptions => program.opts<GlobalOptions>()
  const program: Command = createProgram(parts.version, {
    bare: async () => {
      const [word] = program.args
      if (word !== undefined) throw unknownCommand(program, word)
      const session = sessionOf(io, options(), { isEndless: io.stdout.isTTY === true })
      const isScreen = io.stdout.isTTY === true && session.output === 'table'
      code = isScreen ? await parts.top(session, { source: null, faults: false }) : await status(session, {})
    },
    serve: async (serveOptions) => {
      code = await parts.serve(serveOptions, io)
    },
    demo: async (what, demoOptions) => {
      if (what !== undefined && what !== 'incident')
        throw usage(`demo: expected nothing or incident, got "${inert(what)}"`)
      const incident = what === 'incident' ? { incidentAfter: INCIDENT_AFTER_MS } : {}
      code = await parts.demo({ ...incident, ...demoOptions }, io)
    },
    init: async (initOptions) => {
      code = await parts.init(initOptions, io)
    },
    doctor: async (sources, doctorOptions) => {
      // Each step has a deadline of its own.
      code = await parts.doctor(sources, doctorOptions, sessionOf(io, options(), { isEndless: true }))
    },
    broker: async (kind, brokerOptions) => {
      code = await parts.broker(kind, brokerOptions, io)
    },
    status: async (statusOptions) => {
      code = await status(sessionOf(io, options()), statusOptions)
    },
    list: async (kind, listOptions) => {
      code = await list(sessionOf(io, options(), { isEndless: listOptions.watch !== undefined }), kind, listOptions)
    },
    listOf: async (kind, queue, listOptions) => {
      const session = sessionOf(io, options())
      code = kind === 'jobs' ? await listJobs(session, queue, listOptions) : await listFailures(session, queue)
    },
    listSagas: async (queue, listOptions) => {
      const { listSagas } = await import('./commands/saga.ts')
      code = await listSagas(sessionOf(io, options()), queue, listOptions)
    },
    ...controlActions(
      () => sessionOf(io, options()),
      () => sessionOf(io, options(), { isWrite: true }),
      (ended) => {
        code = ended
      },
    ),
    describe: async (reference) => {
      code = await describe(sessionOf(io, options()), reference)
    },
    lag: async (groups, lagOptions) => {
      code = await lag(sessionOf(io, options()), groups, lagOptions)
    },
    top: async (source, { faults = false }) => {
      const session = sessionOf(io, options(), { isEndless: true })
      if (!session.out.isTty) throw usage('top needs a terminal; `sluice status` and `sluice list` work in a pipe')
      code = await parts.top(session, { source: source ?? null, faults })
    },
    config: async (verb, file, { config: flag }) => {
      code = await config(io, verb, { file: file ?? flag ?? null, read: parts.readConfig })
    },
    version: async () => {
      io.stdout.write(`${parts.version}\n`)
    },
  })
  quietly(program, io)
  try {
    // `--watch` alone takes no word after it: its value is optional and only ever written with `=`.
    const words = argv.map((word) => (word === '--watch' ? '--watch=1s' : word))
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
    const failure = failureOf(error)
    if (failure.message !== '') io.stderr.write(failureText(failure))
    return failure.exit
  }
}

function unknownCommand(program: Command, word: string): CliFailure {
  const names = program.commands.map((command) => command.name())
  return usage(`there is no command "${inert(word)}": ${hint(word, names, 'there are')}`)
}

/** Commander must neither end the process nor write past our streams. */
function quietly(program: Command, io: Io): void {
  for (const command of [program, ...program.commands, ...program.commands.flatMap((one) => one.commands)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(inertLines(text.replace(/^error: /, 'sluice: '))),
    })
  }
}

function inertLines(text: string): string {
  return text.split('\n').map(inert).join('\n')
}

interface SessionKind {
  /** Runs until it is interrupted, or until a person has answered: --timeout is that of each request, if any. */
  readonly isEndless?: boolean
  readonly isWrite?: boolean
}

function sessionOf(io: Io, options: GlobalOptions, { isEndless = false, isWrite = false }: SessionKind = {}): Session {
  const { out, err } = looksOf(io, options)
  const deadline = AbortSignal.timeout(options.timeout)
  const signal = isEndless || isWrite ? io.interrupt : AbortSignal.any([io.interrupt, deadline])
  const server = serverOf(options.server ?? (io.env.SLUICE_SERVER || DEFAULT_SERVER))
  const credentials = { header: () => signIn(server, io.env), remedy: () => signInRemedy(server, io.env) }
  return {
    io,
    api: new Api(server, { signal, credentials, requestMs: isWrite ? options.timeout : null }),
    output: outputOf(options.output, options.json ?? false),
    fields: options.fields === undefined ? null : fieldsOf(options.fields),
    out,
    err,
    write: (text) => {
      io.stdout.write(text)
    },
    note: (text) => {
      if (!options.quiet) io.stderr.write(`${inert(text)}\n`)
    },
    noteRaw: (text) => {
      if (!options.quiet) io.stderr.write(inert(text))
    },
    isInteractive: io.stdin.isTTY === true && io.stderr.isTTY === true && options.input !== false,
  }
}

function serverOf(text: string): URL {
  // `example:7380` would be read as a URL of the scheme "example".
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usage(`--server: expected http://host:port, got "${inert(text)}"`)
  }
  return url
}

function fieldsOf(text: string): string[] {
  const fields = text.split(',').map((field) => field.trim())
  if (fields.some((field) => field === '')) throw usage('--fields: expected names with commas between: ref,depth')
  return fields
}
