import { Reader } from './reader.ts'
import { WireError } from './wire-error.ts'

export interface AssignedTopic {
  readonly topic: string
  readonly partitions: readonly number[]
}

/**
 * The partitions in a classic member's assignment: `version i16, [topic string, [partition i32]], user data bytes`.
 * Empty bytes (the group is not Stable) = []. Throws WireError on anything else; what follows the topics is not read,
 * because its meaning is the assignor's own.
 */
export function decodeAssignment(bytes: Uint8Array): readonly AssignedTopic[] {
  if (bytes.byteLength === 0) return []
  const reader = new Reader(bytes)
  reader.int16()
  const topics = count(reader, 6)
  const out: AssignedTopic[] = []
  for (let i = 0; i < topics; i += 1) {
    const topic = reader.text(reader.int16())
    const length = count(reader, 4)
    const partitions: number[] = []
    for (let j = 0; j < length; j += 1) partitions.push(reader.int32())
    out.push({ topic, partitions })
  }
  return out
}

function count(reader: Reader, smallest: number): number {
  const length = reader.int32()
  if (length < 0 || length * smallest > reader.left) {
    throw new WireError(`assignment: ${length} elements, ${reader.left} bytes left`)
  }
  return length
}
