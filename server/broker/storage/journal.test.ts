import { expect, test } from 'vitest'
import { type ManualTimers, manualTimers } from '../../../test/support/manual-timers.ts'
import { diskError, type MemoryDisk, memoryDisk } from '../../../test/support/memory-disk.ts'
import { JournalFile, type SyncMode } from './journal.ts'
import { readRecords } from './record.ts'
import { segmentPath } from './recover.ts'

const FIRST = segmentPath('/data', 1)
const SECOND = segmentPath('/data', 2)

interface Bench {
  readonly disk: MemoryDisk
  readonly timers: ManualTimers
  readonly journal: JournalFile
  readonly troubles: unknown[]
  append(text: string): void
  kept(path?: string): readonly string[]
}

function bench(mode: SyncMode): Bench {
  const disk = memoryDisk()
  const timers = manualTimers()
  const troubles: unknown[] = []
  const onTrouble = (error: unknown) => troubles.push(error)
  const journal = new JournalFile({ disk, timers, mode, folder: '/data', onTrouble }, 1, null)
  return {
    ...{ disk, timers, journal, troubles },
    append(text) {
      const { buffer, offset } = journal.reserve(text.length)
      buffer.write(text, offset, 'latin1')
      journal.commit(text.length)
    },
    kept(path = FIRST) {
      const texts: string[] = []
      readRecords(disk.open(path), 0, (payload) => texts.push(payload.toString('latin1')))
      return texts
    },
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('written: what was appended is in the file when flush returns, and is synced when the time is over', async () => {
  const { journal, append, kept, disk, timers } = bench('written')
  append('one')
  append('two')
  expect(kept()).toEqual([])
  expect(journal.flush()).toBeNull()
  expect(kept()).toEqual(['one', 'two'])
  expect(disk.syncs).toBe(0)
  timers.fire()
  await turn()
  await turn()
  expect(disk.syncs).toBe(1)
  expect(timers.waiting).toBe(0)
})

test('synced: an answer waits for a sync that began after its write', async () => {
  const { journal, append, disk } = bench('synced')
  const letGo = disk.holdSyncs()
  append('one')
  let firstDone = false
  const first = journal.flush()!.then(() => {
    firstDone = true
  })
  await turn()
  await turn()
  append('two')
  let secondDone = false
  const second = journal.flush()!.then(() => {
    secondDone = true
  })
  const laterLetGo = disk.holdSyncs()
  letGo()
  await turn()
  expect([firstDone, secondDone]).toEqual([true, false])
  laterLetGo()
  await Promise.all([first, second])
  expect(journal.flush()).toBeNull()
})

test('synced: all who come in one turn of the event loop share one sync', async () => {
  const { journal, append, disk } = bench('synced')
  const waiting = Array.from({ length: 50 }, (_, place) => {
    append(`record ${place}`)
    return journal.flush()
  })
  await Promise.all(waiting)
  expect(disk.syncs).toBe(1)
})

test('a full disk: the writer is told, nothing is missing once there is room again', async () => {
  const { journal, append, disk, kept, timers, troubles } = bench('written')
  append('before')
  journal.flush()
  const full = diskError('ENOSPC')
  disk.failing = (call) => (call === 'write' ? full : null)
  append('during')
  await expect(journal.flush()).rejects.toThrow()
  expect(journal.trouble).toBe('write')
  await turn()
  expect(journal.flush()).toBeNull()
  timers.fire()
  expect(journal.trouble).toBe('write')
  disk.failing = () => null
  timers.fire()
  expect(journal.trouble).toBeNull()
  append('after')
  journal.flush()
  expect(kept()).toEqual(['before', 'during', 'after'])
  expect(troubles).toEqual([full, full, null])
})

test('a failed sync is not tried again: it is a hole until a new segment was begun and a snapshot kept', async () => {
  const { journal, append, disk, kept } = bench('synced')
  disk.failing = (call) => (call === 'sync' ? diskError('EIO') : null)
  append('one')
  await expect(journal.flush()).rejects.toThrow('EIO')
  disk.failing = () => null
  expect(journal.trouble).toBe('hole')
  await turn()
  expect(journal.flush()).toBeNull()
  journal.abandon()
  append('two')
  expect(journal.flush()).toBeNull()
  journal.renewed()
  await journal.flush()
  expect(kept(SECOND)).toEqual(['two'])
})

test('while not even a folder can be synced, trying again leaves no file open and none behind', async () => {
  const { journal, disk } = bench('synced')
  disk.failing = (call) => (call === 'syncFolder' ? diskError('EIO') : null)
  for (let tries = 0; tries < 3; tries++) {
    expect(() => journal.abandon()).toThrow('EIO')
    await expect(journal.roll(() => {})).rejects.toThrow('EIO')
  }
  expect([disk.openFiles, disk.files.size]).toEqual([1, 1])
})

test('a roll puts what was appended before the switch into the old segment, and the rest into the new one', async () => {
  const { journal, append, kept, disk } = bench('written')
  append('one')
  const rolled = journal.roll(() => append('three'))
  append('two')
  await rolled
  journal.flush()
  expect(kept()).toEqual(['one', 'two'])
  expect(kept(SECOND)).toEqual(['three'])
  expect(disk.syncs).toBeGreaterThan(0)
})

test('a roll that finds no room leaves the journal as it was', async () => {
  const { journal, append, kept, disk } = bench('written')
  append('one')
  disk.failing = (call) => (call === 'create' ? diskError('ENOSPC') : null)
  await expect(journal.roll(() => {})).rejects.toThrow('ENOSPC')
  append('two')
  journal.flush()
  expect(kept()).toEqual(['one', 'two'])
})

test('a closed journal holds everything', async () => {
  const { journal, append, kept } = bench('written')
  append('one')
  await journal.close()
  expect(kept()).toEqual(['one'])
})
