import type { BLOCKED, Call } from '../command.ts'
import { type ManyPop, parseManyPop } from '../counted-keys.ts'
import { NIL_ARRAY, type Reply } from '../reply.ts'
import { timeoutMsOf } from '../timeout.ts'

/** How a type pops from one key. */
export interface Popping {
  /** Whether it holds the type. Throws ErrorReply for another. */
  isThere(call: Call, key: string): boolean
  /** Undefined when it does not hold the type, whatever else it may hold: a client that waited passes over it. */
  pop(call: Call, key: string): Reply | undefined
}

/** BLPOP, BZPOPMIN and their like: keys, then a timeout. */
export function popOrWait(call: Call, args: readonly string[], popping: Popping): Reply | typeof BLOCKED {
  const timeoutMs = timeoutMsOf(args[args.length - 1] as string, call.nowMs)
  return orWait(call, { keys: args.slice(1, -1), timeoutMs, popping })
}

/** LMPOP and ZMPOP. @param words the first end, and the other */
export function popMany(
  call: Call,
  args: readonly string[],
  { words, poppingOf }: { words: readonly [string, string]; poppingOf: (pop: ManyPop) => Popping },
): Reply {
  const pop = parseManyPop(args, 1, words)
  return firstThere(call, pop.keys, poppingOf(pop)) ?? NIL_ARRAY
}

/** BLMPOP and BZMPOP. */
export function popManyOrWait(
  call: Call,
  args: readonly string[],
  { words, poppingOf }: { words: readonly [string, string]; poppingOf: (pop: ManyPop) => Popping },
): Reply | typeof BLOCKED {
  const pop = parseManyPop(args, 2, words)
  const timeoutMs = timeoutMsOf(args[1] as string, call.nowMs)
  return orWait(call, { keys: pop.keys, timeoutMs, popping: poppingOf(pop) })
}

interface Wait {
  readonly keys: readonly string[]
  readonly timeoutMs: number
  readonly popping: Popping
}

function orWait(call: Call, { keys, timeoutMs, popping }: Wait): Reply | typeof BLOCKED {
  const popped = firstThere(call, keys, popping)
  if (popped !== undefined) return popped
  return call.block({ keys, timeoutMs, attempt: popping.pop, timedOut: NIL_ARRAY })
}

function firstThere(call: Call, keys: readonly string[], popping: Popping): Reply | undefined {
  for (const key of keys) if (popping.isThere(call, key)) return popping.pop(call, key)
  return undefined
}
