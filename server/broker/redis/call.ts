import type { Clock } from '../../domain/clock.ts'
import type { Client } from './client.ts'
import type { BLOCKED, BlockOptions, Call } from './command.ts'
import type { Db } from './db.ts'
import type { Engine } from './engine.ts'
import type { Reply } from './reply.ts'

interface EngineCallOptions {
  readonly isNested: boolean
  readonly isScripted?: boolean
}

/** What a handler is given. One object serves command after command: handlers keep nothing of it. */
export class EngineCall implements Call {
  readonly engine: Engine
  readonly dbs: readonly Db[]
  readonly clock: Clock
  client: Client
  db: Db
  protocol: 2 | 3 = 2
  /** Inside a transaction or a script: nothing blocks. */
  readonly isNested: boolean
  readonly isScripted: boolean
  /** What stands in the journal for the command; false: the command itself. */
  hasEffects = false

  constructor(engine: Engine, client: Client, { isNested, isScripted = false }: EngineCallOptions) {
    this.engine = engine
    this.dbs = engine.dbs
    this.clock = engine.clock
    this.client = client
    this.db = engine.dbs[0] as Db
    this.isNested = isNested
    this.isScripted = isScripted
  }

  /** Before each command: in whose name, and on which database. */
  aim(client: Client, db: Db): void {
    this.client = client
    this.db = db
    this.protocol = client.protocol
    this.hasEffects = false
  }

  get nowMs(): number {
    return this.engine.nowMs
  }

  random(): number {
    return this.engine.random()
  }

  effect(...args: readonly string[]): void {
    this.hasEffects = true
    this.engine.keep(this.db.index, args)
  }

  block(options: BlockOptions): Reply | typeof BLOCKED {
    if (!this.isNested) return this.engine.parking.park(this.client, this.db, options)
    return options.atOnce === undefined ? options.timedOut : options.atOnce
  }
}
