import { expect, test } from 'vitest'
import { manualTimers } from '../../../test/support/manual-timers.ts'
import { type MemoryDisk, memoryDisk } from '../../../test/support/memory-disk.ts'
import { JournalFile } from './journal.ts'
import { type Manifest, readManifest, replayJournal, segmentPath, writeManifest } from './recover.ts'
import { StorageError } from './storage-error.ts'

const FOLDER = '/data'
const FIRST = segmentPath(FOLDER, 1)
const TEXTS = ['a', 'second record', '', 'x'.repeat(40), 'the last one'].map((text) => `#${text}`)

function journalOn(disk: MemoryDisk, size: number | null = null): JournalFile {
  const options = {
    disk,
    timers: manualTimers(),
    mode: 'written',
    folder: FOLDER,
    onTrouble: () => {},
  } as const
  return new JournalFile(options, 1, size)
}

function append(journal: JournalFile, text: string): void {
  const { buffer, offset } = journal.reserve(text.length)
  buffer.write(text, offset, 'latin1')
  journal.commit(text.length)
}

/** Five records, and where each ends. */
function smallJournal(): { readonly bytes: Buffer; readonly ends: readonly number[] } {
  const disk = memoryDisk()
  const journal = journalOn(disk)
  const ends = TEXTS.map((text) => {
    append(journal, text)
    return journal.bytes
  })
  journal.flush()
  return { bytes: disk.files.get(FIRST)!, ends }
}

function reopened(bytes: Buffer, passDamage: ((what: string) => void) | null = null, manifest: Manifest | null = null) {
  const texts: string[] = []
  const disk = memoryDisk([[FIRST, bytes]])
  const take = (payload: Buffer) => texts.push(payload.toString('latin1'))
  return { ...replayJournal({ disk, folder: FOLDER, manifest, passDamage, take }), texts }
}

test('a journal gives back what was appended, in order', () => {
  const { bytes } = smallJournal()
  expect(reopened(bytes)).toMatchObject({ texts: TEXTS, cut: null, tail: { segment: 1, bytes: bytes.length } })
})

test('a journal cut off at any byte opens with every whole record, and tells what was torn off', () => {
  const { bytes, ends } = smallJournal()
  for (let size = 0; size < bytes.length; size++) {
    const whole = ends.filter((end) => end <= size)
    const good = whole.at(-1) ?? 0
    const { texts, cut, tail } = reopened(bytes.subarray(0, size))
    expect(texts).toEqual(TEXTS.slice(0, whole.length))
    expect(cut).toEqual(good === size ? null : { path: FIRST, at: good, bytes: size - good })
    expect(tail).toEqual({ segment: 1, bytes: good })
  }
})

test('any flipped bit before the last record is refused, and named by file and offset', () => {
  const { bytes, ends } = smallJournal()
  const lastStart = ends.at(-2)!
  for (let bit = 0; bit < lastStart * 8; bit++) {
    const damaged = Buffer.from(bytes)
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    const at = [0, ...ends].filter((end) => end <= bit >> 3).at(-1)
    expect(() => reopened(damaged)).toThrow(
      new StorageError(
        'damaged',
        `${FIRST} is damaged at byte ${at}; to open it without the damaged part, start once with --accept-damage`,
      ),
    )
  }
})

test('any flipped bit in the last record cuts that record alone', () => {
  const { bytes, ends } = smallJournal()
  const lastStart = ends.at(-2)!
  for (let bit = lastStart * 8; bit < bytes.length * 8; bit++) {
    const damaged = Buffer.from(bytes)
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    const { texts, cut } = reopened(damaged)
    expect(texts).toEqual(TEXTS.slice(0, -1))
    expect(cut).toEqual({ path: FIRST, at: lastStart, bytes: bytes.length - lastStart })
  }
})

test('damage that is accepted loses the damaged record and no other', () => {
  const { bytes, ends } = smallJournal()
  for (let bit = 0; bit < ends.at(-2)! * 8; bit++) {
    const damaged = Buffer.from(bytes)
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    const record = ends.findIndex((end) => end > bit >> 3)
    const told: string[] = []
    const { texts } = reopened(damaged, (what) => told.push(what))
    expect(texts).toEqual(TEXTS.filter((_, place) => place !== record))
    expect(told).toHaveLength(1)
  }
})

test('a torn tail is gone from the file once the journal goes on, and new records follow the good ones', () => {
  const { bytes, ends } = smallJournal()
  const disk = memoryDisk([[FIRST, bytes.subarray(0, ends[3]! + 3)]])
  const journal = journalOn(disk, ends[3]!)
  expect(disk.files.get(FIRST)).toHaveLength(ends[3]!)
  append(journal, '#new')
  journal.flush()
  expect(reopened(disk.files.get(FIRST)!).texts).toEqual([...TEXTS.slice(0, 4), '#new'])
})

test('a missing segment is refused by its name', async () => {
  const { bytes } = smallJournal()
  const disk = memoryDisk([[segmentPath(FOLDER, 3), bytes]])
  const options = { disk, folder: FOLDER, manifest: { snapshot: null, segment: 2 }, passDamage: null, take: () => {} }
  expect(() => replayJournal(options)).toThrow('/data/journal-000002 is missing')
})

test('a segment that was made but not begun is no reason to doubt the torn tail of the one before', () => {
  const { bytes, ends } = smallJournal()
  const second = segmentPath(FOLDER, 2)
  const disk = memoryDisk([
    [FIRST, bytes.subarray(0, bytes.length - 1)],
    [second, Buffer.alloc(0)],
  ])
  const texts: string[] = []
  const take = (payload: Buffer) => texts.push(payload.toString('latin1'))
  const { tail } = replayJournal({ disk, folder: FOLDER, manifest: null, passDamage: null, take })
  expect(tail).toEqual({ segment: 1, bytes: ends.at(-2) })
  expect(disk.files.has(second)).toBe(false)
})

test('a manifest reads back as written; with any bit flipped it is refused', async () => {
  const disk = memoryDisk()
  expect(readManifest(disk, FOLDER)).toBeNull()
  const manifest = { snapshot: 'snapshot-000007', segment: 7 }
  await writeManifest(disk, FOLDER, manifest)
  expect(readManifest(disk, FOLDER)).toEqual(manifest)
  const bytes = disk.files.get(`${FOLDER}/manifest`)!
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = Buffer.from(bytes)
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    expect(() => readManifest(memoryDisk([[`${FOLDER}/manifest`, damaged]]), FOLDER)).toThrow(
      '/data/manifest is damaged',
    )
  }
})

test('a directory of another format is refused, and says so', async () => {
  const disk = memoryDisk()
  const newer = { snapshot: null, segment: 1, format: 2 } as Manifest
  await writeManifest(disk, FOLDER, newer)
  expect(() => readManifest(disk, FOLDER)).toThrow('/data/manifest was written by another version of Sluice')
})
