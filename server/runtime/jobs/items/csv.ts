import { OpsError } from '../../../domain/errors.ts'
import type { Entry } from '../iterating.ts'
import { inBatches } from './batches.ts'
import { type ByteSource, fileBytes } from './byte-source.ts'
import { type CsvCursor, type OpenedCsv, openCsv, type Reading, rowsFrom } from './csv-file.ts'
import type { CsvFormat } from './csv-rows.ts'

export interface CsvOptions {
  /**
   * True: the first row names the fields, and items are objects by those names. Names: the file has no such row.
   * False: items are arrays of fields. With names every row must have as many fields as there are names. (Default: true)
   */
  readonly header?: boolean | readonly string[]
  /** Items are arrays of so many rows, the last one of the rest; one cursor for each. (Default: each row is an item) */
  readonly batch?: number
  /** Between two fields. (Default: `,`) */
  readonly separator?: string
  /** Around fields that hold separators, line breaks or quotes. Null = a quote is a character like any. (Default: `"`) */
  readonly quote?: string | null
  /** Before a quote inside quotes. (Default: the quote itself) */
  readonly escape?: string
  /** Of the file. Bytes that are no UTF-8 are an error. (Default: `utf8`; a byte order mark is not data) */
  readonly encoding?: 'utf8' | 'latin1'
  /** Whether a line with nothing in it is passed over, or is a row of one empty field. (Default: `skip`) */
  readonly emptyLines?: 'skip' | 'keep'
  /** Longest row, bytes. (Default: 1,048,576) */
  readonly rowBytesMax?: number
  /** Most fields in a row. (Default: 10,000) */
  readonly fieldsMax?: number
  /** For each read of up to 64 KiB, ms. (Default: 30,000) */
  readonly readTimeoutMs?: number
  /** Ends a read that hangs: give it `context.signal`. */
  readonly signal?: AbortSignal
}

/** A row as the options ask for it: fields by name, or in order. */
export type CsvRow<Options extends CsvOptions> = Options extends { readonly header: false }
  ? readonly string[]
  : Readonly<Record<string, string>>

export type CsvItem<Options extends CsvOptions> = Options extends { readonly batch: number }
  ? readonly CsvRow<Options>[]
  : CsvRow<Options>

/**
 * The rows of a CSV file (RFC 4180; lines end in LF or CRLF, also mixed). It goes on by seeking to a byte offset, however
 * far that is, and it reads 64 KiB at a time. Fields are strings as they stand; casting them is the job's affair.
 *
 *     items: ({ path }, cursor: CsvCursor | null, { signal }) => fromCsv(path, cursor, { batch: 500, signal }),
 *     total: async ({ path }) => Math.ceil((await countCsv(path)) / 500),
 *
 * The file must be complete before the first execution, and the options the same in all. Every worker must see it: a
 * path on one machine is not enough for two. Throws OpsError
 * - `invalid` when the file is not the one that the cursor was made for: shorter, other first 4 KiB, or no row ends at
 *   the cursor (an edit further on that leaves a line break there is not noticed); or when the options are wrong
 * - `malformed` for what is no CSV, naming file, row (from 1, header not counted) and byte offset, never the content
 * - `not-found`, `refused`, `timeout`, `unreachable` when it cannot be read
 * @param source a path, or anything that can be read from an offset on
 */
export async function* fromCsv<const Options extends CsvOptions>(
  source: string | URL | ByteSource,
  cursor: CsvCursor | null,
  options: Options = {} as Options,
): AsyncGenerator<Entry<CsvItem<Options>, CsvCursor>> {
  const rows = rowsOf(source, cursor, options)
  if (options.batch === undefined) yield* rows as AsyncGenerator<Entry<CsvItem<Options>, CsvCursor>>
  else yield* inBatches(rows, options.batch) as AsyncGenerator<Entry<CsvItem<Options>, CsvCursor>>
}

/**
 * How many rows `fromCsv` will give, batches not counted: reads the whole file once, by the same rules and with the same
 * errors. For `total`; it runs once for each run, in the time that reading takes (some 100,000 rows a second).
 */
