import { Waiters } from '../waiters.ts'
import { EngineCall } from './call.ts'
import type { Client } from './client.ts'
import { BLOCKED, type BlockOptions } from './command.ts'
import type { Db } from './db.ts'
import type { Engine } from './engine.ts'
import type { Reply } from './reply.ts'

/** Clients that wait in BLPOP and its kin, by database and key. */
export class Parking {
  readonly #engine: Engine
  readonly #waiters: readonly Waiters[]
  /** What an attempt of a client that was woken is given. */
  readonly #call: EngineCall
  /** A key changed that somebody waits for. */
  hasChanged = false

  constructor(engine: Engine, nobody: Client) {
    this.#engine = engine
    this.#waiters = engine.dbs.map(() => new Waiters(engine.timers))
    this.#call = new EngineCall(engine, nobody, { isNested: true })
  }

  changed(db: Db, key: string): void {
    const waiters = this.#waiters[db.index] as Waiters
    if (waiters.size === 0) return
    waiters.changed(key)
    this.hasChanged = true
  }

  park(client: Client, db: Db, options: BlockOptions): typeof BLOCKED {
    client.link.hold()
    client.timedOutReply = options.timedOut
    const tryNow = (key: string) => {
      const reply = this.#attempt(client, db, (call) => options.attempt(call, key))
      if (reply === undefined) return false
      // What was taken is a change of its own.
      this.#engine.commit()
      this.answer(client, reply)
      return true
    }
    const onTimeout = () => this.answer(client, options.timedOut)
    const waiters = this.#waiters[db.index] as Waiters
    client.parked = waiters.park({ ...options, tryNow, onTimeout })
    return BLOCKED
  }

  /** Answers a client that waits; it goes on. */
  answer(client: Client, reply: Reply): void {
    client.parked?.leave()
    client.parked = null
    client.answer(reply)
    client.link.release()
  }

  /** Lets those try who wait for what has changed. */
  serve(): void {
    this.hasChanged = false
    for (let index = 0; index < this.#waiters.length; index++) {
      const waiters = this.#waiters[index] as Waiters
      if (!waiters.hasChanged()) continue
      const db = this.#engine.dbs[index] as Db
      waiters.serve((key) => db.has(key))
      // Whoever was served may have changed keys of a database that was looked at before.
      index = -1
    }
  }

  #attempt(client: Client, db: Db, attempt: (call: EngineCall) => Reply | undefined): Reply | undefined {
    const call = this.#call
    call.aim(client, db)
    try {
      return attempt(call)
    } catch (error) {
      return this.#engine.failure(error, null)
    }
  }
}
