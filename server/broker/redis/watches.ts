import type { Client } from './client.ts'

/** Which clients WATCH which keys. A change of one breaks the transactions of all who watch it. */
export class Watches {
  /** `0:key` → clients. */
  readonly #watchers = new Map<string, Set<Client>>()

  get size(): number {
    return this.#watchers.size
  }

  watch(client: Client, db: number, key: string): void {
    const name = `${db}:${key}`
    if (client.watched.has(name)) return
    client.watched.add(name)
    const clients = this.#watchers.get(name)
    if (clients === undefined) this.#watchers.set(name, new Set([client]))
    else clients.add(client)
  }

  touch(db: number, key: string): void {
    const clients = this.#watchers.get(`${db}:${key}`)
    if (clients !== undefined) for (const client of clients) client.isWatchBroken = true
  }

  /** UNWATCH, and the end of a transaction. */
  release(client: Client): void {
    for (const name of client.watched) {
      const clients = this.#watchers.get(name)
      if (clients?.delete(client) && clients.size === 0) this.#watchers.delete(name)
    }
    client.watched.clear()
    client.isWatchBroken = false
  }
}
