import { describe, expect, it } from 'vitest'
import { decodeAssignment } from './assignment.ts'
import { CAPTURED } from './captured.ts'
import { Frames } from './frames.ts'
import { decodeResponse } from './message.ts'
import { describeGroups } from './messages/describe-groups.ts'
import { fetch } from './messages/fetch.ts'
import { Reader } from './reader.ts'
import { decodeBatchHeader, recordTimeAt } from './record-batch.ts'
import { WireError } from './wire-error.ts'
import { Writer } from './writer.ts'

const unhex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const body = (api: string, version: number): Uint8Array =>
  unhex(CAPTURED.find((each) => each.api === api && each.version === version)!.hex)

/** A batch of records at offsets 100, 101, 105 with times 1000, 1010, 1050. */
function batch({ attributes = 0, withRecords = true } = {}): Uint8Array {
  const records = new Writer()
  for (const [timestampDelta, offsetDelta] of [
    [0, 0],
    [10, 1],
    [50, 5],
  ] as const) {
    // biome-ignore format: pairs
    const record = new Writer()
    record.int8(0)
    record.varint(timestampDelta)
    record.varint(offsetDelta)
    record.bytes(new Uint8Array([1, 1, 0]))
    records.varint(record.written.byteLength)
    records.bytes(record.written)
  }
  const out = new Writer()
  out.int64(100)
  out.int32(49 + records.written.byteLength)
  out.int32(0)
  out.int8(2)
  out.uint32(0)
  out.int16(attributes)
  out.int32(5)
  out.int64(1000)
  out.int64(1050)
  out.int64(-1)
  out.int16(-1)
  out.int32(-1)
  out.int32(3)
  if (withRecords) out.bytes(records.written)
  return out.written
}

describe('the time of a record', () => {
  it('is read from the batch that a real Kafka returned', () => {
    const records = decodeResponse(fetch, 12, body('Fetch', 12)).responses[0]?.partitions[0]?.records
    const header = decodeBatchHeader(new Reader(records!))
    expect(header).toMatchObject({ baseOffset: 0, lastOffset: 9, codec: 0, timestampType: 'create', count: 10 })
    expect(recordTimeAt(records!, 7)).toEqual({
      timestamp: header.baseTimestamp,
      isExact: true,
      timestampType: 'create',
    })
  })

  it.each([
    [100, 1000],
    [101, 1010],
    [105, 1050],
    [90, 1000],
    [103, 1050],
  ])('at or after offset %i is exactly %i in an uncompressed batch', (offset, timestamp) => {
    expect(recordTimeAt(batch(), offset)).toEqual({ timestamp, isExact: true, timestampType: 'create' })
  })

  it('inside a compressed batch is an estimate between its two timestamps, and exact at its beginning', () => {
    expect(recordTimeAt(batch({ attributes: 1 }), 103)).toEqual({
      timestamp: 1030,
      isExact: false,
      timestampType: 'create',
    })
    expect(recordTimeAt(batch({ attributes: 1 }), 100)).toMatchObject({ timestamp: 1000, isExact: true })
  })

  it('is an estimate where the batch was cut short', () => {
    expect(recordTimeAt(batch({ withRecords: false }), 105)).toMatchObject({ timestamp: 1050, isExact: false })
  })

  it('of a batch stamped by the broker is that stamp', () => {
    expect(recordTimeAt(batch({ attributes: 8 }), 101)).toEqual({
      timestamp: 1050,
      isExact: true,
      timestampType: 'log-append',
    })
  })

  it('is null without bytes and for an offset past the batch', () => {
    expect(recordTimeAt(new Uint8Array(0), 100)).toBeNull()
    expect(recordTimeAt(batch(), 106)).toBeNull()
  })

  it('cannot be read from a batch of an old format, from half a header or from a ten-byte varint', () => {
    const old = batch()
    old[16] = 1
    expect(() => recordTimeAt(old, 100)).toThrow('record batch of format 1')
    expect(() => recordTimeAt(batch().subarray(0, 60), 100)).toThrow(WireError)
    const bomb = new Uint8Array([...batch({ withRecords: false }), ...new Array(11).fill(0xff)])
    expect(() => recordTimeAt(bomb, 101)).toThrow('varint longer than 5 bytes')
  })
})

describe('an assignment', () => {
  it('of a real member names its partitions', () => {
    const member = decodeResponse(describeGroups, 6, body('DescribeGroups', 6)).groups[0]?.members[0]
    expect(decodeAssignment(member!.memberAssignment)).toEqual([{ topic: 'orders', partitions: [0, 1] }])
  })

  it('of a member of a group that is not stable is empty', () => {
    expect(decodeAssignment(new Uint8Array(0))).toEqual([])
  })

  it('that announces more than it holds is refused', () => {
    expect(() => decodeAssignment(unhex('00017fffffff'))).toThrow('assignment: 2147483647 elements, 0 bytes left')
    expect(() => decodeAssignment(unhex('0001ffffffff'))).toThrow('assignment: -1 elements')
  })
})

describe('frames', () => {
  const frame = (payload: readonly number[]): number[] => [0, 0, 0, payload.length, ...payload]

  it('come out whole however the stream is cut', () => {
    const stream = [...frame([1, 2, 3, 4]), ...frame([5, 6, 7, 8, 9]), ...frame([1, 1, 1, 1])]
    for (let size = 1; size <= stream.length; size += 1) {
      const frames = new Frames(100)
      const out: number[][] = []
      for (let at = 0; at < stream.length; at += size) {
        for (const each of frames.push(Uint8Array.from(stream.slice(at, at + size)))) out.push([...each])
      }
      expect(out).toEqual([[1, 2, 3, 4], [5, 6, 7, 8, 9], [1, 1, 1, 1]]) // biome-ignore format: rows
    }
  })

  it('that announce too much, or less than nothing, are refused at the fourth byte', () => {
    expect(() => new Frames(1000).push(unhex('7fffffff'))).toThrow('frame of 2147483647 bytes, at most 1000')
    expect(() => new Frames(1000).push(unhex('ffffffff'))).toThrow('frame of -1 bytes: this is not Kafka')
  })
})
