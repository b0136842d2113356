import type { ConfigAnswer } from '../../cli/commands/config.ts'
import { type Parts, run } from '../../cli/run.ts'

export interface CliRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  readonly server?: string
  readonly tty?: boolean
  readonly columns?: number
  readonly env?: Record<string, string>
  readonly interrupt?: AbortSignal
  readonly parts?: Partial<Parts>
  readonly onWrite?: (text: string) => void
  /** A person sits there and says these, one a question. */
  readonly answers?: readonly string[]
  /** What comes in the pipe. */
  readonly input?: string
}

const NO_PARTS: Parts = {
  version: '0.0.0-test',
  readConfig: async (): Promise<ConfigAnswer> => ({ ok: true, file: null, printed: 'server: {}\n', sources: 0 }),
  serve: async () => 0,
  demo: async () => 0,
  broker: async () => 0,
  init: async () => 0,
  doctor: async () => 0,
  top: async () => 0,
}

/** One command line of the real program in this process, its streams caught. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  let stdout = ''
  let stderr = ''
  const answers = [...(options.answers ?? [])]
  const code = await run(
    argv,
    {
      stdout: {
        isTTY: options.tty ?? false,
        columns: options.columns ?? 120,
        rows: 30,
        write: (text) => {
          stdout += text
          options.onWrite?.(text)
        },
      },
      stderr: {
        isTTY: options.tty ?? false,
        columns: options.columns ?? 120,
        write: (text) => {
          stderr += text
        },
      },
      stdin: {
        isTTY: options.answers !== undefined,
        ask: async (question) => {
          stderr += question
          return answers.shift() ?? null
        },
        readAll: async () => options.input ?? '',
      },
      env: {
        LANG: 'C.UTF-8',
        TERM: 'xterm',
        ...(options.server ? { SLUICE_SERVER: options.server } : {}),
        ...options.env,
      },
      interrupt: options.interrupt ?? new AbortController().signal,
    },
    { ...NO_PARTS, ...options.parts },
  )
  return { code, stdout, stderr }
}
