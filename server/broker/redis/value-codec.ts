/**
 * One value as bytes, for the snapshot and for DUMP. Counts and lengths are 32 bits, little-endian; a text is its length and its bytes.
 *
 *   value = 1 text | 2 count*(field value) | 3 count*item | 4 count*member | 5 count*(member double) | 6 stream
 */

import type { ByteReader, ByteWriter } from './bytes.ts'
import type { Value } from './value.ts'
import { HashValue } from './values/hash.ts'
import { ListValue } from './values/list.ts'
import { SetValue } from './values/set.ts'
import { SortedSetValue } from './values/sorted-set.ts'
import { StreamValue } from './values/stream.ts'
import { Consumer, StreamGroup } from './values/stream-group.ts'
import { compareIds, MAX_ID, MIN_ID, type StreamId } from './values/stream-id.ts'

const STRING = 1
const HASH = 2
const LIST = 3
const SET = 4
const SORTED_SET = 5
const STREAM = 6
/** What a text takes at least. */
const TEXT_BYTES = 4

export function writeValue(writer: ByteWriter, value: Value): void {
  if (typeof value === 'string') {
    writer.byte(STRING)
    writer.text(value)
  } else if (value instanceof HashValue) {
    writer.byte(HASH)
    writer.uint(value.size)
    for (const [field, text] of value.entries()) {
      writer.text(field)
      writer.text(text)
    }
  } else if (value instanceof ListValue) {
    writer.byte(LIST)
    writer.uint(value.size)
    for (let at = 0; at < value.size; at++) writer.text(value.at(at))
  } else if (value instanceof SetValue) {
    writer.byte(SET)
    writer.uint(value.size)
    for (const member of value.members()) writer.text(member)
  } else if (value instanceof SortedSetValue) {
    writer.byte(SORTED_SET)
    writer.uint(value.size)
    for (const [member, score] of value.entries()) {
      writer.text(member)
      writer.double(score)
    }
  } else {
    writer.byte(STREAM)
    writeStream(writer, value)
  }
}

/** Throws RangeError when the bytes are not a value. */
export function readValue(reader: ByteReader): Value {
  switch (reader.byte()) {
    case STRING:
      return reader.text()
    case HASH:
      return readHash(reader)
    case LIST:
      return new ListValue(readTexts(reader))
    case SET:
      return new SetValue(readTexts(reader))
    case SORTED_SET:
      return readSortedSet(reader)
    case STREAM:
      return readStream(reader)
    default:
      throw new RangeError('an unknown type of value')
  }
}

function readTexts(reader: ByteReader): string[] {
  const texts: string[] = []
  for (let left = reader.count(TEXT_BYTES); left > 0; left--) texts.push(reader.text())
  return texts
}

function readHash(reader: ByteReader): HashValue {
  const hash = new HashValue()
  for (let left = reader.count(2 * TEXT_BYTES); left > 0; left--) {
    const field = reader.text()
    hash.set(field, reader.text())
  }
  return hash
}

function readSortedSet(reader: ByteReader): SortedSetValue {
  const pairs: [string, number][] = []
  for (let left = reader.count(TEXT_BYTES + 8); left > 0; left--) pairs.push([reader.text(), reader.double()])
  return new SortedSetValue(pairs)
}

/** stream = last max-deleted entries-added count*(id count*text) count*group */
function writeStream(writer: ByteWriter, stream: StreamValue): void {
  writeId(writer, stream.lastId)
  writeId(writer, stream.maxDeletedId)
  writer.double(stream.entriesAdded)
  const entries = stream.range(MIN_ID, MAX_ID, 0)
  writer.uint(entries.length)
  for (const entry of entries) {
    const pairs = entry.pairs ?? []
    writeId(writer, entry)
    writer.uint(pairs.length)
    for (const text of pairs) writer.text(text)
  }
  writer.uint(stream.groups.size)
  for (const group of stream.groups.values()) writeGroup(writer, group)
}

function readStream(reader: ByteReader): StreamValue {
  const stream = new StreamValue()
  const lastId = readId(reader)
  const maxDeletedId = readId(reader)
  const entriesAdded = reader.double()
  for (let left = reader.count(20); left > 0; left--) {
    const id = readId(reader)
    if (compareIds(id, stream.lastId) <= 0) throw new RangeError('entries of a stream out of order')
    stream.append(id, readTexts(reader))
  }
  stream.lastId = lastId
  stream.maxDeletedId = maxDeletedId
  stream.entriesAdded = entriesAdded
  for (let left = reader.count(TEXT_BYTES); left > 0; left--) {
    const group = readGroup(reader)
    stream.groups.set(group.name, group)
  }
  return stream
}

/** group = name last entries-read count*(name seen) count*(id place-of-consumer delivered deliveries); entries-read −1: not known */
function writeGroup(writer: ByteWriter, group: StreamGroup): void {
  writer.text(group.name)
  writeId(writer, group.lastId)
  writer.double(group.entriesRead ?? -1)
  writer.uint(group.consumers.size)
  const places = new Map<Consumer, number>()
  for (const consumer of group.consumers.values()) {
    places.set(consumer, places.size)
    writer.text(consumer.name)
    writer.double(consumer.seenAtMs)
  }
  writer.uint(group.pending.size)
  for (const pending of group.pending.from(MIN_ID)) {
    writeId(writer, pending)
    writer.uint(places.get(pending.consumer) ?? 0)
    writer.double(pending.deliveredAtMs)
    writer.double(pending.deliveries)
  }
}

function readGroup(reader: ByteReader): StreamGroup {
  const name = reader.text()
  const lastId = readId(reader)
  const entriesRead = reader.double()
  const group = new StreamGroup(name, lastId, entriesRead < 0 ? null : entriesRead)
  const consumers: Consumer[] = []
  for (let left = reader.count(TEXT_BYTES + 8); left > 0; left--) {
    const consumer = new Consumer(reader.text(), reader.double())
    consumers.push(consumer)
    group.consumers.set(consumer.name, consumer)
  }
  for (let left = reader.count(36); left > 0; left--) {
    const id = readId(reader)
    const consumer = consumers[reader.uint()]
    if (consumer === undefined) throw new RangeError('a pending entry without its consumer')
    group.deliver(id, consumer, reader.double()).deliveries = reader.double()
  }
  return group
}

function writeId(writer: ByteWriter, id: StreamId): void {
  writer.long(id.ms)
  writer.long(id.seq)
}

function readId(reader: ByteReader): StreamId {
  const ms = reader.long()
  return { ms, seq: reader.long() }
}
