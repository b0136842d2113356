import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { entriesOf, expectEveryStop } from '../../../../test/support/every-stop.ts'
import { seeded } from '../../../domain/seeded.ts'
import type { ByteSource } from './byte-source.ts'
import { type CsvOptions, countCsv, fromCsv } from './csv.ts'
import type { CsvCursor } from './csv-file.ts'

const SEED = Number(process.env.SLUICE_SEED ?? 20_261_121)

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-csv-'))
  path = join(folder, 'orders.csv')
})
afterEach(() => rm(folder, { recursive: true }))

/** Bytes in memory that come in pieces as small as wished. */
function bytes(text: string | Buffer, pieceMax: () => number = () => 65_536): ByteSource & { readonly closed: number } {
  const all = Buffer.from(text as string)
  const source = {
    name: 'memory.csv',
    closed: 0,
    size: () => all.length,
    read: (offset: number, length: number) => all.subarray(offset, offset + Math.min(length, pieceMax())),
    close: () => {
      source.closed += 1
    },
  }
  return source
}

const itemsOf = async (source: string | ByteSource, options: CsvOptions = {}) =>
  (await entriesOf(fromCsv(source, null, options))).map(({ item }) => item)

test(`random files in random pieces resume at every row and batch (seed ${SEED})`, async () => {
  const chance = seeded(SEED)
  const below = (limit: number) => Math.floor(chance() * limit)
  const pick = <One>(some: readonly One[]) => some[below(some.length)] as One
  for (let round = 0; round < 150; round += 1) {
    const separator = pick([',', ';', '\t', '||'])
    const letters = ['a', 'ü', '漢', '😀', '"', separator, '\n', '\r\n', '\r', ' ', '']
    const width = 1 + below(3)
    const rows = Array.from({ length: below(7) }, () =>
      Array.from({ length: width }, () => Array.from({ length: below(5) }, () => pick(letters)).join('')),
    )
    const quoted = (field: string) =>
      /["\n\r|]/.test(field) || field.includes(separator) || field === '' || chance() < 0.2
        ? `"${field.replaceAll('"', '""')}"`
        : field
    const names = Array.from({ length: width }, (_, n) => `n${n}`)
    const hasHeader = chance() < 0.5
    const lines = [...(hasHeader ? [names] : []), ...rows].map((row) => row.map(quoted).join(separator))
    let text = pick(['', '\ufeff'])
    for (const [n, line] of lines.entries()) {
      const isLast = n === lines.length - 1
      text +=
        (chance() < 0.2 ? pick(['\n', '\r\n']) : '') + line + (isLast && chance() < 0.5 ? '' : pick(['\n', '\r\n']))
    }
    const source = () => bytes(text, () => 1 + below(9))
    const options = { separator, header: hasHeader ? true : pick([false, names]) }
    const expected =
      options.header === false ? rows : rows.map((row) => Object.fromEntries(row.map((f, n) => [`n${n}`, f])))

    const entries = await expectEveryStop((cursor: CsvCursor | null) => fromCsv(source(), cursor, options))
    expect(entries.map(({ item }) => item)).toEqual(expected)
    expect(entries.map(({ cursor }) => cursor.row)).toEqual(rows.map((_, n) => n + 1))
    expect(await countCsv(source(), options)).toBe(rows.length)

    const batch = 1 + below(3)
    const batches = await expectEveryStop((cursor: CsvCursor | null) =>
      fromCsv(source(), cursor, { ...options, batch }),
    )
    expect(batches.flatMap(({ item }) => item)).toEqual(expected)
    expect(batches).toHaveLength(Math.ceil(rows.length / batch))
  }
})

test('a file is read by header, as arrays, by given names and in batches', async () => {
  await writeFile(path, 'id,name\n1,"Ann, ""the first"""\r\n2,Bo')
  const ann = 'Ann, "the first"'
  expect(await itemsOf(path)).toEqual([
    { id: '1', name: ann },
    { id: '2', name: 'Bo' },
  ])
  expect(await itemsOf(path, { header: false })).toEqual([
    ['id', 'name'],
    ['1', ann],
    ['2', 'Bo'],
  ])
  expect((await itemsOf(path, { header: ['x', 'y'] }))[1]).toEqual({ x: '1', y: ann })
  for await (const { item, cursor } of fromCsv(path, null, { batch: 500 })) {
    expect(item[1]?.name).toBe('Bo')
    expect(cursor).toMatchObject({ row: 2 })
  }
  for await (const { item } of fromCsv(path, null, { header: false, batch: 1 })) expect(item[0]?.[0]).toMatch(/id|1|2/)
})

test('names of Object.prototype are only names', async () => {
  const [item] = await itemsOf(bytes('__proto__,constructor\na,b\n'))
  expect(Object.entries(item as object)).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
  expect(({} as Record<string, unknown>).a).toBeUndefined()
})

test.each([
  ['nothing', '', {}, []],
  ['a mark alone', '\ufeff', {}, []],
  ['a header alone', 'a,b', {}, []],
  ['empty lines, passed over', 'a\n\n1\n\n\n2\n\n', {}, [{ a: '1' }, { a: '2' }]],
  ['empty lines, kept', 'a\n\n1\n', { emptyLines: 'keep' }, [{ a: '' }, { a: '1' }]],
  ['another escape', 'a\n"x\\"y"\n', { escape: '\\' }, [{ a: 'x"y' }]],
  ['no quotes', 'a\n"x\n', { quote: null }, [{ a: '"x' }]],
  ['rows of any length, as arrays', 'a\n1,2\n\n3,4,5', { header: false }, [['a'], ['1', '2'], ['3', '4', '5']]],
] as const)('%s', async (_, text, options, items) => {
  expect(await itemsOf(bytes(text), options)).toEqual(items)
})

test('Latin 1 is read when it is said', async () => {
  expect(await itemsOf(bytes(Buffer.from('a\nM\xfcller\n', 'latin1')), { encoding: 'latin1' })).toEqual([
    { a: 'Müller' },
  ])
})

test.each([
  [
    'a row that is too long',
    `a\n1\n${'x'.repeat(300)}\n2\n`,
    { rowBytesMax: 200 },
    1,
    'row 2, from byte 4: it is longer than 200 bytes',
  ],
  [
    'a quote that is never closed, in a long file',
    `a\n1\n"${'x\n'.repeat(500)}`,
    { rowBytesMax: 200 },
    1,
    'row 2, from byte 4: it is longer than',
  ],
  ['a quote that is never closed', 'a\n1\n"x', {}, 1, 'row 2, from byte 4: a quote is never closed'],
  [
    'separators without end',
    `a\n1\n${','.repeat(999)}`,
    { header: false, rowBytesMax: 500 },
    2,
    'row 3, from byte 4: it is longer',
  ],
  [
    'too many fields',
    'a\n1,2,3\n',
    { header: false, fieldsMax: 2 },
    1,
    'row 2, from byte 2: it has more than 2 fields',
  ],
  ['a row with too few fields', 'a,b\n1,2\n3\n4,5\n', {}, 1, 'row 2, from byte 8: 1 fields for 2 names'],
  ['text after a quote', 'a\n1\n"x"y\n2\n', {}, 1, 'row 2, from byte 4: there is text after a closing quote'],
  ['a quote within', 'a\n1\nx"y\n', {}, 1, 'row 2, from byte 4: there is a quote inside'],
  ['another encoding', Buffer.from('a\nb\n\xfc\nc', 'latin1'), {}, 1, 'row 2, from byte 4: it is not UTF-8'],
  ['half a character at the end', Buffer.from('a\nb\n\xc3', 'latin1'), {}, 1, 'row 2, from byte 4: it is not UTF-8'],
  [
    'a header that is too long',
    `${'x'.repeat(300)}\n1\n`,
    { rowBytesMax: 200 },
    0,
    'header, from byte 0: it is longer',
  ],
  ['a name twice', 'a,b,a\n1,2,3\n', {}, 0, 'two fields are named "a"'],
  ['UTF-16', Buffer.from('\ufeffa\n1\n', 'utf16le'), {}, 0, 'it is UTF-16'],
] as const)(
  '%s is an error that names the place, after the rows before it',
  async (_, text, options, before, message) => {
    for (const piece of [65_536, 1, 3]) {
      const source = bytes(text as string, () => piece)
      const seen: unknown[] = []
      const reading = (async () => {
        for await (const { item } of fromCsv(source, null, options)) seen.push(item)
      })()
      await expect(reading).rejects.toThrow(`memory.csv: ${message}`)
      expect(seen).toHaveLength(before)
      expect(source.closed).toBe(1)
    }
  },
)

test('empty lines do not count for the length of the row after them', async () => {
  const text = `a\n${'\n'.repeat(1_000)}1\n`
  expect(
    await itemsOf(
      bytes(text, () => 64),
      { rowBytesMax: 200 },
    ),
  ).toEqual([{ a: '1' }])
})

test('a file that is another one by now is refused, and one that only grew goes on', async () => {
  const text = 'id\n1\n2\n3\n'
  await writeFile(path, text)
  const cursor = (await entriesOf(fromCsv(path, null)))[1]?.cursor as CsvCursor
  const rest = async () => (await entriesOf(fromCsv(path, cursor))).map(({ item }) => item.id)
  expect(await rest()).toEqual(['3'])
  const grown = `${text}4\n`
  await writeFile(path, grown)
  expect(await rest()).toEqual(['3', '4'])
  await writeFile(path, 'id\n9\n2\n3\n4\n')
  await expect(rest()).rejects.toThrow(/orders\.csv: it changed since row 2 was finished: its first bytes are others/)
  await writeFile(path, text)
  await truncate(path, 5)
  await expect(rest()).rejects.toThrow(/it has 5 bytes, and the run stands at 7/)
  await rm(path)
  await expect(rest()).rejects.toThrow(/there is no such file/)
})

test('an edit beyond the first bytes is refused when no row ends at the cursor any more', async () => {
  const row = `${'x'.repeat(99)}\n`
  await writeFile(path, row.repeat(100))
  const { cursor } = (await entriesOf(fromCsv(path, null, { header: false })))[79] ?? {}
  await writeFile(path, `${row.repeat(60)}y${row}${row.repeat(39)}`)
  await expect(entriesOf(fromCsv(path, cursor as CsvCursor, { header: false }))).rejects.toThrow(
    /no row ends before byte 8000/,
  )
})

test('a last row without a line break that was later continued is not taken for a new row', async () => {
  await writeFile(path, 'id\n1\n2')
  const cursor = (await entriesOf(fromCsv(path, null))).at(-1)?.cursor as CsvCursor
  expect(await entriesOf(fromCsv(path, cursor))).toEqual([])
  await appendFile(path, '34\n')
  await expect(entriesOf(fromCsv(path, cursor))).rejects.toThrow(/no row ends before byte 6/)
})

test('a file that is cut while it is read is an error, not an end', async () => {
  const source = { ...bytes('id\n1\n2\n', () => 5), size: () => 100 }
  await expect(entriesOf(fromCsv(source, null))).rejects.toThrow('it was cut at byte 7 while it was read')
})

test('resuming reads nothing between the header and the cursor', async () => {
  const source = bytes(`id\n${Array.from({ length: 40_000 }, (_, n) => n).join('\n')}\n`)
  const asked: number[] = []
  const watched: ByteSource = {
    ...source,
    read: (offset, length, signal) => {
      asked.push(offset)
      return source.read(offset, length, signal)
    },
  }
  let cursor: CsvCursor | null = null
  for await (const entry of fromCsv(watched, null)) if (entry.cursor.row === 30_000) cursor = entry.cursor
  asked.length = 0
  const rest = await entriesOf(fromCsv(watched, cursor))
  expect(rest[0]?.item).toEqual({ id: '30000' })
  expect(rest).toHaveLength(10_000)
  const at = (cursor as unknown as CsvCursor).at
  expect(asked.filter((offset) => offset > 4_096 && offset < at - 1)).toEqual([])
})

test('a read that never comes back ends at its deadline, and with the execution', async () => {
  const hanging: ByteSource = { ...bytes('a\n1\n'), read: () => new Promise(() => {}) }
  await expect(entriesOf(fromCsv(hanging, null, { readTimeoutMs: 5 }))).rejects.toMatchObject({ code: 'timeout' })
  const execution = new AbortController()
  const reading = entriesOf(fromCsv(hanging, null, { signal: execution.signal }))
  execution.abort()
  await expect(reading).rejects.toMatchObject({ code: 'closed' })
})

test.each([
  [{ separator: '' }, /separator/],
  [{ separator: '"' }, /the same/],
  [{ quote: '\n' }, /quote/],
  [{ rowBytesMax: 0 }, /rowBytesMax/],
  [{ fieldsMax: 1.5 }, /fieldsMax/],
  [{ header: ['a', 'a'] }, /two fields/],
])('%j are no options', async (options, message) => {
  await expect(itemsOf(bytes('a\n'), options)).rejects.toThrow(message)
})

test('a folder is no file', async () => {
  await expect(itemsOf(folder)).rejects.toMatchObject({ code: 'invalid' })
})
