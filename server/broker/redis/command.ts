import type { Clock } from '../../domain/clock.ts'
import type { Db } from './db.ts'
import type { Reply } from './reply.ts'

/** As Redis names them in COMMAND; only those that something here asks for. */
export type Flag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'fast'
  | 'blocking'
  | 'noscript'
  | 'pubsub'
  | 'admin'
  | 'loading'
  | 'stale'
  | 'no_auth'
  | 'no_multi'

/**
 * One command: what the dispatcher checks, what COMMAND tells, and the handler. Each family file of `commands/` exports a list of these,
 * and `commands/all.ts` joins the lists; what is advertised is computed from them.
 */
export interface Command {
  /** Lower case; a subcommand is `client|list`. */
  readonly name: string
  /** Redis' way: with the name counted, negative = at least. */
  readonly arity: number
  readonly flags: readonly Flag[]
  /** First key, last key, step, as in COMMAND; [0, 0, 0]: none, or `keysOf` tells. */
  readonly keys: readonly [first: number, last: number, step: number]
  /** For commands whose keys follow a count or a word (EVAL, LMPOP, XREAD, SORT). */
  keysOf?(args: readonly string[]): readonly string[]
  /**
   * Reads and changes state at once, without `await`. `args[0]` is the name as it was sent. Throws ErrorReply.
   * BLOCKED means: the answer comes later, by `call.block`.
   */
  run(call: Call, args: readonly string[]): Reply | typeof BLOCKED
}

export const BLOCKED = Symbol('blocked')

/** What a handler of a data type may use. Those of connection, server and scripting use more, see `call.ts`. */
export interface Call {
  /** The database the client has selected. */
  readonly db: Db
  /** All of them, by number: for MOVE, COPY, SWAPDB, FLUSHALL. */
  readonly dbs: readonly Db[]
  /** Unix ms, the same for the whole command, transaction or script. */
  readonly nowMs: number
  readonly clock: Clock
  /** In the name of a script. */
  readonly isScripted: boolean
  /** [0, 1), seeded. */
  random(): number
  /** 2 or 3: some commands answer in another shape, not only in other bytes. */
  readonly protocol: 2 | 3
  /**
   * What the journal keeps in place of the command as it was sent; several calls add up, none at all keeps the command, if it changed
   * something. Needed wherever doing it again later would do something else: SPOP → SREM, XADD * → the id, EXPIRE → PEXPIREAT,
   * INCRBYFLOAT → SET, a blocking pop → the pop. Nothing is kept when no key was changed.
   */
  effect(...args: readonly string[]): void
  /**
   * Parks the client until one of the keys changes and `attempt` answers something else than undefined, or until `timeoutMs` (0: for ever)
   * is over. First come, first served per key. Inside MULTI or a script nothing blocks: `timedOut` is answered at once.
   * `attempt` runs with the same rules as a handler; `call.effect` inside it counts. It is told the key that changed, and takes from that
   * one. The caller has tried already: nothing is attempted before a key changes.
   */
  block(options: BlockOptions): Reply | typeof BLOCKED
}

export interface BlockOptions {
  readonly keys: readonly string[]
  readonly timeoutMs: number
  /** `attempt` is called too when one of the keys is gone. */
  readonly alsoWhenGone?: boolean
  attempt(call: Call, changedKey: string): Reply | undefined
  readonly timedOut: Reply
  /** Where nothing blocks, if another answer than `timedOut`. */
  readonly atOnce?: Reply
}
