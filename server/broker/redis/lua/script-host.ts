import type { Reply } from '../reply.ts'

/** What a running script may do to the world; the dispatcher gives it, and a test can. */
export interface ScriptHost {
  /**
   * One command in the script's name, at once. An error is returned as an ErrorReply, never thrown: redis.call raises it, redis.pcall
   * hands it out as a table.
   * @param protocol what redis.setresp asked for: the shape of the answer.
   */
  call(args: readonly string[], protocol: 2 | 3): Reply
  log(level: 'debug' | 'verbose' | 'notice' | 'warning', text: string): void
  /** A monotonic clock for the time limit, in ms. */
  elapsedMs(): number
  /** What the last call took, ms; 0: too little to measure. */
  readonly tookMs: number
}

export interface ScriptLimits {
  /** A script that runs longer ends with an error; what it changed stays. */
  readonly timeLimitMs: number
  /** Bytes of strings and tables one script may grow by. */
  readonly memoryLimitBytes: number
  /** Scripts kept by their SHA-1 that came by EVAL; those of SCRIPT LOAD stay until SCRIPT FLUSH. */
  readonly cachedScripts: number
}

/** What the first line of a script says of it: `#!lua flags=no-writes`. */
export interface ScriptFlags {
  readonly writesNothing: boolean
  /** It may add above maxmemory. */
  readonly allowsOom: boolean
}

/** Scripts by the SHA-1 of their text, compiled once. */
export interface ScriptEngine {
  /** 40 lower-case hex digits. Throws ErrorReply when it does not compile, in Redis' words. */
  load(source: string, by: 'eval' | 'load'): string
  has(sha: string): boolean
  /** null: the script has no such first line, or is not known. */
  flagsOf(sha: string): ScriptFlags | null
  /** Forgets all. */
  flush(): void
  /** Throws ErrorReply when the script fails; `sha` must be known. */
  run(sha: string, keys: readonly string[], argv: readonly string[], host: ScriptHost): Reply
}
