/** How the process ends: a contract for scripts, the same for every command. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Usage, or consent is missing: nothing was done. */
  usage: 2,
  /** Done to some of it only, or not in effect in time. */
  partly: 3,
  /** Not signed in, or not permitted. */
  forbidden: 4,
  notFound: 5,
  /** There is no lever for this here. */
  unsupported: 6,
  /** The server cannot be reached, or what was asked about is stale. */
  unreachable: 7,
  /** What was seen is not what is there any more. */
  conflict: 8,
  /** The condition asked for with --exit-code is true. */
  condition: 10,
  badConfig: 78,
  timedOut: 124,
  interrupted: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** A command that cannot do what was asked: what to say on stderr, one line each, and the code to end with. */
export class CliFailure extends Error {
  readonly exit: ExitCode
  readonly lines: readonly string[]
  /** The request was sent and its answer lost: it may have been done. */
  readonly isLost: boolean

  constructor(exit: ExitCode, message: string, lines: readonly string[] = [], { isLost = false } = {}) {
    super(message)
    this.name = 'CliFailure'
    this.exit = exit
    this.lines = lines
    this.isLost = isLost
  }
}

export function usage(message: string): CliFailure {
  return new CliFailure(EXIT.usage, message)
}

/** Anything thrown as the failure to tell and the code to end with. */
export function failureOf(error: unknown): CliFailure {
  if (error instanceof CliFailure) return error
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new CliFailure(EXIT.timedOut, 'timed out: the server is too slow, or silent; --timeout allows more')
  }
  const text = error instanceof Error ? error.message : String(error)
  return new CliFailure(EXIT.failed, text || 'failed')
}
