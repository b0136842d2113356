import { SYNTAX } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import type { Db } from '../db.ts'
import { dbAt } from '../db-at.ts'
import { matchesGlob } from '../glob.ts'
import { ErrorReply, OK, type Reply, Status } from '../reply.ts'
import type { Value } from '../value.ts'
import { copyOf, typeName } from '../value-kind.ts'
import { scan } from './scan.ts'

const WRITE = ['write'] as const
const READ_FAST = ['readonly', 'fast'] as const
const WRITE_FAST = ['write', 'fast'] as const

/** https://redis.io/docs/latest/commands/?group=generic, without expiry, OBJECT and SORT. */
export const keys: readonly Command[] = [
  { name: 'del', arity: -2, flags: WRITE, keys: [1, -1, 1], run: remove },
  { name: 'unlink', arity: -2, flags: WRITE_FAST, keys: [1, -1, 1], run: remove },
  { name: 'exists', arity: -2, flags: READ_FAST, keys: [1, -1, 1], run: count },
  { name: 'touch', arity: -2, flags: READ_FAST, keys: [1, -1, 1], run: count },
  {
    name: 'type',
    arity: 2,
    flags: READ_FAST,
    keys: [1, 1, 1],
    run(call, args) {
      const value = call.db.get(args[1] as string)
      return new Status(value === undefined ? 'none' : typeName(value))
    },
  },
  {
    name: 'rename',
    arity: 3,
    flags: WRITE,
    keys: [1, 2, 1],
    run(call, args) {
      rename(call.db, args[1] as string, args[2] as string)
      return OK
    },
  },
  {
    name: 'renamenx',
    arity: 3,
    flags: WRITE_FAST,
    keys: [1, 2, 1],
    run(call, args) {
      const [, from, to] = args as [string, string, string]
      if (!call.db.has(from)) throw new ErrorReply(NO_KEY)
      if (call.db.has(to)) return 0
      rename(call.db, from, to)
      return 1
    },
  },
  {
    name: 'randomkey',
    arity: 1,
    flags: ['readonly'],
    keys: [0, 0, 0],
    run: (call) => call.db.randomKey(() => call.random()) ?? null,
  },
  {
    name: 'keys',
    arity: 2,
    flags: ['readonly'],
    keys: [0, 0, 0],
    run(call, args) {
      const pattern = args[1] as string
      const found: string[] = []
      for (const key of call.db.keys()) if (matchesGlob(pattern, key) && call.db.has(key)) found.push(key)
      return found
    },
  },
  { name: 'scan', arity: -2, flags: ['readonly'], keys: [0, 0, 0], run: scan },
  { name: 'move', arity: 3, flags: WRITE_FAST, keys: [1, 1, 1], run: move },
  { name: 'copy', arity: -3, flags: ['write', 'denyoom'], keys: [1, 2, 1], run: copy },
]

const NO_KEY = 'ERR no such key'
const SAME = 'ERR source and destination objects are the same'

function remove(call: Call, args: readonly string[]): Reply {
  let removed = 0
  for (let at = 1; at < args.length; at++) if (call.db.remove(args[at] as string)) removed++
  return removed
}

function count(call: Call, args: readonly string[]): Reply {
  let found = 0
  for (let at = 1; at < args.length; at++) if (call.db.has(args[at] as string)) found++
  return found
}

function rename(db: Db, from: string, to: string): void {
  const value = db.get(from)
  if (value === undefined) throw new ErrorReply(NO_KEY)
  if (from === to) return
  place(value, { db, key: from }, { db, key: to })
  db.remove(from)
}

function move(call: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const to = dbAt(call, args[2] as string)
  if (to === call.db) throw new ErrorReply(SAME)
  const value = call.db.get(key)
  if (value === undefined || to.has(key)) return 0
  place(value, { db: call.db, key }, { db: to, key })
  call.db.remove(key)
  return 1
}

function copy(call: Call, args: readonly string[]): Reply {
  const [, from, to] = args as [string, string, string]
  let target = call.db
  let replaces = false
  for (let at = 3; at < args.length; at++) {
    const word = (args[at] as string).toLowerCase()
    if (word === 'replace') replaces = true
    else if (word === 'db' && at + 1 < args.length) target = dbAt(call, args[++at] as string)
    else throw new ErrorReply(SYNTAX)
  }
  if (target === call.db && from === to) throw new ErrorReply(SAME)
  const value = call.db.get(from)
  if (value === undefined || (target.has(to) && !replaces)) return 0
  place(copyOf(value), { db: call.db, key: from }, { db: target, key: to })
  return 1
}

interface Spot {
  readonly db: Db
  readonly key: string
}

/** Puts the value at another key, with the end of its time and its encoding. */
function place(value: Value, from: Spot, to: Spot): void {
  const endsAtMs = from.db.expiresAtMs(from.key)
  to.db.set(to.key, value, true)
  to.db.markEncoding(to.key, from.db.markedEncoding(from.key))
  if (endsAtMs !== null) to.db.expireAt(to.key, endsAtMs)
}
