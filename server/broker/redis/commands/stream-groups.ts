import { integerOf, SYNTAX } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { ErrorReply, NIL_ARRAY, OK, type Reply, Status } from '../reply.ts'
import { streamAt } from '../typed.ts'
import { StreamValue } from '../values/stream.ts'
import { type Consumer, type Pending, StreamGroup } from '../values/stream-group.ts'
import { compareIds, idText, MIN_ID, type StreamId } from '../values/stream-id.ts'
import { byName, endOf, groupIn, groupOf, signOrId, startOf, strictId } from './stream-arguments.ts'
import { consumerOf, positionEffect } from './stream-reading.ts'

/** Consumer groups but for reading and claiming. */
export const streamGroups: readonly Command[] = [
  { name: 'xgroup|create', arity: -5, flags: ['write', 'denyoom'], keys: [2, 2, 1], run: create },
  { name: 'xgroup|setid', arity: -5, flags: ['write'], keys: [2, 2, 1], run: setId },
  { name: 'xgroup|destroy', arity: 4, flags: ['write'], keys: [2, 2, 1], run: destroy },
  { name: 'xgroup|createconsumer', arity: 5, flags: ['write', 'denyoom'], keys: [2, 2, 1], run: createConsumer },
  { name: 'xgroup|delconsumer', arity: 5, flags: ['write'], keys: [2, 2, 1], run: deleteConsumer },
  { name: 'xgroup|help', arity: 2, flags: ['loading', 'stale'], keys: [0, 0, 0], run: () => HELP },
  { name: 'xack', arity: -4, flags: ['write', 'fast'], keys: [1, 1, 1], run: xack },
  { name: 'xpending', arity: -3, flags: ['readonly'], keys: [1, 1, 1], run: xpending },
]

const HELP = [
  'XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CREATE <key> <groupname> <id|$> [option]',
  '    Create a new consumer group. Options are:',
  '    * MKSTREAM',
  '      Create the empty stream if it does not exist.',
  '    * ENTRIESREAD entries_read',
  "      Set the group's entries_read counter (internal use).",
  'CREATECONSUMER <key> <groupname> <consumer>',
  '    Create a new consumer in the specified group.',
  'DELCONSUMER <key> <groupname> <consumer>',
  '    Remove the specified consumer.',
  'DESTROY <key> <groupname>',
  '    Remove the specified group.',
  'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
  '    Set the current group ID and entries_read counter.',
  'HELP',
  '    Prints this help.',
].map((line) => new Status(line))

interface GroupOptions {
  readonly makesStream: boolean
  /** null: not known. */
  readonly entriesRead: number | null
}

function groupOptions(args: readonly string[], subcommand: 'CREATE' | 'SETID'): GroupOptions {
  let makesStream = false
  let entriesRead: number | null = null
  for (let at = 5; at < args.length; at++) {
    const option = (args[at] as string).toUpperCase()
    if (subcommand === 'CREATE' && option === 'MKSTREAM') {
      makesStream = true
    } else if (option === 'ENTRIESREAD' && at + 1 < args.length) {
      const count = integerOf(args[++at] as string)
      if (count < -1) throw new ErrorReply('ERR value for ENTRIESREAD must be positive or -1')
      entriesRead = count === -1 ? null : count
    } else {
      throw wrongSubcommand(args)
    }
  }
  return { makesStream, entriesRead }
}

function wrongSubcommand(args: readonly string[]): ErrorReply {
  return new ErrorReply(`ERR unknown subcommand or wrong number of arguments for '${args[1]}'. Try XGROUP HELP.`)
}

function streamThere(call: Call, key: string): StreamValue {
  const stream = streamAt(call.db, key)
  if (stream !== undefined) return stream
  throw new ErrorReply(
    'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM ' +
      'option to create an empty stream automatically.',
  )
}

/** XGROUP CREATE key group id|$ [MKSTREAM] [ENTRIESREAD n] */
function create(call: Call, args: readonly string[]): Reply {
  const key = args[2] as string
  const name = args[3] as string
  const options = groupOptions(args, 'CREATE')
  const known = options.makesStream ? streamAt(call.db, key) : streamThere(call, key)
  if (args.length > 8) throw wrongSubcommand(args)
  const id = args[4] === '$' ? (known?.lastId ?? MIN_ID) : strictId(args[4] as string)
  if (known?.groups.has(name)) throw new ErrorReply('BUSYGROUP Consumer Group name already exists')
  const stream = known ?? new StreamValue()
  if (known !== undefined) call.db.changing(key)
  stream.groups.set(name, new StreamGroup(name, { ms: id.ms, seq: id.seq }, options.entriesRead))
  const entriesRead = String(options.entriesRead ?? -1)
  call.effect('XGROUP', 'CREATE', key, name, idText(id), 'MKSTREAM', 'ENTRIESREAD', entriesRead)
  if (known === undefined) call.db.set(key, stream)
  else call.db.changedBookkeeping(key)
  return OK
}

