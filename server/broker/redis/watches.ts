import type { Client } from './client.ts'
import { type ClientSets, join, leave } from './client-sets.ts'

/** Which clients WATCH which keys. A change of one breaks the transactions of all who watch it. */
export class Watches {
  /** `0:key` → clients. */
  readonly #watchers: ClientSets = new Map()

  get size(): number {
    return this.#watchers.size
  }

  watch(client: Client, db: number, key: string): void {
    const name = `${db}:${key}`
    client.watched.add(name)
    join(this.#watchers, name, client)
  }

  touch(db: number, key: string): void {
    const clients = this.#watchers.get(`${db}:${key}`)
    if (clients !== undefined) for (const client of clients) client.isWatchBroken = true
  }

  /** UNWATCH, and the end of a transaction. */
  release(client: Client): void {
    for (const name of client.watched) leave(this.#watchers, name, client)
    client.watched.clear()
    client.isWatchBroken = false
  }
}
