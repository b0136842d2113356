import type { Client } from './client.ts'
import { type ClientSets, leave } from './client-sets.ts'
import { encode } from './encode.ts'
import { matchesGlob } from './glob.ts'
import { PushReply } from './reply.ts'

/** Who listens to what. A message goes to those who listen to its channel, then to those whose pattern matches it. */
export class Pubsub {
  readonly channels: ClientSets = new Map()
  readonly patterns: ClientSets = new Map()
  readonly shardChannels: ClientSets = new Map()

  /** Number of messages sent. */
  publish(channel: string, message: string): number {
    let sent = this.#send(this.channels.get(channel), ['message', channel, message])
    for (const [pattern, clients] of this.patterns) {
      if (matchesGlob(pattern, channel)) sent += this.#send(clients, ['pmessage', pattern, channel, message])
    }
    return sent
  }

  publishToShard(channel: string, message: string): number {
    return this.#send(this.shardChannels.get(channel), ['smessage', channel, message])
  }

  leaveAll(client: Client): void {
    for (const channel of client.channels) leave(this.channels, channel, client)
    for (const pattern of client.patterns) leave(this.patterns, pattern, client)
    for (const channel of client.shardChannels) leave(this.shardChannels, channel, client)
    client.channels.clear()
    client.patterns.clear()
    client.shardChannels.clear()
  }

  #send(clients: ReadonlySet<Client> | undefined, items: readonly string[]): number {
    if (clients === undefined) return 0
    const push = new PushReply(items)
    const texts: [two: string, three: string] = ['', '']
    for (const client of clients) {
      const at = client.protocol === 2 ? 0 : 1
      if (texts[at] === '') texts[at] = encode(push, client.protocol)
      client.link.send(texts[at])
    }
    return clients.size
  }
}
