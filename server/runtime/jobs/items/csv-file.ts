import { createHash } from 'node:crypto'
import { OpsError } from '../../../domain/errors.ts'
import type { ByteSource } from './byte-source.ts'
import { type CsvFormat, type Row, RowReader } from './csv-rows.ts'
import { within } from './deadline.ts'

/** Where an iteration over a CSV file stands. */
export interface CsvCursor {
  /** Offset of the first byte after the last finished row. */
  readonly at: number
  /** Rows finished since the start of the file, its header not counted. */
  readonly row: number
  /** Length and digest of the first bytes: what tells another file of the same name. */
  readonly head: string
}

export interface Reading {
  readonly source: ByteSource
  readonly format: CsvFormat
  readonly readTimeoutMs: number
  readonly signal: AbortSignal | undefined
}

const HEAD_BYTES = 4_096
const CHUNK_BYTES = 65_536
const BOM = Buffer.from([0xef, 0xbb, 0xbf])
const NEWLINE = 0x0a

/** A CSV file that was found to be the one that the cursor was made for. */
export interface OpenedCsv {
  readonly size: number
  readonly head: string
  /** Offset of its first row: after a byte order mark. */
  readonly start: number
}

/** Throws OpsError `invalid` when the file is not the one of the cursor any more, or is no UTF-8 text at all. */
export async function openCsv(reading: Reading, cursor: CsvCursor | null): Promise<OpenedCsv> {
  const { source } = reading
  const size = await guarded(reading, 'its size', () => source.size())
  const headBytes = cursor === null ? Math.min(HEAD_BYTES, size) : Number(/^\d+/.exec(cursor.head)?.[0] ?? 0)
  const first = await readExactly(reading, 0, Math.min(headBytes, HEAD_BYTES))
  const head = `${first.length}-${createHash('sha256').update(first).digest('hex').slice(0, 16)}`
  if (cursor !== null) await requireUnchanged(reading, cursor, { size, head })
  if (first.length > 1 && ((first[0] === 0xff && first[1] === 0xfe) || (first[0] === 0xfe && first[1] === 0xff))) {
    throw new OpsError('invalid', 'fromCsv', `${source.name}: it is UTF-16; convert it to UTF-8`)
  }
  return { size, head, start: BOM.equals(first.subarray(0, BOM.length)) ? BOM.length : 0 }
}

async function requireUnchanged(
  reading: Reading,
  { at, row, head }: CsvCursor,
  found: { readonly size: number; readonly head: string },
): Promise<void> {
  const changed = (what: string) => {
    const message = `${reading.source.name}: it changed since row ${row} was finished: ${what}`
    return new OpsError('invalid', 'fromCsv', `${message}; put the old file back, or start a new run`)
  }
  if (found.size < at) throw changed(`it has ${found.size} bytes, and the run stands at ${at}`)
  if (found.head !== head) throw changed('its first bytes are others')
  const before = at > 0 ? (await readExactly(reading, at - 1, 1))[0] : NEWLINE
  if (before !== NEWLINE && found.size > at) throw changed(`no row ends before byte ${at}`)
}

/** The rows from an offset on, as they come out of each piece that is read. What came before an error comes first. */
export async function* rowsFrom(
  reading: Reading,
  size: number,
  { at, row }: { readonly at: number; readonly row: number },
): AsyncGenerator<readonly Row[]> {
  const { source, format } = reading
  const reader = new RowReader(source.name, format, { at, row })
  for (let offset = at; ; ) {
    const chunk = await readSome(reading, offset, CHUNK_BYTES)
    offset += chunk.length
    if (chunk.length === 0 && offset < size) {
      throw new OpsError('invalid', 'fromCsv', `${source.name}: it was cut at byte ${offset} while it was read`)
    }
    const { rows, error } = await reader.feed(chunk.length === 0 ? null : chunk)
    if (rows.length > 0) yield rows
    if (error !== null) throw error
    if (chunk.length === 0) return
  }
}

/** May give less: where the bytes end. */
async function readExactly(reading: Reading, offset: number, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let at = 0; at < length; ) {
    const part = await readSome(reading, offset + at, length - at)
    if (part.length === 0) break
    parts.push(part)
    at += part.length
  }
  return Buffer.concat(parts)
}

async function readSome(reading: Reading, offset: number, length: number): Promise<Uint8Array> {
  const { source } = reading
  const part = await guarded(reading, `reading at byte ${offset}`, (signal) => source.read(offset, length, signal))
  if (part.length <= length) return part
  throw new OpsError('malformed', 'fromCsv', `${source.name}: it gave ${part.length} bytes, asked for ${length}`)
}

function guarded<Value>(
  { source, readTimeoutMs, signal }: Reading,
  what: string,
  work: (signal: AbortSignal) => Promise<Value> | Value,
): Promise<Value> {
  return within({ timeoutMs: readTimeoutMs, op: 'fromCsv', what: `${source.name}: ${what}`, signal }, work)
}
