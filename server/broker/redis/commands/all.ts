import type { Command } from '../command.ts'
import { Status } from '../reply.ts'
import { acl } from './acl.ts'
import { bitmaps } from './bitmaps.ts'
import { client } from './client.ts'
import { commandTable } from './command-table.ts'
import { connection } from './connection.ts'
import { dump } from './dump.ts'
import { expiry } from './expiry.ts'
import { hashes } from './hashes.ts'
import { keys } from './keys.ts'
import { lists } from './lists.ts'
import { object } from './object.ts'
import { pubsub } from './pubsub.ts'
import { scripting } from './scripting.ts'
import { server } from './server.ts'
import { sets } from './sets.ts'
import { slowlog } from './slowlog.ts'
import { sort } from './sort.ts'
import { sortedSets } from './sorted-sets.ts'
import { streams } from './streams.ts'
import { strings } from './strings.ts'
import { transactions } from './transactions.ts'

const families: readonly Command[] = [
  ...[...connection, ...client, ...server, ...commandTable, ...acl, ...slowlog, ...object],
  ...[...keys, ...expiry, ...transactions, ...pubsub, ...scripting],
  ...[...strings, ...bitmaps, ...hashes, ...lists, ...sets, ...sortedSets, ...streams, ...sort, ...dump],
]

/** Everything this engine can do. What it advertises is computed from this list. */
export const commands: readonly Command[] = [...families, ...helpCommands()]

/** HELP of each container: which members it has. */
function helpCommands(): readonly Command[] {
  const parents = new Map<string, string[]>()
  for (const { name } of families) {
    const [parent = '', member] = name.split('|')
    if (member === undefined) continue
    const members = parents.get(parent)
    if (members === undefined) parents.set(parent, [member])
    else members.push(member)
  }
  return [...parents]
    .filter(([, members]) => !members.includes('help'))
    .map(([parent, members]) => {
      const words = [...members, 'help'].map((member) => member.toUpperCase()).sort()
      const lines = [`${parent.toUpperCase()} <subcommand> [<arg> ...]. Subcommands are:`, ...words]
      const text = lines.map((line) => new Status(line))
      return { name: `${parent}|help`, arity: 2, flags: ['loading', 'stale'], keys: [0, 0, 0], run: () => text }
    })
}
