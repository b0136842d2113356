import { NOT_INTEGER, parseInteger } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { ErrorReply, type Reply } from '../reply.ts'
import { MAX_64, MIN_64 } from '../values/integers.ts'

const KEY = [1, 1, 1] as const
const WRITE_FAST = ['write', 'fast'] as const
const READ_FAST = ['readonly', 'fast'] as const

/** https://redis.io/docs/latest/commands/expire/ and its kin. */
export const expiry: readonly Command[] = [
  { name: 'expire', arity: -3, flags: WRITE_FAST, keys: KEY, run: (call, args) => expire(call, args, 1000n, true) },
  { name: 'pexpire', arity: -3, flags: WRITE_FAST, keys: KEY, run: (call, args) => expire(call, args, 1n, true) },
  { name: 'expireat', arity: -3, flags: WRITE_FAST, keys: KEY, run: (call, args) => expire(call, args, 1000n, false) },
  { name: 'pexpireat', arity: -3, flags: WRITE_FAST, keys: KEY, run: (call, args) => expire(call, args, 1n, false) },
  {
    name: 'persist',
    arity: 2,
    flags: WRITE_FAST,
    keys: KEY,
    run: (call, args) => (call.db.persist(args[1] as string) ? 1 : 0),
  },
  { name: 'ttl', arity: 2, flags: READ_FAST, keys: KEY, run: (call, args) => left(call, args, 1000) },
  { name: 'pttl', arity: 2, flags: READ_FAST, keys: KEY, run: (call, args) => left(call, args, 1) },
  { name: 'expiretime', arity: 2, flags: READ_FAST, keys: KEY, run: (call, args) => end(call, args, 1000) },
  { name: 'pexpiretime', arity: 2, flags: READ_FAST, keys: KEY, run: (call, args) => end(call, args, 1) },
]

function expire(call: Call, args: readonly string[], unitMs: bigint, isRelative: boolean): Reply {
  const [name, key, text] = args as [string, string, string]
  const given = parseInteger(text)
  const condition = conditionOf(args)
  if (given === null) throw new ErrorReply(NOT_INTEGER)
  const ms = given * unitMs
  const atMs = isRelative && Number.isFinite(call.nowMs) ? ms + BigInt(Math.floor(call.nowMs)) : ms
  if (ms > MAX_64 || ms < MIN_64 || atMs > MAX_64 || atMs < MIN_64) {
    throw new ErrorReply(`ERR invalid expire time in '${name.toLowerCase()}' command`)
  }
  if (!call.db.has(key)) return 0
  const at = Number(atMs)
  const before = call.db.expiresAtMs(key)
  if (condition.nx && before !== null) return 0
  if (condition.xx && before === null) return 0
  // No expiry is later than any.
  if (condition.gt && (before === null || at <= before)) return 0
  if (condition.lt && before !== null && at >= before) return 0
  if (at <= call.nowMs) {
    call.db.remove(key)
    call.effect('DEL', key)
  } else {
    call.db.expireAt(key, at)
    call.effect('PEXPIREAT', key, String(atMs))
  }
  return 1
}

interface Condition {
  readonly nx: boolean
  readonly xx: boolean
  readonly gt: boolean
  readonly lt: boolean
}

function conditionOf(args: readonly string[]): Condition {
  const words = new Set<string>()
  for (let at = 3; at < args.length; at++) {
    const word = (args[at] as string).toLowerCase()
    if (!['nx', 'xx', 'gt', 'lt'].includes(word)) throw new ErrorReply(`ERR Unsupported option ${args[at]}`)
    words.add(word)
  }
  const condition = { nx: words.has('nx'), xx: words.has('xx'), gt: words.has('gt'), lt: words.has('lt') }
  if (condition.nx && words.size > 1) {
    throw new ErrorReply('ERR NX and XX, GT or LT options at the same time are not compatible')
  }
  if (condition.gt && condition.lt) throw new ErrorReply('ERR GT and LT options at the same time are not compatible')
  return condition
}

function left(call: Call, args: readonly string[], unitMs: number): Reply {
  const key = args[1] as string
  if (!call.db.has(key)) return -2
  const atMs = call.db.expiresAtMs(key)
  if (atMs === null) return -1
  const ms = Math.max(0, atMs - call.nowMs)
  return unitMs === 1 ? ms : Math.floor((ms + 500) / 1000)
}

function end(call: Call, args: readonly string[], unitMs: number): Reply {
  const key = args[1] as string
  if (!call.db.has(key)) return -2
  const atMs = call.db.expiresAtMs(key)
  if (atMs === null) return -1
  if (unitMs !== 1) return Math.floor(atMs / unitMs + 0.5)
  // A double holds no more than 53 bits of it; the last of all is told as it was given.
  return Number.isSafeInteger(atMs) ? atMs : atMs >= Number(MAX_64) ? MAX_64 : BigInt(atMs)
}
