import { Reader } from './reader.ts'
import { WireError } from './wire-error.ts'

/**
 * Header of a record batch of format 2 (61 bytes, never compressed): `baseOffset i64, batchLength i32,
 * partitionLeaderEpoch i32, magic i8, crc u32, attributes i16, lastOffsetDelta i32, baseTimestamp i64,
 * maxTimestamp i64, producerId i64, producerEpoch i16, baseSequence i32, count i32`.
 */
export interface BatchHeader {
  readonly baseOffset: number
  readonly lastOffset: number
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number
  readonly timestampType: 'create' | 'log-append'
  /** Markers of transactions, not records. */
  readonly isControl: boolean
  /** Unix ms; −1 = the producer gave none. With `log-append` every record has `maxTimestamp`. */
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly count: number
}

/** A record's time as far as the batch tells it undecompressed: `exact`, or within [baseTimestamp, maxTimestamp]. */
export interface RecordTime {
  readonly timestamp: number
  readonly isExact: boolean
  readonly timestampType: 'create' | 'log-append'
}

const MAGIC = 2

export function decodeBatchHeader(reader: Reader): BatchHeader {
  const baseOffset = reader.int64()
  reader.int32()
  reader.int32()
  const magic = reader.int8()
  if (magic !== MAGIC) throw new WireError(`record batch of format ${magic}: only 2 is read`)
  reader.uint32()
  const attributes = reader.int16()
  const lastOffset = baseOffset + reader.int32()
  const baseTimestamp = reader.int64()
  const maxTimestamp = reader.int64()
  reader.skip(8 + 2 + 4)
  const count = reader.int32()
  return {
    baseOffset,
    lastOffset,
    codec: attributes & 0x07,
    timestampType: (attributes & 0x08) === 0 ? 'create' : 'log-append',
    isControl: (attributes & 0x20) !== 0,
    baseTimestamp,
    maxTimestamp,
    count,
  }
}

/**
 * Time of the first record at or after `offset`, from bytes that begin with the batch holding it (as Fetch returns
 * them). Null when there is no batch or it holds no such record. Records are walked only where they are not compressed
 * and whole; otherwise the place of `offset` within the batch gives an estimate between its two timestamps.
 */
export function recordTimeAt(bytes: Uint8Array, offset: number): RecordTime | null {
  if (bytes.byteLength === 0) return null
  const reader = new Reader(bytes)
  const header = decodeBatchHeader(reader)
  const { baseOffset, lastOffset, baseTimestamp, maxTimestamp, timestampType } = header
  if (lastOffset < offset) return null
  const exact = (timestamp: number): RecordTime => ({ timestamp, isExact: true, timestampType })
  if (timestampType === 'log-append') return exact(maxTimestamp)
  if (offset <= baseOffset || baseTimestamp === maxTimestamp) return exact(baseTimestamp)
  if (header.codec === 0) {
    const delta = timestampDelta(reader, header, offset - baseOffset)
    if (delta !== null) return exact(baseTimestamp + delta)
  }
  const share = (offset - baseOffset) / Math.max(1, lastOffset - baseOffset)
  const timestamp = Math.round(baseTimestamp + share * (maxTimestamp - baseTimestamp))
  return { timestamp, isExact: false, timestampType }
}

/** Walks the records (`length varint, attributes i8, timestampDelta varlong, offsetDelta varint, …`); null when they end too early. */
function timestampDelta(reader: Reader, header: BatchHeader, wanted: number): number | null {
  for (let i = 0; i < header.count && reader.left > 0; i += 1) {
    const length = reader.varint()
    if (length > reader.left) return null
    const record = reader.slice(length, () => {
      reader.int8()
      return { timestampDelta: reader.varlong(), offsetDelta: reader.varint() }
    })
    if (record.offsetDelta >= wanted) return record.timestampDelta
  }
  return null
}
