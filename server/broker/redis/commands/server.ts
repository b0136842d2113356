import { integerOf, SYNTAX } from '../arguments.ts'
import type { EngineCall } from '../call.ts'
import { BLOCKED, type Command } from '../command.ts'
import { infoText } from '../info.ts'
import { ErrorReply, MapReply, OK, type Reply, Status, VerbatimReply } from '../reply.ts'
import { wholeTimeoutMsOf } from '../timeout.ts'

const NO_KEYS = [0, 0, 0] as const
const ADMIN = ['admin', 'noscript', 'loading', 'stale'] as const

/** https://redis.io/docs/latest/commands/?group=server, without COMMAND, ACL, MEMORY, SLOWLOG and LATENCY. */
export const server: readonly Command[] = [
  {
    name: 'info',
    arity: -1,
    flags: ['loading', 'stale'],
    keys: NO_KEYS,
    run: ({ engine }: EngineCall, args) => new VerbatimReply(infoText(engine, args.slice(1))),
  },
  {
    name: 'time',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    keys: NO_KEYS,
    run({ engine }: EngineCall) {
      // Below the millisecond the wall clock tells nothing here; the monotonic one keeps two answers apart.
      const ms = engine.nowMs
      const usec = Math.floor((engine.clock.monotonicMs() * 1000) % 1000)
      return [String(Math.floor(ms / 1000)), String((Math.floor(ms) % 1000) * 1000 + usec)]
    },
  },
  {
    name: 'config|get',
    arity: -3,
    flags: ADMIN,
    keys: NO_KEYS,
    run: ({ engine }: EngineCall, args) => new MapReply(engine.config.get(args.slice(2))),
  },
  {
    name: 'config|set',
    arity: -4,
    flags: ADMIN,
    keys: NO_KEYS,
    run({ engine }: EngineCall, args) {
      engine.config.set(args.slice(2))
      engine.checkMemory()
      return OK
    },
  },
  {
    name: 'config|resetstat',
    arity: 2,
    flags: ADMIN,
    keys: NO_KEYS,
    run({ engine }: EngineCall) {
      engine.stats.reset()
      return OK
    },
  },
  {
    name: 'config|rewrite',
    arity: 2,
    flags: ADMIN,
    keys: NO_KEYS,
    run: () => new ErrorReply('ERR The server is running without a config file'),
  },
  { name: 'dbsize', arity: 1, flags: ['readonly', 'fast'], keys: NO_KEYS, run: ({ db }) => db.size },
  {
    name: 'flushdb',
    arity: -1,
    flags: ['write'],
    keys: NO_KEYS,
    run(call: EngineCall, args) {
      checkFlush(args)
      if (call.db.size > 0) call.db.clear()
      return OK
    },
  },
  {
    name: 'flushall',
    arity: -1,
    flags: ['write'],
    keys: NO_KEYS,
    run(call: EngineCall, args) {
      checkFlush(args)
      for (const db of call.dbs) if (db.size > 0) db.clear()
      return OK
    },
  },
  { name: 'swapdb', arity: 3, flags: ['write', 'fast'], keys: NO_KEYS, run: swap },
  {
    name: 'monitor',
    arity: 1,
    flags: ADMIN,
    keys: NO_KEYS,
    run({ client, engine }: EngineCall) {
      client.isMonitor = true
      // Not of its own request.
      engine.monitors.add(client)
      return OK
    },
  },
  {
    name: 'lastsave',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    keys: NO_KEYS,
    run: ({ engine }: EngineCall) =>
      Math.floor((engine.journal?.figures.lastSaveAtMs || engine.stats.startedAtMs) / 1000),
  },
  { name: 'save', arity: 1, flags: ['admin', 'noscript', 'no_multi'], keys: NO_KEYS, run: save },
  {
    name: 'bgsave',
    arity: -1,
    flags: ['admin', 'noscript'],
    keys: NO_KEYS,
    run(call: EngineCall, args) {
      if (args.length > 2 || (args.length === 2 && args[1]?.toLowerCase() !== 'schedule')) throw new ErrorReply(SYNTAX)
      compact(call, 'ERR Background save already in progress')
      return new Status('Background saving started')
    },
  },
  {
    name: 'bgrewriteaof',
    arity: 1,
    flags: ['admin', 'noscript'],
    keys: NO_KEYS,
    run(call: EngineCall) {
      compact(call, 'ERR Background append only file rewriting already in progress')
      return new Status('Background append only file rewriting started')
    },
  },
  {
    name: 'wait',
    arity: 3,
    flags: ['noscript'],
    keys: NO_KEYS,
    // There are no replicas, and there never will be: waiting would change nothing.
    run(_call, args) {
      integerOf(args[1] as string)
      wholeTimeoutMsOf(args[2] as string)
      return 0
    },
  },
  {
    name: 'role',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast'],
    keys: NO_KEYS,
    run: () => ['master', 0, []],
  },
]

function checkFlush(args: readonly string[]): void {
  const word = args[1]?.toLowerCase()
  if (args.length > 2 || (word !== undefined && word !== 'sync' && word !== 'async')) throw new ErrorReply(SYNTAX)
}

function swap(call: EngineCall, args: readonly string[]): Reply {
  const first = call.dbs[integerOf(args[1] as string, 'ERR invalid first DB index')]
  const second = call.dbs[integerOf(args[2] as string, 'ERR invalid second DB index')]
  if (first === undefined || second === undefined) throw new ErrorReply('ERR DB index is out of range')
  if (first !== second) first.swap(second)
  return OK
}

/** Starts a snapshot, if anything is kept on disk at all. */
function compact({ engine }: EngineCall, busy: string): Promise<void> | null {
  if (engine.journal === null) return null
  const done = engine.journal.compact()
  if (done === null) throw new ErrorReply(busy)
  done.catch((error: Error) => engine.log.error('snapshot failed', { error: error.message }))
  return done
}

/** SAVE is answered when the snapshot is there; meanwhile others go on. */
function save(call: EngineCall): Reply | typeof BLOCKED {
  const { client, engine } = call
  const done = compact(call, 'ERR Background save already in progress')
  if (done === null) return OK
  client.link.hold()
  done.then(
    () => engine.parking.answer(client, OK),
    () => engine.parking.answer(client, new ErrorReply('ERR the snapshot could not be written')),
  )
  return BLOCKED
}
