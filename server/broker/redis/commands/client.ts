import { integerOf, SYNTAX } from '../arguments.ts'
import type { EngineCall } from '../call.ts'
import type { Client } from '../client.ts'
import type { Command } from '../command.ts'
import { ErrorReply, MapReply, OK, type Reply, SetReply, VerbatimReply } from '../reply.ts'
import { wholeTimeoutMsOf } from '../timeout.ts'
import { killClients } from './client-kill.ts'
import { checkName } from './connection.ts'

const NO_KEYS = [0, 0, 0] as const
const FLAGS = ['noscript', 'loading', 'stale'] as const
const ADMIN = ['admin', 'noscript', 'loading', 'stale'] as const

/** https://redis.io/docs/latest/commands/client/; SETINFO and NO-TOUCH are of 7.2, and clients send them whatever the version is. */
export const client: readonly Command[] = [
  { name: 'client|id', arity: 2, flags: FLAGS, keys: NO_KEYS, run: (call: EngineCall) => call.client.id },
  {
    name: 'client|getname',
    arity: 2,
    flags: FLAGS,
    keys: NO_KEYS,
    run: (call: EngineCall) => call.client.name || null,
  },
  {
    name: 'client|setname',
    arity: 3,
    flags: FLAGS,
    keys: NO_KEYS,
    run(call: EngineCall, args) {
      call.client.name = checkName(args[2] as string)
      return OK
    },
  },
  { name: 'client|setinfo', arity: 4, flags: FLAGS, keys: NO_KEYS, run: setInfo },
  {
    name: 'client|info',
    arity: 2,
    flags: FLAGS,
    keys: NO_KEYS,
    run: (call: EngineCall) => new VerbatimReply(`${describe(call, call.client)}\n`),
  },
  { name: 'client|list', arity: -2, flags: ADMIN, keys: NO_KEYS, run: list },
  { name: 'client|kill', arity: -3, flags: ADMIN, keys: NO_KEYS, run: killClients },
  { name: 'client|pause', arity: -3, flags: ADMIN, keys: NO_KEYS, run: pause },
  {
    name: 'client|unpause',
    arity: 2,
    flags: ADMIN,
    keys: NO_KEYS,
    run(call: EngineCall) {
      call.engine.pause.end()
      return OK
    },
  },
  { name: 'client|unblock', arity: -3, flags: ADMIN, keys: NO_KEYS, run: unblock },
  {
    name: 'client|no-evict',
    arity: 3,
    flags: ADMIN,
    keys: NO_KEYS,
    run(call: EngineCall, args) {
      call.client.isNoEvict = onOff(args[2] as string)
      return OK
    },
  },
  {
    name: 'client|no-touch',
    arity: 3,
    flags: FLAGS,
    keys: NO_KEYS,
    run(call: EngineCall, args) {
      call.client.isNoTouch = onOff(args[2] as string)
      return OK
    },
  },
  { name: 'client|reply', arity: 3, flags: FLAGS, keys: NO_KEYS, run: reply },
  {
    name: 'client|tracking',
    arity: -3,
    flags: FLAGS,
    keys: NO_KEYS,
    run(_call, args) {
      if (onOff(args[2] as string)) throw new ErrorReply('ERR client side caching is not supported by this engine')
      return OK
    },
  },
  {
    name: 'client|trackinginfo',
    arity: 2,
    flags: FLAGS,
    keys: NO_KEYS,
    run: () => new MapReply(['flags', new SetReply(['off']), 'redirect', -1, 'prefixes', []]),
  },
  { name: 'client|getredir', arity: 2, flags: FLAGS, keys: NO_KEYS, run: () => -1 },
]

const LIBRARY_BYTES_MAX = 128

function setInfo(call: EngineCall, args: readonly string[]): Reply {
  const [, , name = '', value = ''] = args
  const attribute = name.toLowerCase()
  if (attribute !== 'lib-name' && attribute !== 'lib-ver') throw new ErrorReply(`ERR Unrecognized option '${name}'`)
  if (!/^[!-~]*$/.test(value) || value.length > LIBRARY_BYTES_MAX) {
    throw new ErrorReply(`ERR ${attribute} cannot contain spaces, newlines or special characters.`)
  }
  if (attribute === 'lib-name') call.client.libraryName = value
  else call.client.libraryVersion = value
  return OK
}

