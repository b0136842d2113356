/** One frame of the journal: count*(db count*text), the database one byte, counts 32 bits. */
import { ByteReader } from './bytes.ts'
import type { Effect } from './journal-port.ts'

export function frameBytes(frame: readonly Effect[]): number {
  let bytes = 4
  for (let at = 0; at < frame.length; at++) {
    const { args } = frame[at] as Effect
    bytes += 5 + 4 * args.length
    for (let place = 0; place < args.length; place++) bytes += (args[place] as string).length
  }
  return bytes
}

/** Writes as many bytes as `frameBytes` told. */
export function writeFrame(frame: readonly Effect[], buffer: Buffer, offset: number): void {
  let to = buffer.writeUInt32LE(frame.length, offset)
  for (let at = 0; at < frame.length; at++) {
    const { db, args } = frame[at] as Effect
    buffer[to] = db
    to = buffer.writeUInt32LE(args.length, to + 1)
    for (let place = 0; place < args.length; place++) {
      const text = args[place] as string
      to = buffer.writeUInt32LE(text.length, to)
      if (text.length > 0) to += buffer.write(text, to, 'latin1')
    }
  }
}

/** Throws RangeError when the bytes are not a frame. */
export function readFrame(payload: Buffer): readonly Effect[] {
  const reader = new ByteReader(payload)
  const frame: Effect[] = []
  for (let left = reader.count(5); left > 0; left--) {
    const db = reader.byte()
    const args: string[] = []
    for (let parts = reader.count(4); parts > 0; parts--) args.push(reader.text())
    frame.push({ db, args })
  }
  if (!reader.isAtEnd) throw new RangeError('more bytes than a frame has')
  return frame
}
