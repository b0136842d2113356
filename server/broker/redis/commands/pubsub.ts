import type { EngineCall } from '../call.ts'
import type { Client } from '../client.ts'
import { type ClientSets, join, leave } from '../client-sets.ts'
import { BLOCKED, type Command } from '../command.ts'
import { matchesGlob } from '../glob.ts'
import { ErrorReply, PushReply, type Reply } from '../reply.ts'

const NO_KEYS = [0, 0, 0] as const
const FLAGS = ['pubsub', 'noscript', 'loading', 'stale'] as const
/** Of one client. */
const SUBSCRIPTIONS_MAX = 100_000

interface Kind {
  /** Before `subscribe` and `unsubscribe`. */
  readonly prefix: '' | 'p' | 's'
  readonly keys: Command['keys']
  /** What the client listens to. */
  own(client: Client): Set<string>
  all(call: EngineCall): ClientSets
  count(client: Client): number
}

const KINDS: readonly Kind[] = [
  {
    prefix: '',
    keys: NO_KEYS,
    own: (client) => client.channels,
    all: (call) => call.engine.pubsub.channels,
    count: (client) => client.subscriptions,
  },
  {
    prefix: 'p',
    keys: NO_KEYS,
    own: (client) => client.patterns,
    all: (call) => call.engine.pubsub.patterns,
    count: (client) => client.subscriptions,
  },
  {
    prefix: 's',
    // Shard channels lie in slots, as keys do.
    keys: [1, -1, 1],
    own: (client) => client.shardChannels,
    all: (call) => call.engine.pubsub.shardChannels,
    count: (client) => client.shardChannels.size,
  },
]

/** https://redis.io/docs/latest/commands/?group=pubsub */
export const pubsub: readonly Command[] = [
  {
    name: 'publish',
    arity: 3,
    flags: ['pubsub', 'loading', 'stale', 'fast'],
    keys: NO_KEYS,
    run: (call: EngineCall, args) => call.engine.pubsub.publish(args[1] as string, args[2] as string),
  },
  {
    name: 'spublish',
    arity: 3,
    flags: ['pubsub', 'loading', 'stale', 'fast'],
    keys: [1, 1, 1],
    run: (call: EngineCall, args) => call.engine.pubsub.publishToShard(args[1] as string, args[2] as string),
  },
  ...KINDS.map((kind) => ({
    ...{ name: `${kind.prefix}subscribe`, arity: -2, flags: FLAGS, keys: kind.keys },
    run: (call: EngineCall, args: readonly string[]) => enter(call, kind, args),
  })),
  ...KINDS.map((kind) => ({
    ...{ name: `${kind.prefix}unsubscribe`, arity: -1, flags: FLAGS, keys: kind.keys },
    run: (call: EngineCall, args: readonly string[]) => exit(call, kind, args),
  })),
  {
    name: 'pubsub|channels',
    arity: -2,
    flags: ['pubsub', 'loading', 'stale'],
    keys: NO_KEYS,
    run: (call: EngineCall, args) => named(call.engine.pubsub.channels, args),
  },
  {
    name: 'pubsub|numsub',
    arity: -2,
    flags: ['pubsub', 'loading', 'stale'],
    keys: NO_KEYS,
    run: (call: EngineCall, args) => counted(call.engine.pubsub.channels, args),
  },
  {
    name: 'pubsub|numpat',
    arity: 2,
    flags: ['pubsub', 'loading', 'stale'],
    keys: NO_KEYS,
    run: (call: EngineCall) => call.engine.pubsub.patterns.size,
  },
  {
    name: 'pubsub|shardchannels',
    arity: -2,
    flags: ['pubsub', 'loading', 'stale'],
    keys: NO_KEYS,
    run: (call: EngineCall, args) => named(call.engine.pubsub.shardChannels, args),
  },
  {
    name: 'pubsub|shardnumsub',
    arity: -2,
    flags: ['pubsub', 'loading', 'stale'],
    keys: NO_KEYS,
    run: (call: EngineCall, args) => counted(call.engine.pubsub.shardChannels, args),
  },
]

/** One answer for each channel, out of band: the request itself has none. */
function enter(call: EngineCall, kind: Kind, args: readonly string[]): typeof BLOCKED {
  const { client } = call
  const verb = `${kind.prefix}subscribe`
  if (call.isNested && client.protocol === 2) {
    throw new ErrorReply(`ERR ${verb.toUpperCase()} isn't allowed for a DENY BLOCKING client`)
  }
  for (let at = 1; at < args.length; at++) {
    const name = args[at] as string
    const own = kind.own(client)
    if (!own.has(name) && own.size >= SUBSCRIPTIONS_MAX) throw new ErrorReply('ERR too many subscriptions')
    own.add(name)
    join(kind.all(call), name, client)
    client.send(new PushReply([verb, name, kind.count(client)]))
  }
  return BLOCKED
}

function exit(call: EngineCall, kind: Kind, args: readonly string[]): typeof BLOCKED {
  const { client } = call
  const own = kind.own(client)
  const names: readonly (string | null)[] = args.length > 1 ? args.slice(1) : own.size > 0 ? [...own] : [null]
  for (const name of names) {
    if (name !== null && own.delete(name)) leave(kind.all(call), name, client)
    client.send(new PushReply([`${kind.prefix}unsubscribe`, name, kind.count(client)]))
  }
  return BLOCKED
}

function named(table: ReadonlyMap<string, unknown>, args: readonly string[]): Reply {
  if (args.length > 3)
    throw new ErrorReply(`ERR unknown subcommand or wrong number of arguments for '${args[1]}'. Try PUBSUB HELP.`)
  const pattern = args[2]
  return [...table.keys()].filter((name) => pattern === undefined || matchesGlob(pattern, name))
}

function counted(table: ReadonlyMap<string, ReadonlySet<unknown>>, args: readonly string[]): Reply {
  return args.slice(2).flatMap((name) => [name, table.get(name)?.size ?? 0])
}
