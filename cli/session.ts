import type { Api } from './api.ts'
import { type CliFailure, EXIT } from './exit.ts'
import { inert } from './format/inert.ts'
import type { OutputName } from './print.ts'
import { type Look, lookOf } from './terminal.ts'

/** Where a command reads and writes. The process in earnest, plain objects in tests. */
export interface Io {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly stdin: Keyboard
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts with a CliFailure (exit 130) when the person interrupts. */
  readonly interrupt: AbortSignal
}

export interface Keyboard {
  readonly isTTY?: boolean | undefined
  /** Asks a person on stderr for one line; null when there will be none. */
  ask(question: string, signal: AbortSignal): Promise<string | null>
  /** Everything that comes in the pipe, at most `bytesMax`. */
  readAll(bytesMax: number): Promise<string>
}

export interface Sink {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  write(text: string): unknown
}

/** One command's run: the server, how to print, and for how long. */
export interface Session {
  readonly io: Io
  readonly api: Api
  readonly output: OutputName
  /** From --fields; null = the table's own. */
  readonly fields: readonly string[] | null
  readonly out: Look
  readonly err: Look
  readonly write: (text: string) => void
  /** Talk for people, on stderr; silent under --quiet. */
  readonly note: (text: string) => void
  /** The same, without a line break: for a line that grows. */
  readonly noteRaw: (text: string) => void
  /** Somebody is there who can be asked. */
  readonly isInteractive: boolean
}

export interface LookOptions {
  readonly color?: 'auto' | 'always' | 'never'
  readonly ascii?: boolean
}

export function looksOf(io: Io, { color = 'auto', ascii = false }: LookOptions): { out: Look; err: Look } {
  const look = (sink: Sink) => lookOf({ isTty: sink.isTTY === true, columns: sink.columns, env: io.env, color, ascii })
  return { out: look(io.stdout), err: look(io.stderr) }
}

/** What a failure says on stderr. */
export function failureText(failure: CliFailure): string {
  const lead = failure.exit === EXIT.interrupted ? '' : 'sluice: '
  return [`${lead}${failure.message}`, ...failure.lines].map((line) => `${inert(line)}\n`).join('')
}
