import { join } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'
import { HEADER_BYTES, PAYLOAD_BYTES_MAX, readRecords, seal } from './record.ts'
import { StorageError } from './storage-error.ts'

const BUFFER_BYTES = 1024 * 1024
/** The last record: a zero, and the number of those before as a double. */
const END_BYTES = 9

/** Writes a snapshot beside the others, under a name of its own until it is whole. */
export class SnapshotWriter {
  readonly #disk: Disk
  readonly #folder: string
  readonly #name: string
  readonly #file: DiskFile
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #isOpen = true
  #filled = 0
  #written = 0
  #records = 0

  constructor(disk: Disk, folder: string, name: string) {
    this.#disk = disk
    this.#folder = folder
    this.#name = name
    disk.remove(this.#path)
    this.#file = disk.create(this.#path)
  }

  get bytes(): number {
    return this.#written + this.#filled
  }
  get #path(): string {
    return join(this.#folder, `${this.#name}.new`)
  }

  /** One record; its first byte is not 0. */
  add(payload: Buffer): void {
    if (payload.length > PAYLOAD_BYTES_MAX) throw new RangeError(`a snapshot record of ${payload.length} bytes`)
    const needed = HEADER_BYTES + payload.length
    if (this.#filled + needed > this.#buffer.length) this.#write()
    if (needed > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(needed)
    payload.copy(this.#buffer, this.#filled + HEADER_BYTES)
    seal(this.#buffer, this.#filled, payload.length)
    this.#filled += needed
    this.#records++
  }

  /** It is whole: the last record counts the others, the file is synced and gets its name. */
  async finish(): Promise<void> {
    const end = Buffer.alloc(END_BYTES)
    end.writeDoubleLE(this.#records, 1)
    this.add(end)
    this.#write()
    await this.#file.sync()
    this.#close()
    this.#disk.rename(this.#path, join(this.#folder, this.#name))
    this.#disk.syncFolder(this.#folder)
  }

  /** It is not wanted any longer. */
  discard(): void {
    this.#close()
    this.#disk.remove(this.#path)
  }

  #close(): void {
    if (this.#isOpen) this.#file.close()
    this.#isOpen = false
  }

  #write(): void {
    if (this.#filled === 0) return
    this.#file.write(this.#buffer.subarray(0, this.#filled), this.#written)
    this.#written += this.#filled
    this.#filled = 0
    if (this.#buffer.length > BUFFER_BYTES) this.#buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  }
}

/**
 * Hands out the records of a snapshot but the last, which counts them. A snapshot got its name when it was whole: anything wrong is damage.
 * @param passDamage told of each damage instead of throwing; what is good behind it is read too
 */
export function readSnapshot(
  disk: Disk,
  path: string,
  { take, passDamage }: { take(payload: Buffer): void; passDamage: ((what: string) => void) | null },
): void {
  const file = disk.open(path)
  let records = 0
  let isWhole = false
  const count = (payload: Buffer) => {
    if (payload[0] === 0) isWhole = payload.length === END_BYTES && payload.readDoubleLE(1) === records
    else {
      records++
      take(payload)
    }
  }
  try {
    let from: number | null = 0
    while (from !== null) {
      const { end, damage, next } = readRecords(file, from, count)
      if (damage !== null) report(`${path} is damaged at byte ${end}`, passDamage)
      from = next
    }
  } finally {
    file.close()
  }
  if (!isWhole) report(`${path} is damaged: it does not hold as many records as it should`, passDamage)
}

function report(what: string, passDamage: ((what: string) => void) | null): void {
  if (passDamage === null) throw new StorageError('damaged', what)
  passDamage(what)
}
