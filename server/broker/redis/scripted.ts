import type { EngineCall } from './call.ts'
import { Client, type ClientLink } from './client.ts'
import type { Engine } from './engine.ts'
import { OOM } from './gate.ts'
import type { ScriptFlags, ScriptHost } from './lua/script-host.ts'
import type { Entry } from './registry.ts'
import { ErrorReply, type Reply } from './reply.ts'

/** A script's way to the engine: each command at once, in the name of a client of its own. */
export class Scripted implements ScriptHost {
  readonly #engine: Engine
  readonly #client: Client
  tookMs = 0
  #isReadOnly = false
  #wasOverMemory = false
  #hasWritten = false

  constructor(engine: Engine) {
    this.#engine = engine
    this.#client = new Client(NO_LINK, engine.nowMs)
    this.#client.user = engine.users.default
  }

  /** For the next script; there is never more than one. Throws ErrorReply: its first line forbids it to run so, or now. */
  begin({ db }: EngineCall, flags: ScriptFlags | null, isReadOnly: boolean): ScriptHost {
    if (flags !== null) this.#admit(flags, isReadOnly)
    this.#client.dbIndex = db.index
    this.#isReadOnly = isReadOnly || flags?.writesNothing === true
    this.#wasOverMemory = this.#engine.isOverMemory && flags?.allowsOom !== true
    this.#hasWritten = false
    return this
  }

  call(args: readonly string[], protocol: 2 | 3): Reply {
    this.tookMs = 0
    try {
      const entry = this.#engine.registry.find(args)
      if (entry === undefined) return new ErrorReply('ERR Unknown Redis command called from script')
      const refusal = this.#refusalOf(entry, args)
      if (refusal !== null) return refusal
      this.#client.protocol = protocol
      const before = entry.timedUsec
      const reply = this.#engine.executeScripted(this.#client, entry, args)
      this.tookMs = (entry.timedUsec - before) / 1000
      return reply
    } catch (error) {
      return this.#engine.failure(error, null)
    }
  }

  log(level: 'debug' | 'verbose' | 'notice' | 'warning', text: string): void {
    this.#engine.log[LEVELS[level]]('script', { text })
  }

  elapsedMs(): number {
    return this.#engine.clock.monotonicMs()
  }

  /** Redis judges such a script before it runs, one without a first line by its commands. */
  #admit({ writesNothing, allowsOom }: ScriptFlags, isReadOnly: boolean): void {
    if (writesNothing) return
    const refusal = this.#engine.journal?.refusal
    if (refusal) throw new ErrorReply(refusal)
    if (this.#engine.isOverMemory && !allowsOom) throw new ErrorReply(OOM)
    if (isReadOnly) throw new ErrorReply('ERR Can not execute a script with write flag using *_ro command.')
  }

  #refusalOf(entry: Entry, args: readonly string[]): ErrorReply | null {
    if (!entry.hasArity(args.length))
      return new ErrorReply('ERR Wrong number of args calling Redis command from script')
    if (entry.isNoScript) return new ErrorReply('ERR This Redis command is not allowed from script')
    if (this.#isReadOnly && entry.mayWrite)
      return new ErrorReply('ERR Write commands are not allowed from read-only scripts.')
    if (!entry.isWrite) return null
    // Half a script is worse than what refusing saves: once it has begun to write, it goes on.
    if (this.#hasWritten) return null
    if (entry.deniesOom && this.#wasOverMemory) return new ErrorReply(OOM)
    const refusal = this.#engine.journal?.refusal
    if (refusal) return new ErrorReply(refusal)
    this.#hasWritten = true
    return null
  }
}

const LEVELS = { debug: 'debug', verbose: 'debug', notice: 'info', warning: 'warn' } as const

/** For what happens in nobody's name: scripts, replayed effects. */
export const NO_LINK: ClientLink = {
  id: 0,
  remote: '',
  local: '',
  outputBytes: 0,
  outputBytesMax: 0,
  send: () => {},
  hold: () => {},
  release: () => {},
  end: () => {},
}
