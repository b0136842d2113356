import { join } from 'node:path'
import { type Disk, diskErrorCode } from '../storage/disk.ts'
import { type Manifest, type Replayed, replayJournal } from '../storage/recover.ts'
import { readSnapshot } from '../storage/snapshot.ts'
import { StorageError } from '../storage/storage-error.ts'
import { ByteReader } from './bytes.ts'
import { loadKey } from './db-snapshot.ts'
import { readFrame } from './frame.ts'
import type { Journaled } from './journal-port.ts'

export interface Recovery {
  readonly disk: Disk
  readonly folder: string
  readonly manifest: Manifest | null
  /** Told of each damage, which is then passed over; null: damage is an error. */
  readonly passDamage: ((what: string) => void) | null
}

/** Puts the keys of the newest snapshot in place. */
export function loadSnapshot(
  { disk, folder, manifest, passDamage }: Recovery,
  { dbs }: Journaled,
): { readonly keys: number; readonly bytes: number } {
  if (manifest === null || manifest.snapshot === null) return { keys: 0, bytes: 0 }
  const path = join(folder, manifest.snapshot)
  let keys = 0
  let bytes = 0
  const take = (payload: Buffer) => {
    try {
      loadKey(new ByteReader(payload), dbs)
    } catch (error) {
      throw new StorageError('foreign', `${path} was not written by this version of Sluice: ${String(error)}`)
    }
    keys++
    bytes += payload.length
  }
  try {
    readSnapshot(disk, path, { take, passDamage })
  } catch (error) {
    if (diskErrorCode(error) !== 'ENOENT') throw error
    throw new StorageError('damaged', `${path} is missing: restore it from a copy`)
  }
  return { keys, bytes }
}

/** Does every change again that came after it. */
export function replayChanges({ disk, folder, manifest, passDamage }: Recovery, journaled: Journaled): Replayed {
  let number = 0
  const take = (payload: Buffer) => {
    number++
    try {
      journaled.replay(readFrame(payload))
    } catch (error) {
      const what = `change ${number} of the journal in ${folder} cannot be done again: ${String(error)}`
      if (passDamage === null) throw new StorageError('foreign', what)
      passDamage(what)
    }
  }
  return replayJournal({ disk, folder, manifest, passDamage, take })
}
