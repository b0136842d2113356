import { randomBytes } from 'node:crypto'
import { integerOf } from '../arguments.ts'
import type { EngineCall } from '../call.ts'
import type { Command } from '../command.ts'
import { ErrorReply, MapReply, OK, type Reply, SetReply } from '../reply.ts'
import { CATEGORIES, categoriesOf } from './command-table.ts'

const NO_KEYS = [0, 0, 0] as const
const ADMIN = ['admin', 'noscript', 'loading', 'stale'] as const
const FLAGS = ['noscript', 'loading', 'stale'] as const

/** Users with passwords. Rules that give less than everything are refused in clear words. */
export const acl: readonly Command[] = [
  {
    name: 'acl|whoami',
    arity: 2,
    flags: FLAGS,
    keys: NO_KEYS,
    run: ({ client }: EngineCall) => client.user?.name ?? 'default',
  },
  {
    name: 'acl|users',
    arity: 2,
    flags: ADMIN,
    keys: NO_KEYS,
    run: ({ engine }: EngineCall) => engine.users.all.map(({ name }) => name),
  },
  {
    name: 'acl|list',
    arity: 2,
    flags: ADMIN,
    keys: NO_KEYS,
    run: ({ engine }: EngineCall) => engine.users.all.map((user) => user.describe()),
  },
  { name: 'acl|getuser', arity: 3, flags: ADMIN, keys: NO_KEYS, run: getUser },
  {
    name: 'acl|setuser',
    arity: -3,
    flags: ADMIN,
    keys: NO_KEYS,
    run({ engine }: EngineCall, args) {
      engine.users.change(args[2] as string, args.slice(3))
      return OK
    },
  },
  { name: 'acl|deluser', arity: -3, flags: ADMIN, keys: NO_KEYS, run: deleteUsers },
  { name: 'acl|cat', arity: -2, flags: FLAGS, keys: NO_KEYS, run: categories },
  { name: 'acl|genpass', arity: -2, flags: FLAGS, keys: NO_KEYS, run: generatePassword },
  { name: 'acl|log', arity: -2, flags: ADMIN, keys: NO_KEYS, run: (_call, args) => (args.length > 2 ? OK : []) },
]

function getUser({ engine }: EngineCall, args: readonly string[]): Reply {
  const user = engine.users.get(args[2] as string)
  if (user === undefined) return null
  const flags = [user.isOn ? 'on' : 'off', ...(user.needsNoPassword ? ['nopass'] : [])]
  return new MapReply([
    ...['flags', new SetReply(flags), 'passwords', [...user.passwords]],
    ...['commands', '+@all', 'keys', '~*', 'channels', '&*', 'selectors', []],
  ])
}

function deleteUsers({ engine }: EngineCall, args: readonly string[]): Reply {
  const names = args.slice(2)
  if (names.includes('default')) throw new ErrorReply("ERR The 'default' user cannot be removed")
  let deleted = 0
  for (const name of names) {
    if (!engine.users.delete(name)) continue
    deleted++
    for (const client of engine.clients.values()) if (client.user?.name === name) client.link.end()
  }
  return deleted
}

function categories({ engine }: EngineCall, args: readonly string[]): Reply {
  const category = args[2]?.toLowerCase()
  if (args.length > 3)
    throw new ErrorReply("ERR unknown subcommand or wrong number of arguments for 'cat'. Try ACL HELP.")
  if (category === undefined) return CATEGORIES
  if (!CATEGORIES.includes(category)) throw new ErrorReply(`ERR Unknown category '${args[2]}'`)
  return engine.registry.all.filter((entry) => categoriesOf(entry).includes(`@${category}`)).map(({ name }) => name)
}

function generatePassword(_call: EngineCall, args: readonly string[]): Reply {
  const bits = integerOf(args[2] ?? '256')
  if (bits < 1 || bits > 4096) {
    throw new ErrorReply(
      'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
    )
  }
  const digits = Math.ceil(bits / 4)
  return randomBytes(Math.ceil(digits / 2))
    .toString('hex')
    .slice(0, digits)
}