function setId(call: Call, args: readonly string[]): Reply {
  const key = args[2] as string
  const { entriesRead } = groupOptions(args, 'SETID')
  const stream = streamThere(call, key)
  const group = groupIn(stream, key, args[3] as string)
  if (args.length > 7) throw wrongSubcommand(args)
  const { ms, seq } = args[4] === '$' ? stream.lastId : signOrId(args[4] as string, 0)
  call.db.changing(key)
  group.lastId = { ms, seq }
  group.entriesRead = entriesRead
  positionEffect(call, key, group)
  call.db.changedBookkeeping(key)
  return OK
}

function destroy(call: Call, args: readonly string[]): Reply {
  const key = args[2] as string
  const stream = streamThere(call, key)
  if (!stream.groups.has(args[3] as string)) return 0
  call.db.changing(key)
  stream.groups.delete(args[3] as string)
  call.db.changedBookkeeping(key)
  return 1
}

function createConsumer(call: Call, args: readonly string[]): Reply {
  const key = args[2] as string
  const stream = streamThere(call, key)
  const group = groupIn(stream, key, args[3] as string)
  if (group.consumers.has(args[4] as string)) return 0
  consumerOf(call, { key, stream, group }, args[4] as string)
  return 1
}

function deleteConsumer(call: Call, args: readonly string[]): Reply {
  const key = args[2] as string
  const group = groupIn(streamThere(call, key), key, args[3] as string)
  const consumer = group.consumers.get(args[4] as string)
  if (consumer === undefined) return 0
  call.db.changing(key)
  const dropped = group.drop(consumer)
  call.db.changedBookkeeping(key)
  return dropped
}

function xack(call: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const group = streamAt(call.db, key)?.groups.get(args[2] as string)
  if (group === undefined) return 0
  const ids = args.slice(3).map(strictId)
  call.db.changing(key)
  let acknowledged = 0
  for (const id of ids) if (group.acknowledge(id)) acknowledged++
  if (acknowledged > 0) call.db.changedBookkeeping(key)
  return acknowledged
}

/** XPENDING key group [[IDLE ms] start end count [consumer]] */
function xpending(call: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const name = args[2] as string
  if (args.length === 3) return pendingSummary(groupOf(call, key, name).group)
  if (args.length < 6 || args.length > 9) throw new ErrorReply(SYNTAX)
  const isIdle = (args[3] as string).toUpperCase() === 'IDLE'
  const minIdleMs = isIdle ? integerOf(args[4] as string) : 0
  if (isIdle && args.length < 8) throw new ErrorReply(SYNTAX)
  const at = isIdle ? 5 : 3
  const count = integerOf(args[at + 2] as string)
  const start = startOf(args[at] as string)
  const end = endOf(args[at + 1] as string)
  const { group } = groupOf(call, key, name)
  const consumer = args.length > at + 3 ? group.consumers.get(args[at + 3] as string) : undefined
  if (args.length > at + 3 && consumer === undefined) return []
  return pendingList(call, consumer ?? group, { start, end, count, minIdleMs })
}

function pendingSummary(group: StreamGroup): Reply {
  const { first, last } = group.pending
  if (first === undefined || last === undefined) return [0, null, null, NIL_ARRAY]
  const consumers = byName(group.consumers.values()).filter(({ pending }) => pending.size > 0)
  const counts = consumers.map(({ name, pending }) => [name, String(pending.size)])
  return [group.pending.size, idText(first), idText(last), counts]
}

function pendingList(
  call: Call,
  { pending }: StreamGroup | Consumer,
  what: { start: StreamId; end: StreamId; count: number; minIdleMs: number },
): Reply {
  const replies: Reply[] = []
  if (what.count <= 0) return replies
  for (const one of pending.from(what.start)) {
    if (compareIds(one, what.end) > 0) break
    if (idleMs(call, one) < what.minIdleMs) continue
    replies.push([idText(one), one.consumer.name, Math.max(0, idleMs(call, one)), one.deliveries])
    if (replies.length === what.count) break
  }
  return replies
}

function idleMs(call: Call, pending: Pending): number {
  return call.nowMs - pending.deliveredAtMs
}