export async function countCsv(source: string | URL | ByteSource, options: CsvOptions = {}): Promise<number> {
  const reading = readingOf(source, options)
  try {
    const file = await openCsv(reading, null)
    const { at } = await headerOf(reading, file, options)
    let count = 0
    for await (const rows of rowsFrom(reading, file.size, { at, row: 0 })) count += rows.length
    return count
  } finally {
    await reading.source.close?.()
  }
}

async function* rowsOf(
  source: string | URL | ByteSource,
  cursor: CsvCursor | null,
  options: CsvOptions,
): AsyncGenerator<Entry<readonly string[] | Readonly<Record<string, string>>, CsvCursor>> {
  const reading = readingOf(source, options)
  try {
    const file = await openCsv(reading, cursor)
    const { names, at: first } = await headerOf(reading, file, options)
    let { at, row } = cursor ?? { at: first, row: 0 }
    for await (const rows of rowsFrom(reading, file.size, { at, row })) {
      for (const { fields, end } of rows) {
        if (names !== null && fields.length !== names.length) {
          const place = `${reading.source.name}: row ${row + 1}, from byte ${at}`
          throw new OpsError('malformed', 'fromCsv', `${place}: ${fields.length} fields for ${names.length} names`)
        }
        at = end
        row += 1
        yield { item: names === null ? fields : byName(names, fields), cursor: { at, row, head: file.head } }
      }
    }
  } finally {
    await reading.source.close?.()
  }
}

/** The names of the fields (null = rows stay arrays), and where the rows begin. */
async function headerOf(
  reading: Reading,
  { size, start }: OpenedCsv,
  { header = true }: CsvOptions,
): Promise<{ readonly names: readonly string[] | null; readonly at: number }> {
  if (header === false) return { names: null, at: start }
  if (header !== true) return { names: distinct(header, 'header'), at: start }
  for await (const [first] of rowsFrom(reading, size, { at: start, row: -1 })) {
    if (first !== undefined) return { names: distinct(first.fields, reading.source.name), at: first.end }
  }
  return { names: [], at: size }
}

function distinct(names: readonly string[], where: string): readonly string[] {
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice === undefined) return names
  const message = `${where}: two fields are named "${twice.slice(0, 80)}"; give names of your own, or \`header: false\``
  throw new OpsError('invalid', 'fromCsv', message)
}

/** Defines each name, where an assignment to `__proto__` would not. */
function byName(names: readonly string[], fields: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, at) => [name, fields[at] as string]))
}

function readingOf(source: string | URL | ByteSource, options: CsvOptions): Reading {
  const { separator = ',', quote = '"', encoding = 'utf8', emptyLines = 'skip' } = options
  const { rowBytesMax = 1_048_576, fieldsMax = 10_000, readTimeoutMs = 30_000, signal } = options
  const mark = options.escape ?? quote ?? '"'
  const format: CsvFormat = { separator, quote, escape: mark, encoding, emptyLines, rowBytesMax, fieldsMax }
  requireFormat(format)
  const isPlace = typeof source === 'string' || source instanceof URL
  return { source: isPlace ? fileBytes(source) : source, format, readTimeoutMs, signal }
}

function requireFormat({ separator, quote, escape: mark, rowBytesMax, fieldsMax }: CsvFormat): void {
  const isMark = (text: string) => text !== '' && text.length <= 8 && !/[\r\n]/.test(text)
  const fault =
    (!isMark(separator) && 'separator: expected 1 to 8 characters without line breaks') ||
    (quote !== null && !isMark(quote) && 'quote: expected 1 to 8 characters without line breaks, or null') ||
    (!isMark(mark) && 'escape: expected 1 to 8 characters without line breaks') ||
    (separator === quote && 'separator and quote: they are the same') ||
    (!(Number.isSafeInteger(rowBytesMax) && rowBytesMax > 0) && 'rowBytesMax: expected an integer from 1') ||
    (!(Number.isSafeInteger(fieldsMax) && fieldsMax > 0) && 'fieldsMax: expected an integer from 1')
  if (fault) throw new OpsError('invalid', 'fromCsv', fault)
}
