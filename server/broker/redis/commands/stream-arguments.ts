import type { Call } from '../command.ts'
import { ErrorReply, type Reply } from '../reply.ts'
import { streamAt } from '../typed.ts'
import type { StreamValue } from '../values/stream.ts'
import type { StreamGroup } from '../values/stream-group.ts'
import { type IdPart, idText, MAX_ID, MIN_ID, nextId, parseId, previousId, type StreamId } from '../values/stream-id.ts'
import type { StreamEntry } from '../values/stream-node.ts'

/** `ms` or `ms-seq`. */
export function strictId(text: string): StreamId {
  return idOf(text, 0)
}

function idOf(text: string, missingSeq: IdPart): StreamId {
  const id = parseId(text, missingSeq)
  if (id === null) throw new ErrorReply('ERR Invalid stream ID specified as stream command argument')
  return id
}

/** The lower end of an interval: an id, `-`, `+` or `(` and an id. */
export function startOf(text: string): StreamId {
  if (!isExclusive(text)) return signOrId(text, 0)
  const next = nextId(strictId(text.slice(1)))
  if (next === null) throw new ErrorReply('ERR invalid start ID for the interval')
  return next
}

/** The upper end; an id without a sequence means the whole millisecond. */
export function endOf(text: string): StreamId {
  if (!isExclusive(text)) return signOrId(text, MAX_ID.seq)
  const before = previousId(idOf(text.slice(1), MAX_ID.seq))
  if (before === null) throw new ErrorReply('ERR invalid end ID for the interval')
  return before
}

function isExclusive(text: string): boolean {
  return text.length > 1 && text.charCodeAt(0) === 40
}

/** An id, `-` or `+`: XGROUP SETID takes these as the ends of an interval do. */
export function signOrId(text: string, missingSeq: IdPart): StreamId {
  if (text === '-') return MIN_ID
  if (text === '+') return MAX_ID
  return idOf(text, missingSeq)
}

/** The key's stream and the group in it; both have to be there. */
export function groupOf(
  call: Call,
  key: string,
  group: string,
): { readonly stream: StreamValue; readonly group: StreamGroup } {
  const stream = streamAt(call.db, key)
  const found = stream?.groups.get(group)
  if (stream === undefined || found === undefined)
    throw new ErrorReply(`NOGROUP No such key '${key}' or consumer group '${group}'`)
  return { stream, group: found }
}

/** A group of a stream that is there. */
export function groupIn(stream: StreamValue, key: string, name: string): StreamGroup {
  const group = stream.groups.get(name)
  if (group === undefined) throw new ErrorReply(`NOGROUP No such consumer group '${name}' for key name '${key}'`)
  return group
}

export function entryReply(entry: StreamEntry): Reply {
  return [idText(entry), entry.pairs]
}

export function entriesReply(entries: readonly StreamEntry[]): readonly Reply[] {
  return entries.map(entryReply)
}

/** By the bytes of their names, as Redis keeps groups and consumers. */
export function byName<T extends { readonly name: string }>(things: Iterable<T>): T[] {
  return [...things].sort((a, b) => (a.name < b.name ? -1 : 1))
}
