import type { Client } from './client.ts'

/** Name → the clients that asked for it: channels, patterns, watched keys. A name without clients is not kept. */
export type ClientSets = Map<string, Set<Client>>

export function join(sets: ClientSets, name: string, client: Client): void {
  const clients = sets.get(name)
  if (clients === undefined) sets.set(name, new Set([client]))
  else clients.add(client)
}

export function leave(sets: ClientSets, name: string, client: Client): void {
  const clients = sets.get(name)
  if (clients?.delete(client) && clients.size === 0) sets.delete(name)
}
