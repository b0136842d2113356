import { join } from 'node:path'
import { type Disk, type DiskFile, diskErrorCode } from './disk.ts'
import { HEADER_BYTES, readRecords, seal } from './record.ts'
import { StorageError } from './storage-error.ts'

/** Which snapshot counts, and from which segment of the journal on changes are done again. */
export interface Manifest {
  /** Name of a file; null: there is none yet. */
  readonly snapshot: string | null
  readonly segment: number
}

/** What was found in the journal. */
export interface Replayed {
  /** Where to go on: the last segment, and how many bytes of it are good; null: there is no segment yet. */
  readonly tail: { readonly segment: number; readonly bytes: number } | null
  readonly records: number
  readonly bytes: number
  /** Bytes that were not written whole before a crash, and are cut off; null: none. */
  readonly cut: { readonly path: string; readonly at: number; readonly bytes: number } | null
}

const MANIFEST = 'manifest'
/** Grows when an older program could not read what a newer one writes. */
const FORMAT = 1
const PASS = 'to open it without the damaged part, start once with --accept-damage'

/** What a start may leave that ended before there was a manifest. */
const OF_A_START = /^(?:lock(?:\.\d+(?:\.stale)?)?|manifest\.new)$/
/** What systems and people put into folders that count as empty. */
const OF_NOBODY = /^(?:\..*|lost\+found)$/

/** Throws StorageError `foreign` when the directory is neither ours nor empty: nothing in it is touched. */
export function refuseForeign(disk: Disk, folder: string): void {
  const names = disk.names(folder)
  if (names.some((name) => name === MANIFEST || numberOf('journal', name) !== null)) return
  const foreign = names.find((name) => !OF_A_START.test(name) && !OF_NOBODY.test(name))
  if (foreign === undefined) return
  const what = `${folder} holds other files, ${foreign} for one`
  throw new StorageError('foreign', `${what}: choose an empty directory, or a new one`)
}

/** Throws StorageError when it is damaged; null: the directory holds none. */
export function readManifest(disk: Disk, folder: string): Manifest | null {
  const path = join(folder, MANIFEST)
  let file: DiskFile
  try {
    file = disk.open(path)
  } catch (error) {
    if (diskErrorCode(error) === 'ENOENT') return null
    throw error
  }
  try {
    let text: string | null = null
    const { damage } = readRecords(file, 0, (payload) => {
      text = payload.toString('latin1')
    })
    const manifest = damage === null && text !== null ? manifestOf(text, path) : null
    if (manifest === null) throw new StorageError('damaged', `${path} is damaged: restore the directory from a copy`)
    return manifest
  } finally {
    file.close()
  }
}

function manifestOf(text: string, path: string): Manifest | null {
  const read: unknown = JSON.parse(text)
  if (typeof read !== 'object' || read === null || !('snapshot' in read) || !('segment' in read)) return null
  if (!('format' in read) || read.format !== FORMAT) {
    throw new StorageError('foreign', `${path} was written by another version of Sluice: open it with that one`)
  }
  const { snapshot, segment } = read
  const isSnapshot = snapshot === null || typeof snapshot === 'string'
  return isSnapshot && typeof segment === 'number' ? { snapshot, segment } : null
}

/** Replaces the manifest: from here on the new one counts, whenever the machine stops. */
export async function writeManifest(disk: Disk, folder: string, manifest: Manifest): Promise<void> {
  const text = JSON.stringify({ format: FORMAT, ...manifest })
  const bytes = Buffer.alloc(HEADER_BYTES + text.length)
  bytes.write(text, HEADER_BYTES, 'latin1')
  seal(bytes, 0, text.length)
  const path = join(folder, MANIFEST)
  disk.remove(`${path}.new`)
  const file = disk.create(`${path}.new`)
  try {
    file.write(bytes, 0)
    await file.sync()
  } finally {
    file.close()
  }
  disk.rename(`${path}.new`, path)
  disk.syncFolder(folder)
}

/** Files of a data directory: `journal-000001`, `snapshot-000001` … */
export function numberedName(kind: 'journal' | 'snapshot', number: number): string {
  return `${kind}-${String(number).padStart(6, '0')}`
}

export function segmentPath(folder: string, segment: number): string {
  return join(folder, numberedName('journal', segment))
}

