import { createHash } from 'node:crypto'
import { ErrorReply, type Reply } from '../reply.ts'
import { truncated } from './arguments.ts'
import { errorTable, fieldTable, luaValue } from './convert.ts'
import { LuaError } from './error.ts'
import { meter } from './meter.ts'
import { argumentText } from './number.ts'
import { toNumber, toText } from './operators.ts'
import type { ScriptHost } from './script-host.ts'
import type { LuaTable } from './table.ts'
import type { LuaFunction, LuaValue } from './value.ts'

/** What the running script speaks to; set before it begins. */
export interface Session {
  host: ScriptHost
  protocol: 2 | 3
}

const LEVELS = ['debug', 'verbose', 'notice', 'warning'] as const

const NO_ARGUMENT = 'Please specify at least one argument for this redis lib call'
const WRONG_ARGUMENT = 'Lua redis lib command arguments must be strings or integers'

/** The `redis` table. Errors of it are tables with the text in `err`, as the script and the client see them. */
export function redisLibrary(session: Session, version: string): Readonly<Record<string, LuaValue>> {
  return {
    call: (...args) => {
      const problem = prepared(args)
      if (problem !== null) throw raised(problem)
      const reply = called(session, args)
      if (typeof reply === 'string' || typeof reply === 'number') return reply
      if (reply instanceof ErrorReply) throw new LuaError(commandError(reply))
      return luaValue(reply, session.protocol)
    },
    pcall: (...args) => {
      const problem = prepared(args)
      if (problem !== null) return made(problem)
      const reply = called(session, args)
      return reply instanceof ErrorReply ? commandError(reply) : luaValue(reply, session.protocol)
    },
    error_reply: (...args) => {
      const [message] = args
      return args.length === 1 && typeof message === 'string'
        ? errorTable(withCode(message[0] === '-' ? message : `-${message}`))
        : made(WRONG_FIELD)
    },
    status_reply: (...args) =>
      args.length === 1 && typeof args[0] === 'string' ? fieldTable('ok', args[0]) : made(WRONG_FIELD),
    sha1hex: (...args) => {
      if (args.length !== 1) throw raised('wrong number of arguments')
      return sha1(toText(args[0]) ?? '')
    },
    ...settings(session),
    LOG_DEBUG: 0,
    LOG_VERBOSE: 1,
    LOG_NOTICE: 2,
    LOG_WARNING: 3,
    REPL_NONE: 0,
    REPL_AOF: 1,
    REPL_SLAVE: 2,
    REPL_REPLICA: 2,
    REPL_ALL: 3,
    REDIS_VERSION: version,
    REDIS_VERSION_NUM: version.split('.').reduce((sum, part) => sum * 256 + Number(part), 0),
  }
}
const WRONG_FIELD = 'wrong number or type of arguments'

function called({ host, protocol }: Session, args: readonly LuaValue[]): Reply {
  const reply = host.call(args as readonly string[], protocol)
  meter.spendMs(host.tookMs)
  return reply
}

function settings(session: Session): Readonly<Record<string, LuaFunction>> {
  return {
    log: (...args) => {
      if (args.length < 2) throw raised('redis.log() requires two arguments or more.')
      const level = toNumber(args[0])
      if (level === undefined) throw raised('First argument must be a number (log level).')
      const name = LEVELS[truncated(level)]
      if (name === undefined) throw raised('Invalid debug level.')
      const words = args.slice(1).map((value) => toText(value) ?? '')
      session.host.log(name, words.join(' '))
      return []
    },
    setresp: (...args) => {
      if (args.length !== 1) throw raised('redis.setresp() requires one argument.')
      const protocol = toNumber(args[0])
      if (protocol !== 2 && protocol !== 3) throw raised('RESP version must be 2 or 3.')
      session.protocol = protocol
      return []
    },
    set_repl: (...args) => {
      if (args.length !== 1) throw raised('redis.set_repl() requires two arguments.')
      const flags = truncated(toNumber(args[0]) ?? 0)
      if (flags < 0 || flags > 3) {
        throw raised('Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.')
      }
      return []
    },
    replicate_commands: () => true,
    breakpoint: () => false,
    debug: () => [],
    acl_check_cmd: (...args) => {
      const problem = prepared(args)
      if (problem !== null) throw raised(problem)
      const known = session.host.call(['command', 'info', args[0] as string], 2)
      if (Array.isArray(known) && (known as readonly Reply[])[0] == null) {
        throw raised('Invalid command passed to redis.acl_check_cmd()')
      }
      return true
    },
  }
}

/** Makes strings of the numbers among them; tells what is wrong with them. */
function prepared(args: LuaValue[]): string | null {
  if (args.length === 0) return NO_ARGUMENT
  for (let i = 0; i < args.length; i++) {
    const value = args[i]
    if (typeof value === 'string') continue
    if (typeof value !== 'number') return WRONG_ARGUMENT
    args[i] = argumentText(value)
  }
  return null
}

function commandError(reply: ErrorReply): LuaTable {
  const table = errorTable(reply.text)
  table.set('ignore_error_stats_update', true)
  return table
}

function made(message: string): LuaTable {
  return errorTable(withCode(message))
}
function raised(message: string): LuaError {
  return new LuaError(made(message))
}

/** `-CODE words` gives the code, other words are given ERR: error_reply puts a `-` before what has none, the others do not. */
function withCode(message: string): string {
  const space = message.indexOf(' ')
  const isCoded = message[0] === '-' && space > 0
  const code = isCoded ? message.slice(1, space) : 'ERR'
  const words = isCoded ? message.slice(space + 1) : message.replace(/^-/, '')
  return `${code} ${words.replace(/^[\r\n]+|(?<![\r\n])[\r\n]+$/g, '')}`
}

export function sha1(source: string): string {
  return createHash('sha1').update(source, 'latin1').digest('hex')
}
