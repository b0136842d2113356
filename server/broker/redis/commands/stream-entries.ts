import { integerOf, SYNTAX, wrongArity } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { ErrorReply, NIL_ARRAY, OK, type Reply } from '../reply.ts'
import { streamAt } from '../typed.ts'
import { StreamValue } from '../values/stream.ts'
import { compareIds, idText, isZeroId, MAX_ID, nextId, type StreamId } from '../values/stream-id.ts'
import { NODE_ENTRIES_MAX } from '../values/stream-node.ts'
import { endOf, entriesReply, startOf, strictId } from './stream-arguments.ts'

/** Streams without groups. https://redis.io/docs/latest/commands/?group=stream */
export const streamEntries: readonly Command[] = [
  { name: 'xadd', arity: -5, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: xadd },
  { name: 'xtrim', arity: -4, flags: ['write'], keys: [1, 1, 1], run: xtrim },
  { name: 'xlen', arity: 2, flags: ['readonly', 'fast'], keys: [1, 1, 1], run: xlen },
  { name: 'xrange', arity: -4, flags: ['readonly'], keys: [1, 1, 1], run: (call, args) => xrange(call, args, false) },
  { name: 'xrevrange', arity: -4, flags: ['readonly'], keys: [1, 1, 1], run: (call, args) => xrange(call, args, true) },
  { name: 'xdel', arity: -3, flags: ['write', 'fast'], keys: [1, 1, 1], run: xdel },
  { name: 'xsetid', arity: -3, flags: ['write', 'denyoom', 'fast'], keys: [1, 1, 1], run: xsetid },
]

/** What Redis' approximate trims remove at most, unless LIMIT says otherwise. */
const APPROXIMATE_LIMIT = 100 * NODE_ENTRIES_MAX

interface TrimOptions {
  readonly maxLength: number | null
  readonly minId: StreamId | null
  readonly isApproximate: boolean
  readonly limit: number
}

interface AddOptions {
  /** Place of the id. */
  readonly at: number
  readonly canCreate: boolean
  readonly trim: TrimOptions | null
}

/** XADD key [NOMKSTREAM] [MAXLEN|MINID [=|~] threshold [LIMIT count]] *|id field value [field value …] */
function xadd(call: Call, args: readonly string[]): Reply {
  const options = args[2] === '*' ? null : addOptions(args, true)
  const at = options === null ? 2 : options.at
  const wanted = wantedId(args[at] as string)
  if (args.length - at < 3 || (args.length - at) % 2 === 0) throw wrongArity('xadd')
  if (wanted !== null && !wanted.isOpen && isZeroId(wanted)) {
    throw new ErrorReply('ERR The ID specified in XADD must be greater than 0-0')
  }
  const key = args[1] as string
  const known = streamAt(call.db, key)
  if (known === undefined && options !== null && !options.canCreate) return null
  const stream = known ?? new StreamValue()
  const id = nextFor(stream, wanted, call.nowMs)
  if (known !== undefined) call.db.changing(key)
  stream.append(id, args.slice(at + 1))
  const text = idText(id)
  const removed = options === null || options.trim === null ? 0 : trim(stream, options.trim)
  if (wanted === null || wanted.isOpen || removed > 0 || options?.trim?.isApproximate === true) {
    const effect = ['XADD', key, ...(removed > 0 ? leftover(stream) : []), text]
    for (let place = at + 1; place < args.length; place++) effect.push(args[place] as string)
    call.effect(...effect)
  }
  if (known === undefined) call.db.set(key, stream)
  else call.db.changed(key)
  return text
}

/** What a trim left, in words that do the same wherever the nodes end. */
function leftover(stream: StreamValue): readonly string[] {
  return ['MAXLEN', '=', String(stream.length)]
}

interface WantedId extends StreamId {
  /** `ms-*`: the sequence is the stream's choice. */
  readonly isOpen: boolean
}

/** null: `*`. */
function wantedId(text: string): WantedId | null {
  if (text === '*') return null
  if (!text.endsWith('-*') || text.indexOf('-') !== text.length - 2) return { ...strictId(text), isOpen: false }
  return { ...strictId(`${text.slice(0, -1)}0`), isOpen: true }
}

function nextFor(stream: StreamValue, wanted: WantedId | null, nowMs: number): StreamId {
  const { lastId } = stream
  if (lastId.ms === MAX_ID.ms && lastId.seq === MAX_ID.seq) {
    throw new ErrorReply('ERR The stream has exhausted the last possible ID, unable to add more items')
  }
  if (wanted === null) return nowMs > lastId.ms ? { ms: nowMs, seq: 0 } : (nextId(lastId) as StreamId)
  if (wanted.isOpen && wanted.ms === lastId.ms && lastId.seq !== MAX_ID.seq) return nextId(lastId) as StreamId
  if (compareIds(wanted, lastId) <= 0) {
    throw new ErrorReply('ERR The ID specified in XADD is equal or smaller than the target stream top item')
  }
  return { ms: wanted.ms, seq: wanted.seq }
}

