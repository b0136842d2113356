import { SYNTAX } from '../arguments.ts'
import type { EngineCall } from '../call.ts'
import type { Command } from '../command.ts'
import type { Engine } from '../engine.ts'
import { matchesGlob } from '../glob.ts'
import { type Entry, keysOf } from '../registry.ts'
import { ErrorReply, MapReply, type Reply, SetReply, Status } from '../reply.ts'

const NO_KEYS = [0, 0, 0] as const
const FLAGS = ['loading', 'stale'] as const

/** COMMAND: computed from what is registered. */
export const commandTable: readonly Command[] = [
  {
    name: 'command',
    arity: -1,
    flags: FLAGS,
    keys: NO_KEYS,
    run: ({ engine }: EngineCall) => [...engine.registry.top()].map(describe),
  },
  {
    name: 'command|count',
    arity: 2,
    flags: FLAGS,
    keys: NO_KEYS,
    run: ({ engine }: EngineCall) => [...engine.registry.top()].length,
  },
  {
    name: 'command|info',
    arity: -2,
    flags: FLAGS,
    keys: NO_KEYS,
    run({ engine }: EngineCall, args) {
      return named(engine, args.slice(2)).map((entry) => (entry === undefined ? null : describe(entry)))
    },
  },
  {
    name: 'command|docs',
    arity: -2,
    flags: FLAGS,
    keys: NO_KEYS,
    // Names only: the text is the manual's, not ours to repeat.
    run({ engine }: EngineCall, args) {
      const entries = named(engine, args.slice(2))
      return new MapReply(entries.flatMap((entry) => (entry === undefined ? [] : [entry.name, new MapReply([])])))
    },
  },
  { name: 'command|list', arity: -2, flags: FLAGS, keys: NO_KEYS, run: list },
  {
    name: 'command|getkeys',
    arity: -4,
    flags: FLAGS,
    keys: NO_KEYS,
    run({ engine }: EngineCall, args) {
      const request = args.slice(2)
      const name = engine.registry.named(request[0] as string)
      const entry = name?.subcommands?.get(request[1]?.toLowerCase() ?? '') ?? name
      if (entry === undefined) throw new ErrorReply('ERR Invalid command specified')
      if (entry.command.keys[0] === 0 && entry.command.keysOf === undefined) {
        throw new ErrorReply('ERR The command has no key arguments')
      }
      if (!entry.hasArity(request.length)) throw new ErrorReply('ERR Invalid number of arguments specified for command')
      try {
        return keysOf(entry, request)
      } catch {
        // A request whose keys cannot be told has none to tell.
        return []
      }
    },
  },
]

/** Those of these names, undefined for one that is unknown; all when no name is given. */
function named({ registry }: Engine, names: readonly string[]): readonly (Entry | undefined)[] {
  return names.length === 0 ? [...registry.top()] : names.map((name) => registry.named(name))
}

function list({ engine }: EngineCall, args: readonly string[]): Reply {
  const all = engine.registry.all
  const names = (chosen: readonly Entry[]) => chosen.map(({ name }) => name)
  if (args.length === 2) return names(all)
  const value = args[4]
  if (args.length !== 5 || value === undefined || args[2]?.toLowerCase() !== 'filterby') throw new ErrorReply(SYNTAX)
  switch (args[3]?.toLowerCase()) {
    case 'pattern':
      return names(all).filter((name) => matchesGlob(value, name))
    case 'aclcat':
      return names(all.filter((entry) => categoriesOf(entry).includes(`@${value.toLowerCase()}`)))
    case 'module':
      return []
    default:
      throw new ErrorReply(SYNTAX)
  }
}

function describe(entry: Entry): Reply {
  const { command } = entry
  const [first, last, step] = command.keys
  const flags = command.flags.map((flag) => new Status(flag))
  const moves = command.keysOf === undefined ? [] : [new Status('movablekeys')]
  const members = [...(entry.subcommands?.values() ?? [])]
  const categories = categoriesOf(entry).map((category) => new Status(category))
  return [
    ...[entry.name, command.arity, new SetReply([...flags, ...moves]), first, last, step, new SetReply(categories)],
    ...[[], [], members.map(describe)],
  ]
}

/** Those that follow from the flags. */
export const CATEGORIES: readonly string[] = [
  ...['read', 'write', 'pubsub', 'admin', 'fast', 'slow', 'blocking', 'dangerous'],
]

export function categoriesOf({ command }: Entry): readonly string[] {
  const { flags } = command
  const found: string[] = []
  if (flags.includes('readonly')) found.push('@read')
  for (const flag of ['write', 'pubsub', 'admin', 'blocking'] as const) if (flags.includes(flag)) found.push(`@${flag}`)
  if (flags.includes('admin')) found.push('@dangerous')
  found.push(flags.includes('fast') ? '@fast' : '@slow')
  return found
}
