import { integerOf, SYNTAX } from '../arguments.ts'
import type { BLOCKED, Call, Command } from '../command.ts'
import { ErrorReply, MapReply, NIL_ARRAY, type Reply } from '../reply.ts'
import { wholeTimeoutMsOf } from '../timeout.ts'
import { streamAt } from '../typed.ts'
import { StreamValue } from '../values/stream.ts'
import { compareIds, MAX_ID, MIN_ID, nextId, type StreamId } from '../values/stream-id.ts'
import { entriesReply, strictId } from './stream-arguments.ts'
import { consumerOf, deliverAgain, deliverNew } from './stream-reading.ts'

export const streamReads: readonly Command[] = [
  { name: 'xread', arity: -4, flags: ['readonly', 'blocking'], keys: [0, 0, 0], keysOf: streamKeys, run: xread },
  { name: 'xreadgroup', arity: -7, flags: ['write', 'blocking'], keys: [0, 0, 0], keysOf: streamKeys, run: xread },
]

/** Redis 7.0 says so for XREADGROUP too. */
const UNBALANCED = "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified."

interface Reading {
  readonly command: 'xread' | 'xreadgroup'
  readonly group: string | null
  readonly consumer: string
  /** 0: all. */
  readonly count: number
  /** null: does not wait; 0: for ever. */
  readonly blockMs: number | null
  readonly noAck: boolean
  readonly keys: readonly string[]
  readonly ids: readonly string[]
}

/** Read on from here: after an id, or what the group has not seen (`>`). */
type After = StreamId | '>'

/** What a client that waits had asked for, and where its streams stood. */
interface Waiting {
  readonly reading: Reading
  readonly after: readonly After[]
}

/** XREAD [COUNT n] [BLOCK ms] STREAMS key … id …; XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [NOACK] STREAMS key … id … */
function xread(call: Call, args: readonly string[]): Reply | typeof BLOCKED {
  const reading = readingOf(call, args)
  const after = reading.ids.map((id, at) => resolve(call, reading, reading.keys[at] as string, id))
  const found: Reply[] = []
  reading.keys.forEach((key, at) => {
    const entries = readOne(call, reading, key, after[at] as After)
    if (entries !== null) found.push(key, entries)
  })
  if (found.length > 0) return shaped(call, found)
  if (reading.blockMs === null) return NIL_ARRAY
  return call.block({
    keys: reading.keys,
    timeoutMs: reading.blockMs,
    alsoWhenGone: reading.group !== null,
    attempt: (later, changedKey) => readLater(later, { reading, after }, changedKey),
    timedOut: NIL_ARRAY,
  })
}

/** A key changed: if it is a stream that has something, that answers, alone, as in Redis. */
function readLater(call: Call, { reading, after }: Waiting, key: string): Reply | undefined {
  const stream = call.db.get(key)
  if (!(stream instanceof StreamValue)) {
    if (reading.group !== null) throw new ErrorReply('UNBLOCKED the stream key no longer exists')
    return undefined
  }
  if (reading.group !== null && !stream.groups.has(reading.group)) {
    throw new ErrorReply('NOGROUP the consumer group this client was blocked on no longer exists')
  }
  // Of a key that was named twice Redis knows the first id.
  const entries = readOne(call, reading, key, after[reading.keys.indexOf(key)] as After)
  return entries === null ? undefined : shaped(call, [key, entries])
}

function readOne(call: Call, reading: Reading, key: string, after: After): Reply | null {
  const stream = streamAt(call.db, key)
  if (stream === undefined) return null
  const { count, noAck } = reading
  if (reading.group === null) {
    const start = after === '>' ? null : nextId(after)
    const entries = start === null ? [] : stream.range(start, MAX_ID, count)
    return entries.length === 0 ? null : entriesReply(entries)
  }
  const group = stream.groups.get(reading.group)
  if (group === undefined) return null
  const place = { key, stream, group }
  const isNew = after === '>'
  // Redis 7.0 makes a consumer only once there is something to answer.
  if (isNew && (stream.last === undefined || compareIds(stream.last, group.lastId) <= 0)) return null
  const consumer = consumerOf(call, place, reading.consumer)
  if (isNew) return deliverNew(call, place, { consumer, count, noAck })
  return deliverAgain(call, place, { consumer, after, count })
}

/** @param found key, entries, key, entries … */
function shaped(call: Call, found: readonly Reply[]): Reply {
  if (call.protocol === 3) return new MapReply(found)
  const pairs: Reply[] = []
  for (let at = 0; at < found.length; at += 2) pairs.push([found[at] as Reply, found[at + 1] as Reply])
  return pairs
}

function resolve(call: Call, { group, command }: Reading, key: string, id: string): After {
  const stream = streamAt(call.db, key)
  if (group !== null && stream?.groups.has(group) !== true) {
    throw new ErrorReply(`NOGROUP No such key '${key}' or consumer group '${group}' in XREADGROUP with GROUP option`)
  }
  if (id === '$') {
    if (command === 'xread') return stream?.lastId ?? MIN_ID
    throw new ErrorReply(
      'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by ' +
        'specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.',
    )
  }
  if (id !== '>') {
    const after = strictId(id)
    // Redis marks `>` by the last id of all, and so takes that for `>`.
    return command === 'xreadgroup' && compareIds(after, MAX_ID) === 0 ? '>' : after
  }
  if (command === 'xreadgroup') return '>'
  throw new ErrorReply(
    'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
  )
}

function readingOf({ isScripted }: Call, args: readonly string[]): Reading {
  const command = (args[0] as string).length === 10 ? 'xreadgroup' : 'xread'
  let group: string | null = null
  let consumer = ''
  let count = 0
  let blockMs: number | null = null
  let noAck = false
  for (let at = 1; at < args.length; at++) {
    const option = (args[at] as string).toUpperCase()
    const more = args.length - 1 - at
    if (option === 'BLOCK' && more > 0) {
      if (isScripted) throw new ErrorReply(`ERR ${args[0]} command is not allowed with BLOCK option from scripts`)
      blockMs = wholeTimeoutMsOf(args[++at] as string)
    } else if (option === 'COUNT' && more > 0) {
      count = Math.max(0, integerOf(args[++at] as string))
    } else if (option === 'STREAMS' && more > 0) {
      if (more % 2 !== 0) throw new ErrorReply(UNBALANCED)
      if (command === 'xreadgroup' && group === null) throw new ErrorReply('ERR Missing GROUP option for XREADGROUP')
      const keys = args.slice(at + 1, at + 1 + more / 2)
      return { command, group, consumer, count, blockMs, noAck, keys, ids: args.slice(at + 1 + more / 2) }
    } else if (option === 'GROUP' && more > 1) {
      if (command === 'xread') throw notInRead('GROUP')
      group = args[++at] as string
      consumer = args[++at] as string
    } else if (option === 'NOACK') {
      if (command === 'xread') throw notInRead('NOACK')
      noAck = true
    } else {
      throw new ErrorReply(SYNTAX)
    }
  }
  throw new ErrorReply(SYNTAX)
}

function notInRead(option: string): ErrorReply {
  return new ErrorReply(`ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`)
}

/** For COMMAND GETKEYS and the rights of users: what stands between STREAMS and the ids. */
function streamKeys(args: readonly string[]): readonly string[] {
  const at = args.findIndex((word) => word.toUpperCase() === 'STREAMS')
  return at === -1 ? [] : args.slice(at + 1, at + 1 + Math.floor((args.length - at - 1) / 2))
}