/** The options of XADD (up to its id) and of XTRIM. */
function addOptions(args: readonly string[], isAdd: boolean): AddOptions {
  let canCreate = true
  let maxLength: number | null = null
  let minId: StreamId | null = null
  let isApproximate = false
  let limit: number | null = null
  let at = 2
  for (; at < args.length; at++) {
    const word = args[at] as string
    if (isAdd && word === '*') break
    const option = word.toUpperCase()
    const more = args.length - 1 - at
    if ((option === 'MAXLEN' || option === 'MINID') && more > 0) {
      if (maxLength !== null || minId !== null) {
        throw new ErrorReply('ERR syntax error, MAXLEN and MINID options at the same time are not compatible')
      }
      const sign = args[at + 1]
      isApproximate = more > 1 && sign === '~'
      if (isApproximate || (more > 1 && sign === '=')) at++
      at++
      if (option === 'MINID') minId = strictId(args[at] as string)
      else maxLength = notNegative(args[at] as string, 'ERR The MAXLEN argument must be >= 0.')
    } else if (option === 'LIMIT' && more > 0) {
      limit = notNegative(args[++at] as string, 'ERR The LIMIT argument must be >= 0.')
    } else if (isAdd && option === 'NOMKSTREAM') {
      canCreate = false
    } else if (isAdd) {
      wantedId(word)
      break
    } else {
      throw new ErrorReply(SYNTAX)
    }
  }
  const isTrim = maxLength !== null || minId !== null
  checkTrim(isAdd, isTrim, isApproximate, limit)
  const trim = isTrim
    ? { maxLength, minId, isApproximate, limit: isApproximate ? (limit ?? APPROXIMATE_LIMIT) : 0 }
    : null
  return { at, canCreate, trim }
}

function checkTrim(isAdd: boolean, isTrim: boolean, isApproximate: boolean, limit: number | null): void {
  if (limit !== null && limit !== 0 && !isTrim) {
    throw new ErrorReply('ERR syntax error, LIMIT cannot be used without specifying a trimming strategy')
  }
  if (!isAdd && !isTrim) throw new ErrorReply('ERR syntax error, XTRIM must be called with a trimming strategy')
  if (limit !== null && !isApproximate) {
    throw new ErrorReply('ERR syntax error, LIMIT cannot be used without the special ~ option')
  }
}

function notNegative(text: string, error: string): number {
  const value = integerOf(text)
  if (value < 0) throw new ErrorReply(error)
  return value
}

function trim(stream: StreamValue, options: TrimOptions): number {
  if (options.maxLength !== null) return stream.trimToLength(options.maxLength, options)
  return options.minId === null ? 0 : stream.trimBelow(options.minId, options)
}

function xtrim(call: Call, args: readonly string[]): Reply {
  const options = addOptions(args, false).trim as TrimOptions
  const key = args[1] as string
  const stream = streamAt(call.db, key)
  if (stream === undefined) return 0
  call.db.changing(key)
  const removed = trim(stream, options)
  if (removed === 0) return 0
  if (options.isApproximate) call.effect('XTRIM', key, ...leftover(stream))
  call.db.changed(key)
  return removed
}

function xlen(call: Call, args: readonly string[]): Reply {
  return streamAt(call.db, args[1] as string)?.length ?? 0
}

/** XRANGE key start end [COUNT count]; XREVRANGE has the end first. */
function xrange(call: Call, args: readonly string[], isBackward: boolean): Reply {
  const start = startOf(args[isBackward ? 3 : 2] as string)
  const end = endOf(args[isBackward ? 2 : 3] as string)
  let count = -1
  for (let at = 4; at < args.length; at += 2) {
    if ((args[at] as string).toUpperCase() !== 'COUNT' || at + 1 === args.length) throw new ErrorReply(SYNTAX)
    count = Math.max(0, integerOf(args[at + 1] as string))
  }
  const stream = streamAt(call.db, args[1] as string)
  if (stream === undefined) return []
  if (count === 0) return NIL_ARRAY
  const most = count === -1 ? 0 : count
  return entriesReply(isBackward ? stream.rangeBack(start, end, most) : stream.range(start, end, most))
}

function xdel(call: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const stream = streamAt(call.db, key)
  if (stream === undefined) return 0
  const ids = args.slice(2).map(strictId)
  call.db.changing(key)
  let deleted = 0
  for (const id of ids) {
    if (!stream.delete(id)) continue
    if (compareIds(id, stream.maxDeletedId) > 0) stream.maxDeletedId = id
    deleted++
  }
  if (deleted > 0) call.db.changed(key)
  return deleted
}

/** XSETID key last-id [ENTRIESADDED count] [MAXDELETEDID id] */
function xsetid(call: Call, args: readonly string[]): Reply {
  const id = strictId(args[2] as string)
  let entriesAdded: number | null = null
  let maxDeleted: StreamId | null = null
  for (let at = 3; at < args.length; at += 2) {
    const option = (args[at] as string).toUpperCase()
    const value = args[at + 1]
    if (option === 'ENTRIESADDED' && value !== undefined) {
      entriesAdded = notNegative(value, 'ERR entries_added must be positive')
    } else if (option === 'MAXDELETEDID' && value !== undefined) {
      maxDeleted = strictId(value)
      if (compareIds(id, maxDeleted) < 0) {
        throw new ErrorReply('ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id')
      }
    } else {
      throw new ErrorReply(SYNTAX)
    }
  }
  const key = args[1] as string
  const stream = streamAt(call.db, key)
  if (stream === undefined) throw new ErrorReply('ERR no such key')
  checkLastId(stream, id, entriesAdded)
  call.db.changing(key)
  stream.lastId = id
  if (entriesAdded !== null) stream.entriesAdded = entriesAdded
  if (maxDeleted !== null && !isZeroId(maxDeleted)) stream.maxDeletedId = maxDeleted
  call.db.changedBookkeeping(key)
  return OK
}

function checkLastId(stream: StreamValue, id: StreamId, entriesAdded: number | null): void {
  const { last } = stream
  if (last === undefined) return
  if (compareIds(id, last) < 0) {
    throw new ErrorReply('ERR The ID specified in XSETID is smaller than the target stream top item')
  }
  if (entriesAdded !== null && stream.length > entriesAdded) {
    throw new ErrorReply('ERR The entries_added specified in XSETID is smaller than the target stream length')
  }
}
