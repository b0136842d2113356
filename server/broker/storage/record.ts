/**
 * How journals and snapshots keep their pieces:
 *
 *   record = length checksum payload
 *
 * length: bytes of the payload, at least 1, 32 bits, little-endian; checksum: CRC-32 of the payload, begun with the length instead of 0, 32
 * bits. So a length that changed is found out too.
 */
import { crc32 } from 'node:zlib'
import type { DiskFile } from './disk.ts'

export const HEADER_BYTES = 8
/** One payload; more cannot be one piece in a Buffer of every Node we run on. */
export const PAYLOAD_BYTES_MAX = 2 ** 31 - 1 - HEADER_BYTES
const CHUNK_BYTES = 4 * 1024 * 1024
/** Looking for good records behind a bad one reads at most so many bytes; then the damage counts as one in the middle. */
const SEARCH_BYTES_MAX = 256 * 1024 * 1024

/** Fills in the header of a record whose payload stands behind it. @param at where the header begins */
export function seal(buffer: Buffer, at: number, payloadBytes: number): void {
  buffer.writeUInt32LE(payloadBytes, at)
  buffer.writeUInt32LE(checksum(buffer, at, payloadBytes), at + 4)
}

function checksum(buffer: Buffer, at: number, payloadBytes: number): number {
  const start = at + HEADER_BYTES
  return crc32(buffer.subarray(start, start + payloadBytes), payloadBytes)
}

/** What reading a file came to. Offsets in bytes. */
export interface ReadEnd {
  /** Where the good records end; the file's size if nothing is wrong. */
  readonly end: number
  /** null: nothing is wrong. `torn`: the last record was not written whole. `middle`: there are good records behind the bad one. */
  readonly damage: 'torn' | 'middle' | null
  /** For `middle`: where the next good record begins. */
  readonly next: number | null
}

/**
 * Hands the payloads out in order, from an offset to the first that is bad. A payload is valid during the call only.
 */
export function readRecords(file: DiskFile, from: number, take: (payload: Buffer) => void): ReadEnd {
  const size = file.size()
  let chunk: Buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(size - from, HEADER_BYTES)))
  let chunkAt = from
  let filled = file.read(chunk, from)
  let at = from
  while (at < size) {
    if (at + HEADER_BYTES > chunkAt + filled) {
      filled = file.read(chunk, at)
      chunkAt = at
      if (filled < HEADER_BYTES) return badEnd(file, at, size)
    }
    const length = chunk.readUInt32LE(at - chunkAt)
    const whole = HEADER_BYTES + length
    if (length === 0 || length > PAYLOAD_BYTES_MAX || at + whole > size) return badEnd(file, at, size)
    if (at + whole > chunkAt + filled) {
      if (whole > chunk.length) chunk = Buffer.allocUnsafe(whole)
      filled = file.read(chunk, at)
      chunkAt = at
      if (filled < whole) return badEnd(file, at, size)
    }
    const start = at - chunkAt
    if (chunk.readUInt32LE(start + 4) !== checksum(chunk, start, length)) return badEnd(file, at, size)
    take(chunk.subarray(start + HEADER_BYTES, start + whole))
    at += whole
  }
  return { end: at, damage: null, next: null }
}

/** A bad record with a good one behind it is damage; a bad one at the end was torn off. */
function badEnd(file: DiskFile, bad: number, size: number): ReadEnd {
  const window = Buffer.allocUnsafe(Math.min(size - bad, SEARCH_BYTES_MAX))
  const filled = file.read(window, bad)
  let budget = SEARCH_BYTES_MAX
  for (let at = 1; at + HEADER_BYTES < filled; at++) {
    const length = window.readUInt32LE(at)
    if (length === 0 || at + HEADER_BYTES + length > filled) continue
    budget -= length
    if (budget < 0) return { end: bad, damage: 'middle', next: null }
    if (window.readUInt32LE(at + 4) === checksum(window, at, length))
      return { end: bad, damage: 'middle', next: bad + at }
  }
  const isUnsearched = filled < size - bad
  return { end: bad, damage: isUnsearched ? 'middle' : 'torn', next: null }
}
