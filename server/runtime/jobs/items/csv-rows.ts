import { isUtf8 } from 'node:buffer'
import { type CsvError, type Parser, parse } from 'csv-parse'
import { OpsError } from '../../../domain/errors.ts'

/** How the text is cut into rows and fields; every value is given. */
export interface CsvFormat {
  readonly separator: string
  readonly quote: string | null
  readonly escape: string
  readonly encoding: 'utf8' | 'latin1'
  readonly emptyLines: 'skip' | 'keep'
  /** Bytes in the file. */
  readonly rowBytesMax: number
  readonly fieldsMax: number
}

export interface Row {
  readonly fields: readonly string[]
  /** Offset of the first byte after the row and its line break. */
  readonly end: number
}

/**
 * Cuts bytes that begin at a row into rows. Errors are OpsErrors `malformed` that name the file, the row and the offset
 * of its first byte, never its content. Rows before an error are given first.
 */
export class RowReader {
  readonly #name: string
  readonly #format: CsvFormat
  readonly #parser: Parser
  readonly #began: number
  #rows: Row[] = []
  #fault: string | null = null
  /** Offset after the last whole row. */
  #end: number
  #fed: number
  /** Rows finished, counted from the start of the file; -1 = the header comes first. */
  #row: number
  /** The last bytes, when they are the beginning of a character. */
  #tail: Uint8Array = new Uint8Array(0)
  /** Some bytes since the last row were no UTF-8: the parser puts U+FFFD in their place. */
  #isSuspect = false

  constructor(name: string, format: CsvFormat, { at, row }: { readonly at: number; readonly row: number }) {
    this.#name = name
    this.#format = format
    this.#began = at
    this.#end = at
    this.#fed = at
    this.#row = row
    this.#parser = parse({
      delimiter: format.separator,
      quote: format.quote,
      escape: format.escape,
      encoding: format.encoding,
      record_delimiter: ['\r\n', '\n'],
      skip_empty_lines: format.emptyLines === 'skip',
      relax_column_count: true,
      columns: false,
      bom: false,
      // Both limits are ours: this one does not count separators.
      max_record_size: 0,
      on_record: (fields: string[], { bytes }) => {
        this.#add(fields, this.#began + bytes)
        return null
      },
    })
    // Told through the callback of each write.
    this.#parser.on('error', () => {})
  }

  /** @returns the rows that end in these bytes @param chunk null = the end of the file */
  async feed(chunk: Uint8Array | null): Promise<{ readonly rows: readonly Row[]; readonly error: OpsError | null }> {
    if (this.#format.encoding === 'utf8' && !this.#isSuspect) this.#isSuspect = !this.#isText(chunk)
    const before = this.#parser.info.empty_lines
    const error = await new Promise<Error | null>((resolve) => {
      if (chunk === null) this.#parser.end((failure?: Error | null) => resolve(failure ?? null))
      else this.#parser.write(chunk, (failure) => resolve(failure ?? null))
    })
    // Empty lines are no part of the row after them.
    if (this.#fault === null && this.#parser.info.empty_lines > before) this.#end = Math.max(this.#end, this.#fed)
    this.#fed += chunk?.length ?? 0
    if (error !== null) this.#fault ??= FAULTS[(error as CsvError).code] ?? `it cannot be parsed (${error.name})`
    if (this.#fed - this.#end > this.#format.rowBytesMax) this.#fault ??= this.#tooLong()
    const rows = this.#rows
    this.#rows = []
    return { rows, error: this.#fault === null ? null : this.#error(this.#fault) }
  }

  #add(fields: readonly string[], end: number): void {
    if (this.#fault !== null) return
    if (end - this.#end > this.#format.rowBytesMax) this.#fault = this.#tooLong()
    else if (fields.length > this.#format.fieldsMax) this.#fault = `it has more than ${this.#format.fieldsMax} fields`
    else if (this.#isSuspect && fields.some((field) => field.includes('\ufffd'))) this.#fault = NOT_UTF8
    else {
      this.#rows.push({ fields, end })
      this.#end = end
      this.#row += 1
    }
  }

  #tooLong(): string {
    return `it is longer than ${this.#format.rowBytesMax} bytes: a quote that is never closed, or another separator of lines?`
  }

  #error(fault: string): OpsError {
    const row = this.#row < 0 ? 'header' : `row ${this.#row + 1}`
    return new OpsError('malformed', 'fromCsv', `${this.#name}: ${row}, from byte ${this.#end}: ${fault}`)
  }

  /** Whether it is UTF-8 up to here; a character may go on in the next bytes, not after the last ones. */
  #isText(chunk: Uint8Array | null): boolean {
    if (chunk === null) return this.#tail.length === 0
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk])
    const whole = bytes.length - openBytes(bytes)
    this.#tail = bytes.subarray(whole)
    return isUtf8(bytes.subarray(0, whole))
  }
}

/** How many bytes at the end begin a character that is not complete: 0 to 3. */
function openBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number
    if (byte >> 6 === 0b10) continue
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return needs > back ? back : 0
  }
  return 0
}

const NOT_UTF8 = "it is not UTF-8; for a file of an older program give `encoding: 'latin1'`"

const FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'there is text after a closing quote',
  INVALID_OPENING_QUOTE: 'there is a quote inside a field that did not begin with one',
}
