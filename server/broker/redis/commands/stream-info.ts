import { integerOf } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { ErrorReply, MapReply, type Reply, Status } from '../reply.ts'
import { streamAt } from '../typed.ts'
import type { StreamValue } from '../values/stream.ts'
import type { Consumer, Pending, StreamGroup } from '../values/stream-group.ts'
import { idText, MAX_ID, MIN_ID } from '../values/stream-id.ts'
import { byName, entriesReply, entryReply, groupIn } from './stream-arguments.ts'
import { lagOf } from './stream-reading.ts'

export const streamInfo: readonly Command[] = [
  { name: 'xinfo|stream', arity: -3, flags: ['readonly'], keys: [2, 2, 1], run: infoStream },
  { name: 'xinfo|groups', arity: 3, flags: ['readonly'], keys: [2, 2, 1], run: infoGroups },
  { name: 'xinfo|consumers', arity: 4, flags: ['readonly'], keys: [2, 2, 1], run: infoConsumers },
  { name: 'xinfo|help', arity: 2, flags: ['loading', 'stale'], keys: [0, 0, 0], run: () => HELP },
]

const HELP = [
  'XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CONSUMERS <key> <groupname>',
  '    Show consumers of <groupname>.',
  'GROUPS <key>',
  '    Show the stream consumer groups.',
  'STREAM <key> [FULL [COUNT <count>]',
  '    Show information about the stream.',
  'HELP',
  '    Prints this help.',
].map((line) => new Status(line))

/** How much FULL shows of each list unless COUNT says otherwise. */
const FULL_COUNT = 10

function streamThere(call: Call, key: string): StreamValue {
  const stream = streamAt(call.db, key)
  if (stream === undefined) throw new ErrorReply('ERR no such key')
  return stream
}

/** XINFO STREAM key [FULL [COUNT n]] */
function infoStream(call: Call, args: readonly string[]): Reply {
  if (args.length === 3) return plainStream(streamThere(call, args[2] as string))
  const isFull = (args.length === 4 || args.length === 6) && args[3]?.toUpperCase() === 'FULL'
  const isCounted = args.length === 4 || args[4]?.toUpperCase() === 'COUNT'
  if (!isFull || !isCounted) {
    throw new ErrorReply(`ERR unknown subcommand or wrong number of arguments for '${args[1]}'. Try XINFO HELP.`)
  }
  const stream = streamThere(call, args[2] as string)
  const given = args.length === 6 ? integerOf(args[5] as string) : FULL_COUNT
  return fullStream(stream, given < 0 ? FULL_COUNT : given)
}

function commonFields(stream: StreamValue): Reply[] {
  return [
    'length',
    stream.length,
    'radix-tree-keys',
    stream.nodeCount,
    'radix-tree-nodes',
    stream.treeNodeCount,
    'last-generated-id',
    idText(stream.lastId),
    'max-deleted-entry-id',
    idText(stream.maxDeletedId),
    'entries-added',
    stream.entriesAdded,
    'recorded-first-entry-id',
    idText(stream.firstId),
  ]
}

function plainStream(stream: StreamValue): Reply {
  const { first, last } = stream
  const fields = commonFields(stream)
  fields.push('groups', stream.groups.size)
  fields.push('first-entry', first === undefined ? null : entryReply(first))
  fields.push('last-entry', last === undefined ? null : entryReply(last))
  return new MapReply(fields)
}

/** @param count at most so many of each list; 0: all */
function fullStream(stream: StreamValue, count: number): Reply {
  const fields = commonFields(stream)
  fields.push('entries', entriesReply(stream.range(MIN_ID, MAX_ID, count)))
  fields.push(
    'groups',
    byName(stream.groups.values()).map((group) => fullGroup(stream, group, count)),
  )
  return new MapReply(fields)
}

function fullGroup(stream: StreamValue, group: StreamGroup, count: number): Reply {
  const pending = firstOf(group.pending, count).map((one) => [
    idText(one),
    one.consumer.name,
    one.deliveredAtMs,
    one.deliveries,
  ])
  return new MapReply([
    'name',
    group.name,
    'last-delivered-id',
    idText(group.lastId),
    'entries-read',
    group.entriesRead,
    'lag',
    lagOf(stream, group),
    'pel-count',
    group.pending.size,
    'pending',
    pending,
    'consumers',
    byName(group.consumers.values()).map((consumer) => fullConsumer(consumer, count)),
  ])
}

function fullConsumer(consumer: Consumer, count: number): Reply {
  const pending = firstOf(consumer.pending, count).map((one) => [idText(one), one.deliveredAtMs, one.deliveries])
  return new MapReply([
    'name',
    consumer.name,
    'seen-time',
    consumer.seenAtMs,
    'pel-count',
    consumer.pending.size,
    'pending',
    pending,
  ])
}

function firstOf(pending: StreamGroup['pending'], count: number): Pending[] {
  const found: Pending[] = []
  for (const one of pending.from(MIN_ID)) if (found.push(one) === count) break
  return found
}

function infoGroups(call: Call, args: readonly string[]): Reply {
  const stream = streamThere(call, args[2] as string)
  return byName(stream.groups.values()).map(
    (group) =>
      new MapReply([
        'name',
        group.name,
        'consumers',
        group.consumers.size,
        'pending',
        group.pending.size,
        'last-delivered-id',
        idText(group.lastId),
        'entries-read',
        group.entriesRead,
        'lag',
        lagOf(stream, group),
      ]),
  )
}

function infoConsumers(call: Call, args: readonly string[]): Reply {
  const key = args[2] as string
  const group = groupIn(streamThere(call, key), key, args[3] as string)
  return byName(group.consumers.values()).map(
    (consumer) =>
      new MapReply([
        'name',
        consumer.name,
        'pending',
        consumer.pending.size,
        'idle',
        Math.max(0, call.nowMs - consumer.seenAtMs),
      ]),
  )
}
