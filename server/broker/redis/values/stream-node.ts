import { isInteger64 } from './integers.ts'
import type { IdPart, StreamId } from './stream-id.ts'

/** As Redis' `stream-node-max-entries` and `stream-node-max-bytes` stand by default: approximate trims cut whole nodes. */
export const NODE_ENTRIES_MAX = 100
const NODE_BYTES_MAX = 4096

/** One entry. A deleted one stays in its node without its pairs until the node goes. */
export class StreamEntry implements StreamId {
  readonly ms: IdPart
  readonly seq: IdPart
  /** Field, value, field, value …; null: deleted. */
  pairs: readonly string[] | null

  constructor(id: StreamId, pairs: readonly string[]) {
    this.ms = id.ms
    this.seq = id.seq
    this.pairs = pairs
  }
}

/** A run of neighbouring entries, cut where Redis would cut: what `~` removes depends on it, and clients see that. */
export class StreamNode {
  readonly entries: StreamEntry[] = []
  /** How many of the entries are not deleted. */
  live = 0
  /** What the node would take in Redis' packed form. */
  #bytes: number
  /** The pairs of the first entry: further ones with the same fields repeat only their values in Redis' packed form. */
  readonly #master: readonly string[]

  constructor(master: readonly string[]) {
    this.#master = master
    this.#bytes = 7 + 2 + 2 + packedNumber(master.length / 2) + 2
    for (let at = 0; at < master.length; at += 2) this.#bytes += packedText(master[at] as string)
  }

  canTake(pairs: readonly string[]): boolean {
    if (this.entries.length >= NODE_ENTRIES_MAX) return false
    let bytes = this.#bytes
    for (let at = 0; at < pairs.length; at++) bytes += (pairs[at] as string).length
    return bytes < NODE_BYTES_MAX
  }

  push(entry: StreamEntry, pairs: readonly string[]): void {
    this.entries.push(entry)
    this.live++
    const first = this.entries[0] as StreamEntry
    const fields = pairs.length / 2
    const isSame = sameFields(this.#master, pairs)
    let bytes =
      2 + packedNumber(Number(entry.ms) - Number(first.ms)) + packedNumber(Number(entry.seq) - Number(first.seq))
    bytes += isSame ? packedNumber(fields + 3) : packedNumber(fields) + packedNumber(2 * fields + 4)
    for (let at = isSame ? 1 : 0; at < pairs.length; at += isSame ? 2 : 1) bytes += packedText(pairs[at] as string)
    this.#bytes += bytes
  }
}

function sameFields(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at += 2) if (a[at] !== b[at]) return false
  return true
}

/** Bytes of an integer in a listpack, its backward length included. */
function packedNumber(value: number): number {
  if (value >= 0 && value <= 127) return 2
  if (value >= -4096 && value <= 4095) return 3
  if (value >= -32768 && value <= 32767) return 4
  if (value >= -8388608 && value <= 8388607) return 5
  return value >= -2147483648 && value <= 2147483647 ? 6 : 10
}

/** Bytes of a text in a listpack, its backward length included; the text of an integer is kept as one. */
function packedText(text: string): number {
  const length = text.length
  if (length <= 20 && isInteger64(text)) return packedNumber(Number(text))
  const bytes = length < 64 ? 1 + length : length < 4096 ? 2 + length : 5 + length
  return bytes + (bytes <= 127 ? 1 : bytes < 16383 ? 2 : bytes < 2097151 ? 3 : bytes < 268435455 ? 4 : 5)
}

/** How many nodes Redis' radix tree has over these ids (big-endian keys of 16 bytes), given in order. */
export function radixNodes(ids: readonly StreamId[]): number {
  if (ids.length === 0) return 1
  // Depths of the open branches on the path to the last key. Each branch and leaf is a node, and one more where bytes are skipped to it.
  const open: number[] = []
  let nodes = 0
  let before = keyBytes(ids[0] as StreamId)
  const close = (depth: number, parent: number) => {
    nodes += depth > parent + 1 ? 2 : 1
  }
  for (let at = 1; at <= ids.length; at++) {
    const next = at < ids.length ? keyBytes(ids[at] as StreamId) : null
    const shared = next === null ? -1 : sharedBytes(before, next)
    let child = 16
    while ((open.at(-1) ?? -1) > shared) {
      const parent = open.pop() as number
      close(child, parent)
      child = parent
    }
    if ((open.at(-1) ?? -1) < shared) open.push(shared)
    close(child, shared)
    if (next !== null) before = next
  }
  return nodes
}

function sharedBytes(a: Uint8Array, b: Uint8Array): number {
  let at = 0
  while (at < 16 && a[at] === b[at]) at++
  return at
}

function keyBytes(id: StreamId): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(id.ms))
  view.setBigUint64(8, BigInt(id.seq))
  return bytes
}