function list(call: EngineCall, args: readonly string[]): Reply {
  let clients = [...call.engine.clients.values()]
  const option = args[2]?.toLowerCase()
  if (option === 'type' && args.length === 4) {
    const type = typeOf(args[3] as string)
    clients = clients.filter((one) => isOfType(one, type))
  } else if (option === 'id' && args.length > 3) {
    const ids = new Set(args.slice(3).map((id) => integerOf(id, 'ERR Invalid client ID')))
    clients = clients.filter((one) => ids.has(one.id))
  } else if (args.length > 2) throw new ErrorReply(SYNTAX)
  return new VerbatimReply(clients.map((one) => `${describe(call, one)}\n`).join(''))
}

/** normal, master, replica, pubsub. Throws ErrorReply. */
export function typeOf(word: string): string {
  const type = word.toLowerCase() === 'slave' ? 'replica' : word.toLowerCase()
  if (!['normal', 'master', 'replica', 'pubsub'].includes(type))
    throw new ErrorReply(`ERR Unknown client type '${word}'`)
  return type
}

export function isOfType(one: Client, type: string): boolean {
  return type === (one.protocol === 2 && one.isSubscriber ? 'pubsub' : 'normal')
}

function describe(call: EngineCall, one: Client): string {
  const { nowMs } = call
  const seconds = (sinceMs: number) => Math.max(0, Math.floor((nowMs - sinceMs) / 1000))
  const fields: Readonly<Record<string, string | number>> = {
    id: one.id,
    addr: one.link.remote,
    laddr: one.link.local,
    fd: one.id + 7,
    name: one.name,
    age: seconds(one.createdAtMs),
    idle: seconds(one.lastAtMs),
    flags: flagsOf(one),
    db: one.dbIndex,
    sub: one.channels.size,
    psub: one.patterns.size,
    ssub: one.shardChannels.size,
    multi: one.queue?.length ?? -1,
    qbuf: 0,
    'qbuf-free': 0,
    'argv-mem': 0,
    'multi-mem': one.queuedBytes,
    rbs: 0,
    rbp: 0,
    obl: 0,
    oll: one.link.outputBytes > 0 ? 1 : 0,
    omem: one.link.outputBytes,
    'tot-mem': one.queuedBytes + one.link.outputBytes,
    events: 'r',
    cmd: one.lastEntry?.name ?? 'NULL',
    user: one.user?.name ?? '(superuser)',
    redir: -1,
    resp: one.protocol,
    'lib-name': one.libraryName,
    'lib-ver': one.libraryVersion,
  }
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

function flagsOf(one: Client): string {
  const flags = [
    one.isMonitor ? 'O' : '',
    one.isSubscriber ? 'P' : '',
    one.queue !== null ? 'x' : '',
    one.parked !== null ? 'b' : '',
    one.isWatchBroken ? 'd' : '',
    one.isNoEvict ? 'e' : '',
    one.isNoTouch ? 'T' : '',
  ]
  return flags.join('') || 'N'
}

const PAUSE_MS_MAX = 2 ** 31 - 1

function pause(call: EngineCall, args: readonly string[]): Reply {
  if (args.length > 4) throw new ErrorReply(SYNTAX)
  const mode = (args[3] ?? 'ALL').toLowerCase()
  if (mode !== 'all' && mode !== 'write') throw new ErrorReply('ERR CLIENT PAUSE mode must be WRITE or ALL')
  const ms = wholeTimeoutMsOf(args[2] as string)
  call.engine.pause.begin(call.nowMs + Math.min(ms, PAUSE_MS_MAX), mode === 'write')
  return OK
}

function unblock(call: EngineCall, args: readonly string[]): Reply {
  const id = integerOf(args[2] as string)
  const how = (args[3] ?? 'TIMEOUT').toLowerCase()
  if (args.length > 4 || (how !== 'timeout' && how !== 'error')) {
    throw new ErrorReply('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR')
  }
  const one = call.engine.clients.get(id)
  if (one === undefined || one.parked === null) return 0
  const error = new ErrorReply('UNBLOCKED client unblocked via CLIENT UNBLOCK')
  call.engine.parking.answer(one, how === 'error' ? error : one.timedOutReply)
  return 1
}

function reply(call: EngineCall, args: readonly string[]): Reply {
  const word = (args[2] as string).toLowerCase()
  if (word !== 'on' && word !== 'off' && word !== 'skip') throw new ErrorReply(SYNTAX)
  if (word === 'skip') {
    // Of this one, and of the next.
    if (call.client.replies !== 'off') call.client.replies = 'skip-next'
    return OK
  }
  call.client.replies = word
  return OK
}

function onOff(word: string): boolean {
  const lower = word.toLowerCase()
  if (lower !== 'on' && lower !== 'off') throw new ErrorReply(SYNTAX)
  return lower === 'on'
}
