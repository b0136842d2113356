import { SYNTAX, wrongArity } from '../arguments.ts'
import type { EngineCall } from '../call.ts'
import type { Client } from '../client.ts'
import type { Command } from '../command.ts'
import { dbAt } from '../db-at.ts'
import { ErrorReply, MapReply, OK, PONG, type Reply, Status } from '../reply.ts'

const NO_KEYS = [0, 0, 0] as const
const WRONG_PASS = 'WRONGPASS invalid username-password pair or user is disabled.'
const NO_PASSWORD_SET =
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?'

/** https://redis.io/docs/latest/commands/?group=connection, without CLIENT. */
export const connection: readonly Command[] = [
  {
    name: 'ping',
    arity: -1,
    flags: ['fast'],
    keys: NO_KEYS,
    run(call: EngineCall, args) {
      if (args.length > 2) throw wrongArity('ping')
      if (call.protocol === 2 && call.client.isSubscriber) return ['pong', args[1] ?? '']
      return args.length === 2 ? (args[1] as string) : PONG
    },
  },
  {
    name: 'echo',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    keys: NO_KEYS,
    run: (_call, args) => args[1] as string,
  },
  {
    name: 'select',
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    keys: NO_KEYS,
    run(call: EngineCall, args) {
      call.client.dbIndex = dbAt(call, args[1] as string).index
      return OK
    },
  },
  {
    name: 'auth',
    arity: -2,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth'],
    keys: NO_KEYS,
    run(call: EngineCall, args) {
      if (args.length > 3) throw new ErrorReply(SYNTAX)
      if (args.length === 2 && call.engine.users.anybody !== null) throw new ErrorReply(NO_PASSWORD_SET)
      const [name, password] = args.length === 2 ? ['default', args[1]] : [args[1], args[2]]
      signIn(call, name as string, password as string)
      return OK
    },
  },
  {
    name: 'hello',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth'],
    keys: NO_KEYS,
    run: hello,
  },
  {
    name: 'quit',
    arity: -1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth'],
    keys: NO_KEYS,
    run(call: EngineCall) {
      call.client.isLeaving = true
      return OK
    },
  },
  {
    name: 'reset',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth'],
    keys: NO_KEYS,
    run(call: EngineCall) {
      reset(call, call.client)
      return new Status('RESET')
    },
  },
]

function hello(call: EngineCall, args: readonly string[]): Reply {
  const { client } = call
  let protocol = client.protocol
  let at = 1
  if (args.length > 1) {
    const version = args[1] as string
    if (!/^-?\d{1,10}$/.test(version)) {
      throw new ErrorReply('ERR Protocol version is not an integer or out of range')
    }
    if (version !== '2' && version !== '3') throw new ErrorReply('NOPROTO unsupported protocol version')
    protocol = version === '2' ? 2 : 3
    at = 2
  }
  let name: string | null = null
  let credentials: readonly string[] | null = null
  while (at < args.length) {
    const word = (args[at] as string).toLowerCase()
    const left = args.length - at - 1
    if (word === 'auth' && left >= 2) {
      credentials = args.slice(at + 1, at + 3)
      at += 3
    } else if (word === 'setname' && left >= 1) {
      name = checkName(args[at + 1] as string)
      at += 2
    } else throw new ErrorReply(`ERR Syntax error in HELLO option '${args[at]}'`)
  }
  if (credentials !== null) signIn(call, credentials[0] as string, credentials[1] as string)
  if (client.user === null) {
    throw new ErrorReply(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    )
  }
  if (name !== null) client.name = name
  client.protocol = protocol
  return new MapReply([
    ...['server', 'redis', 'version', '7.0.15', 'proto', protocol, 'id', client.id],
    ...['mode', 'standalone', 'role', 'master', 'modules', []],
  ])
}

function signIn(call: EngineCall, name: string, password: string): void {
  const user = call.engine.users.get(name)
  if (!user?.accepts(password)) throw new ErrorReply(WRONG_PASS)
  call.engine.signIn(call.client, user)
}

function reset(call: EngineCall, client: Client): void {
  const { engine } = call
  engine.forget(client)
  client.dbIndex = 0
  client.protocol = 2
  client.name = ''
  client.replies = 'on'
  client.isMonitor = false
  client.isNoEvict = false
  client.isNoTouch = false
  engine.signIn(client, engine.users.anybody)
}

/** As CLIENT SETNAME takes it. */
export function checkName(name: string): string {
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at)
    if (code < 33 || code > 126) {
      throw new ErrorReply('ERR Client names cannot contain spaces, newlines or special characters.')
    }
  }
  return name
}
