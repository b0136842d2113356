import { integerOf, SYNTAX } from '../arguments.ts'
import type { EngineCall } from '../call.ts'
import type { Command } from '../command.ts'
import { ErrorReply, MapReply, OK, type Reply } from '../reply.ts'
import { encodingOf, estimateBytes } from '../value-kind.ts'

const KEY = [2, 2, 1] as const
const NO_KEYS = [0, 0, 0] as const
/** Redis keeps the integers below 10,000 once for all keys, and says so with this number. */
const SHARED_INTEGER = /^(0|[1-9]\d{0,3})$/
const SHARED = 2 ** 31 - 1
/** Of a key's place in its database. */
const KEY_BYTES = 72

/** OBJECT and MEMORY. */
export const object: readonly Command[] = [
  {
    name: 'object|encoding',
    arity: 3,
    flags: ['readonly'],
    keys: KEY,
    run(call, args) {
      const key = args[2] as string
      const value = call.db.get(key)
      return value === undefined ? null : (call.db.markedEncoding(key) ?? encodingOf(value))
    },
  },
  {
    name: 'object|idletime',
    arity: 3,
    flags: ['readonly'],
    keys: KEY,
    // Nothing is ever evicted, so nobody keeps when a key was last looked at.
    run: (call, args) => (call.db.has(args[2] as string) ? 0 : null),
  },
  {
    name: 'object|refcount',
    arity: 3,
    flags: ['readonly'],
    keys: KEY,
    run(call, args) {
      const value = call.db.get(args[2] as string)
      if (value === undefined) return null
      return typeof value === 'string' && SHARED_INTEGER.test(value) ? SHARED : 1
    },
  },
  {
    name: 'object|freq',
    arity: 3,
    flags: ['readonly'],
    keys: KEY,
    run(call, args) {
      if (!call.db.has(args[2] as string)) return null
      throw new ErrorReply(
        'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
      )
    },
  },
  { name: 'memory|usage', arity: -3, flags: ['readonly'], keys: KEY, run: usage },
  {
    name: 'memory|doctor',
    arity: 2,
    flags: [],
    keys: NO_KEYS,
    run({ engine }: EngineCall) {
      const limit = engine.config.maxMemoryBytes
      const used = engine.options.usedMemory()
      return limit > 0 && used > 0.9 * limit
        ? `The heap is at ${Math.round((100 * used) / limit)} % of maxmemory. Writes are refused from there on: remove keys, or raise maxmemory.`
        : 'The heap is within its limit.'
    },
  },
  { name: 'memory|stats', arity: 2, flags: [], keys: NO_KEYS, run: stats },
  // The garbage collector decides by itself.
  { name: 'memory|purge', arity: 2, flags: [], keys: NO_KEYS, run: () => OK },
]

function usage(call: EngineCall, args: readonly string[]): Reply {
  if (args.length !== 3 && args.length !== 5) throw new ErrorReply(SYNTAX)
  if (args.length === 5) {
    if ((args[3] as string).toLowerCase() !== 'samples') throw new ErrorReply(SYNTAX)
    if (integerOf(args[4] as string) < 0) throw new ErrorReply(SYNTAX)
  }
  const key = args[2] as string
  const value = call.db.get(key)
  return value === undefined ? null : KEY_BYTES + key.length + estimateBytes(value)
}

function stats({ engine }: EngineCall): Reply {
  const used = engine.options.usedMemory()
  const keys = engine.dbs.reduce((sum, db) => sum + db.size, 0)
  return new MapReply([
    ...['peak.allocated', Math.max(used, engine.stats.peakMemoryBytes), 'total.allocated', used],
    ...['keys.count', keys, 'keys.bytes-per-key', keys === 0 ? 0 : Math.round(used / keys)],
  ])
}
