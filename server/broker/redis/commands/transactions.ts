import type { EngineCall } from '../call.ts'
import type { Command } from '../command.ts'
import { ErrorReply, NIL_ARRAY, OK, type Reply } from '../reply.ts'

const NO_KEYS = [0, 0, 0] as const

/** https://redis.io/docs/latest/commands/?group=transactions */
export const transactions: readonly Command[] = [
  {
    name: 'multi',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast'],
    keys: NO_KEYS,
    run({ client }: EngineCall) {
      if (client.queue !== null) throw new ErrorReply('ERR MULTI calls can not be nested')
      client.queue = []
      client.queuedBytes = 0
      client.isQueueBroken = false
      return OK
    },
  },
  { name: 'exec', arity: 1, flags: ['noscript', 'loading', 'stale'], keys: NO_KEYS, run: exec },
  {
    name: 'discard',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast'],
    keys: NO_KEYS,
    run({ client, engine }: EngineCall) {
      if (client.queue === null) throw new ErrorReply('ERR DISCARD without MULTI')
      client.queue = null
      engine.watches.release(client)
      return OK
    },
  },
  {
    name: 'watch',
    arity: -2,
    flags: ['noscript', 'loading', 'stale', 'fast'],
    keys: [1, -1, 1],
    run({ client, engine, db }: EngineCall, args) {
      if (client.queue !== null) throw new ErrorReply('ERR WATCH inside MULTI is not allowed')
      if (client.isWatchBroken) return OK
      for (let at = 1; at < args.length; at++) {
        // A key whose time was over before the WATCH does not break it by going.
        db.get(args[at] as string)
        engine.watches.watch(client, db.index, args[at] as string)
      }
      return OK
    },
  },
  {
    name: 'unwatch',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast'],
    keys: NO_KEYS,
    run({ client, engine }: EngineCall) {
      engine.watches.release(client)
      return OK
    },
  },
]

function exec(call: EngineCall): Reply {
  const { client, engine } = call
  // What the transaction changed is kept command by command, in one frame.
  call.hasEffects = true
  const queue = client.queue
  if (queue === null) throw new ErrorReply('ERR EXEC without MULTI')
  // A watched key whose time is over is a key that changed.
  for (const name of client.watched) {
    const colon = name.indexOf(':')
    call.dbs[Number(name.slice(0, colon))]?.get(name.slice(colon + 1))
  }
  const { isQueueBroken, isWatchBroken } = client
  client.queue = null
  client.isQueueBroken = false
  engine.watches.release(client)
  if (isQueueBroken) throw new ErrorReply('EXECABORT Transaction discarded because of previous errors.')
  if (isWatchBroken) return NIL_ARRAY
  const replies: Reply[] = []
  for (const queued of queue) replies.push(engine.executeQueued(client, queued))
  return replies
}