function numberOf(kind: 'journal' | 'snapshot', name: string): number | null {
  const match = /^(journal|snapshot)-(\d{6,})$/.exec(name)
  return match?.[1] === kind ? Number(match[2]) : null
}

/** The journal's segments from one number on, without a gap. Throws StorageError when one is missing. */
function segmentsFrom(disk: Disk, folder: string, first: number): readonly number[] {
  const numbers = disk
    .names(folder)
    .map((name) => numberOf('journal', name))
    .filter((number) => number !== null && number >= first)
    .map(Number)
    .sort((a, b) => a - b)
  numbers.forEach((number, place) => {
    if (number === first + place) return
    const missing = segmentPath(folder, first + place)
    throw new StorageError('damaged', `${missing} is missing: restore it from a copy`)
  })
  return numbers
}

export interface ReplayOptions {
  readonly disk: Disk
  readonly folder: string
  readonly manifest: Manifest | null
  /** Told of each damage, which is then passed over; null: damage is an error. */
  readonly passDamage: ((what: string) => void) | null
  take(payload: Buffer): void
}

/**
 * Hands out every good record of the journal in order. What was not written whole at its very end is left out and reported in `cut`; it
 * is for `JournalFile` to cut it. Damage with anything good behind it throws StorageError `damaged`, which names file and offset.
 */
export function replayJournal(options: ReplayOptions): Replayed {
  const { disk, folder, manifest } = options
  const first = manifest?.segment ?? 1
  const segments = segmentsFrom(disk, folder, first)
  if (segments.length === 0 && manifest !== null) {
    const missing = segmentPath(folder, first)
    if (options.passDamage === null) throw new StorageError('damaged', `${missing} is missing: restore it from a copy`)
    options.passDamage(`${missing} is missing`)
  }
  // A crash may leave the next segment made, but not begun.
  while (segments.length > 1 && sizeOf(disk, segmentPath(folder, segments.at(-1) as number)) === 0) {
    disk.remove(segmentPath(folder, segments.at(-1) as number))
    ;(segments as number[]).pop()
  }
  let records = 0
  let bytes = 0
  let tail: Replayed['tail'] = null
  let cut: Replayed['cut'] = null
  for (const segment of segments) {
    const path = segmentPath(folder, segment)
    const isLast = segment === segments.at(-1)
    const one = replaySegment(options, { path, isLast })
    records += one.records
    bytes += one.end
    tail = { segment, bytes: one.end }
    cut = one.cut
  }
  return { tail, records, bytes, cut }
}

function replaySegment(
  { disk, take, passDamage }: ReplayOptions,
  { path, isLast }: { path: string; isLast: boolean },
): { readonly records: number; readonly end: number; readonly cut: Replayed['cut'] } {
  const file = disk.open(path)
  let records = 0
  const count = (payload: Buffer) => {
    records++
    take(payload)
  }
  try {
    const size = file.size()
    for (let from = 0; ; ) {
      const { end, damage, next } = readRecords(file, from, count)
      if (damage === null) return { records, end, cut: null }
      const isTorn = damage === 'torn' && isLast
      if (isTorn) return { records, end, cut: { path, at: end, bytes: size - end } }
      const what = `${path} is damaged at byte ${end}`
      if (passDamage === null) throw new StorageError('damaged', `${what}; ${PASS}`)
      passDamage(what)
      if (next === null) return { records, end: isLast ? end : size, cut: null }
      from = next
    }
  } finally {
    file.close()
  }
}

function sizeOf(disk: Disk, path: string): number {
  const file = disk.open(path)
  try {
    return file.size()
  } finally {
    file.close()
  }
}

function isUnfinished(name: string): boolean {
  if (!name.endsWith('.new')) return false
  const whole = name.slice(0, -'.new'.length)
  return whole === MANIFEST || numberOf('snapshot', whole) !== null
}

/** Removes what no longer counts: older segments and snapshots, and pieces that were never finished. */
export function removeOld(disk: Disk, folder: string, manifest: Manifest): void {
  for (const name of disk.names(folder)) {
    const segment = numberOf('journal', name)
    const isOldSegment = segment !== null && segment < manifest.segment
    const isOldSnapshot = numberOf('snapshot', name) !== null && name !== manifest.snapshot
    if (isOldSegment || isOldSnapshot || isUnfinished(name)) disk.remove(join(folder, name))
  }
  disk.syncFolder(folder)
}
