/** What the names of a Lua text mean: locals under names of our own, or globals. */

export interface Local {
  /** Its JavaScript name, made by us. */
  readonly code: string
  readonly owner: FunctionScope
  /** A numeric for's variable that nobody assigns. */
  readonly isNumber: boolean
}

/** Registers the parser of Lua allows to one function. */
const LOCALS_MAX = 200
/** Bytes of the real stack that a call takes besides its variables. */
const FRAME_BYTES = 130

export class LimitError extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/** One Lua function while it is compiled: its blocks of locals, its temporaries and what a call of it costs. */
export class FunctionScope {
  readonly id: number
  readonly parent: FunctionScope | null
  readonly hasVarargs: boolean
  /** 0: the main function. */
  readonly line: number
  usesVarargs = false
  /** The old `arg` table of a vararg function, when it is asked for. */
  argTable: Local | null = null
  #blocks: Map<string, Local>[] = []
  #active = 0
  #slots = 0
  #temporaries = 0
  readonly #free: string[] = []

  constructor(options: {
    readonly id: number
    readonly parent: FunctionScope | null
    readonly hasVarargs: boolean
    readonly line: number
  }) {
    this.id = options.id
    this.parent = options.parent
    this.hasVarargs = options.hasVarargs
    this.line = options.line
  }

  open(): void {
    this.#blocks.push(new Map())
  }

  close(): void {
    this.#active -= this.#blocks.pop()?.size ?? 0
  }

  declare(name: string, code: string, line: number, isNumber = false): Local {
    const local = { code, owner: this, isNumber }
    this.#blocks.at(-1)?.set(name, local)
    this.#slots++
    this.#active++
    if (this.#active > LOCALS_MAX) {
      const who = this.line === 0 ? 'main function' : `function at line ${this.line}`
      throw new LimitError(`${who} has more than ${LOCALS_MAX} local variables`, line)
    }
    return local
  }

  find(name: string): Local | undefined {
    for (let i = this.#blocks.length - 1; i >= 0; i--) {
      const local = this.#blocks[i]?.get(name)
      if (local !== undefined) return local
    }
    if (name === 'arg' && this.hasVarargs && this.line !== 0) {
      this.argTable ??= { code: `arg${this.id}`, owner: this, isNumber: false }
      return this.argTable
    }
    return this.parent?.find(name)
  }

  /** A temporary variable, until it is given back. */
  take(): string {
    const free = this.#free.pop()
    if (free !== undefined) return free
    this.#temporaries++
    return `t${this.id}_${this.#temporaries}`
  }
  give(temporary: string | null): void {
    if (temporary !== null) this.#free.push(temporary)
  }

  /** A call holds its arguments on the stack. */
  passes(count: number): void {
    this.#arguments += count
  }
  #arguments = 0

  get temporaries(): readonly string[] {
    return Array.from({ length: this.#temporaries }, (_, i) => `t${this.id}_${i + 1}`)
  }

  /** An estimate of the bytes of stack that one call holds. */
  get stackBytes(): number {
    return FRAME_BYTES + 8 * (this.#slots + this.#temporaries + this.#arguments)
  }
}
