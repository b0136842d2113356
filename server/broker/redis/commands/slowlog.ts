import { integerFrom } from '../arguments.ts'
import type { EngineCall } from '../call.ts'
import type { Command } from '../command.ts'
import { ErrorReply, MapReply, OK } from '../reply.ts'

const NO_KEYS = [0, 0, 0] as const
const ADMIN = ['admin', 'loading', 'stale'] as const
const LATENCY = ['admin', 'noscript', 'loading', 'stale'] as const
const TOO_MANY = "ERR unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP."

/** SLOWLOG, and of LATENCY what is true without a monitor: there are no samples. */
export const slowlog: readonly Command[] = [
  {
    name: 'slowlog|get',
    arity: -2,
    flags: ADMIN,
    keys: NO_KEYS,
    run({ engine }: EngineCall, args) {
      if (args.length > 3) throw new ErrorReply(TOO_MANY)
      const count = integerFrom(-1, args[2] ?? '10', 'ERR count should be greater than or equal to -1')
      const { slow } = engine.stats
      return (count === -1 ? slow : slow.slice(0, count)).map((one) => {
        return [one.id, one.atSeconds, one.usec, one.args, one.address, one.clientName]
      })
    },
  },
  {
    name: 'slowlog|len',
    arity: 2,
    flags: ADMIN,
    keys: NO_KEYS,
    run: ({ engine }: EngineCall) => engine.stats.slow.length,
  },
  {
    name: 'slowlog|reset',
    arity: 2,
    flags: ADMIN,
    keys: NO_KEYS,
    run({ engine }: EngineCall) {
      engine.stats.slow = []
      return OK
    },
  },
  { name: 'latency|latest', arity: 2, flags: LATENCY, keys: NO_KEYS, run: () => [] },
  { name: 'latency|history', arity: 3, flags: LATENCY, keys: NO_KEYS, run: () => [] },
  { name: 'latency|reset', arity: -2, flags: LATENCY, keys: NO_KEYS, run: () => 0 },
  { name: 'latency|histogram', arity: -2, flags: LATENCY, keys: NO_KEYS, run: () => new MapReply([]) },
  {
    name: 'latency|doctor',
    arity: 2,
    flags: LATENCY,
    keys: NO_KEYS,
    run: () =>
      'Latency is not monitored here. SLOWLOG GET lists slow commands; INFO commandstats has the time of each.',
  },
]
