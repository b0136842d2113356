import { expect, test } from 'vitest'
import { manualClock } from '../../../test/support/manual-clock.ts'
import { type ManualTimers, manualTimers } from '../../../test/support/manual-timers.ts'
import { diskError, type MemoryDisk, memoryDisk } from '../../../test/support/memory-disk.ts'
import { seeded } from '../../domain/seeded.ts'
import { ByteWriter } from './bytes.ts'
import { Db } from './db.ts'
import { openJournal } from './journal.ts'
import type { Effect, Journal, Journaled } from './journal-port.ts'
import type { Value } from './value.ts'
import { writeValue } from './value-codec.ts'
import { HashValue } from './values/hash.ts'
import { ListValue } from './values/list.ts'
import { SetValue } from './values/set.ts'
import { SortedSetValue } from './values/sorted-set.ts'
import { StreamValue } from './values/stream.ts'
import { Consumer, StreamGroup } from './values/stream-group.ts'

const NO_LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Databases with a journal and three commands; what it holds can be written down to compare. */
interface Store {
  readonly dbs: readonly Db[]
  readonly journal: Journal
  do(...frame: readonly Effect[]): void
  text(): string
}

interface Opening {
  readonly disk: MemoryDisk
  readonly timers?: ManualTimers
  readonly durability?: 'interval' | 'always'
  readonly compactAboveBytes?: number
  readonly acceptsDamage?: boolean
}

async function open(opening: Opening): Promise<Store> {
  let journal: Journal | null = null
  let expired: Effect[] = []
  const listener = {
    beforeChange: (db: Db, key: string) => journal?.beforeChange(db, key),
    afterChange: () => {},
    afterBookkeeping: () => {},
    expired: (db: Db, key: string) => expired.push({ db: db.index, args: ['DEL', key] }),
  }
  let nowMs = Number.NEGATIVE_INFINITY
  const dbs = [0, 1].map((index) => new Db(index, listener, () => nowMs))
  const replay = (frame: readonly Effect[]) => {
    for (const { db, args } of frame) carryOut(dbs[db]!, args)
  }
  const journaled: Journaled = { dbs, replay }
  journal = await openJournal(
    {
      ...{ folder: '/data', durability: 'interval', compactAboveBytes: 1e9, acceptsDamage: false, log: NO_LOG },
      ...{ clock: manualClock(), timers: manualTimers(), ...opening },
      processes: { pid: 1, startedAt: () => '', hasOpen: () => false },
    },
    journaled,
  )
  nowMs = 1_000_000
  const store = {
    ...{ dbs, journal },
    do(...frame: readonly Effect[]) {
      expired = []
      replay(frame)
      store.journal.append([...expired, ...frame])
    },
    text: () => JSON.stringify(dbs.map((db) => [...db.keys()].sort().map((key) => [key, written(db, key)]))),
  }
  return store
}

function written(db: Db, key: string): string {
  const { value, expiresAtMs } = db.peek(key)!
  return `${bytesOf(value).toString('latin1')} ${expiresAtMs}`
}

function bytesOf(value: Value): Buffer {
  const writer = new ByteWriter(16)
  writeValue(writer, value)
  return writer.written
}

function carryOut(db: Db, [name, key = '', text = '']: readonly string[]): void {
  if (name === 'DEL') db.remove(key)
  else if (name === 'SET') db.set(key, text, true)
  else if (name === 'PEXPIREAT') db.expireAt(key, Number(text))
  else if (name === 'FLUSHDB') db.clear()
  else if (name === 'RPUSH') {
    const value = db.get(key)
    const list = value instanceof ListValue ? value : new ListValue()
    db.changing(key)
    list.pushRight(text)
    if (list === value) db.changed(key)
    else db.set(key, list)
  } else throw new Error(`ERR unknown command '${name}'`)
}

const set = (key: string, text: string, db = 0): Effect => ({ db, args: ['SET', key, text] })
const push = (key: string, text: string, db = 0): Effect => ({ db, args: ['RPUSH', key, text] })
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('what was flushed is there after the process was killed, with its expiry; what was not, is not', async () => {
  const disk = memoryDisk()
  const store = await open({ disk })
  store.do(set('a', 'one'), { db: 0, args: ['PEXPIREAT', 'a', '2000000'] })
  store.do(push('list', 'x', 1), push('list', 'y', 1))
  expect(store.journal.flushed()).toBeNull()
  const before = store.text()
  store.do(set('b', 'two'))
  const again = await open({ disk: disk.copy() })
  expect(again.text()).toBe(before)
  expect(again.dbs[0]!.expiresAtMs('a')).toBe(2_000_000)
})

test('a frame is found again whole or not at all, wherever the file is torn', async () => {
  const disk = memoryDisk()
  const store = await open({ disk })
  store.do(set('a', '1'))
  store.do(set('a', '2'), set('b', '2'))
  store.journal.flushed()
  const path = '/data/journal-000001'
  const bytes = disk.files.get(path)!
  for (let size = 0; size <= bytes.length; size++) {
    const torn = memoryDisk([...disk.files].map(([name, all]) => [name, name === path ? all.subarray(0, size) : all]))
    const again = await open({ disk: torn })
    const pair = [again.dbs[0]!.get('a'), again.dbs[0]!.get('b')]
    expect([
      [undefined, undefined],
      ['1', undefined],
      ['2', '2'],
    ]).toContainEqual(pair)
    if (size === bytes.length) expect(pair).toEqual(['2', '2'])
  }
})

test('a snapshot stands at one position of the journal, whatever changes meanwhile', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed)
    const disk = memoryDisk()
    const store = await open({ disk })
    const any = (count: number) => Math.floor(random() * count)
    const change = () => {
      const key = `key ${any(60)}`
      const db = any(2)
      const kind = any(20)
      if (kind < 8) store.do(set(key, 'v'.repeat(any(5_000)), db))
      else if (kind < 14)
        store.do(push(key, `item ${any(1e6)}`, db), push(`other ${any(5)}`, 'x'.repeat(any(9_000)), db))
      else if (kind < 18) store.do({ db, args: ['DEL', key] })
      else if (kind < 19 && store.dbs[db]!.has(key))
        store.do({ db, args: ['PEXPIREAT', key, String(2_000_000 + any(99))] })
      else if (any(8) === 0) store.do({ db, args: ['FLUSHDB'] })
    }
    for (let count = any(400); count > 0; count--) change()
    let isDone = false
    const compaction = store.journal.compact()!.then(() => {
      isDone = true
    })
    // Killed at any moment of it, the directory opens with all that was flushed.
    while (!isDone) {
      for (let count = any(12); count > 0; count--) change()
      store.journal.flushed()
      if (any(3) === 0) expect((await open({ disk: disk.copy() })).text()).toBe(store.text())
      await turn()
    }
    await compaction
    for (let count = any(5); count > 0; count--) change()
    store.journal.flushed()
    expect((await open({ disk: disk.copy() })).text()).toBe(store.text())
    expect([...disk.files.keys()].sort()).toEqual([
      '/data/journal-000002',
      '/data/lock',
      '/data/manifest',
      '/data/snapshot-000002',
    ])
  }
}, 60_000)

test('a journal that is longer than twice the data is compacted by itself', async () => {
  const disk = memoryDisk()
  const store = await open({ disk, compactAboveBytes: 10_000 })
  for (let count = 0; count < 2_000; count++) {
    store.do(set('one', `value ${count}`))
    store.journal.flushed()
    await turn()
  }
  while (store.journal.figures.isSaving) await turn()
  expect(store.journal.figures).toMatchObject({ lastSaveOk: true })
  expect(store.journal.figures.journalBytes).toBeLessThan(11_000)
  expect((await open({ disk: disk.copy() })).text()).toBe(store.text())
})

test('a full disk refuses writes in the words of Redis, and forgets nothing once there is room', async () => {
  const disk = memoryDisk()
  const timers = manualTimers()
  const store = await open({ disk, timers })
  store.do(set('a', 'one'))
  expect(store.journal.flushed()).toBeNull()
  disk.failing = (call) => (call === 'write' || call === 'create' ? diskError('ENOSPC') : null)
  store.do(set('b', 'two'))
  await expect(store.journal.flushed()).rejects.toThrow()
  expect(store.journal.refusal).toBe('MISCONF Errors writing to the AOF file: No space left on device')
  expect(store.journal.figures.lastWriteOk).toBe(false)
  await expect(store.journal.compact()).rejects.toThrow('ENOSPC')
  timers.fire()
  expect(store.journal.refusal).not.toBeNull()
  disk.failing = () => null
  timers.fire()
  expect(store.journal.refusal).toBeNull()
  expect((await open({ disk: disk.copy() })).text()).toBe(store.text())
})

test('after a sync that failed, writes are taken again when a snapshot of everything is kept', async () => {
  const disk = memoryDisk()
  const timers = manualTimers()
  const store = await open({ disk, timers, durability: 'always' })
  disk.failing = (call) => (call === 'sync' ? diskError('EIO') : null)
  store.do(set('a', 'one'))
  await expect(store.journal.flushed()).rejects.toThrow('EIO')
  expect(store.journal.refusal).toBe('MISCONF Errors writing to the AOF file: Input/output error')
  timers.fire()
  await turn()
  await turn()
  expect(store.journal.refusal).not.toBeNull()
  disk.failing = () => null
  timers.fire()
  while (store.journal.refusal !== null) await turn()
  expect((await open({ disk: disk.copy() })).text()).toBe(store.text())
})

test('a snapshot that finds no room fails, leaves nothing behind, and the journal goes on', async () => {
  const disk = memoryDisk()
  const store = await open({ disk })
  store.do(set('a', 'one'))
  disk.failing = (call, path) => (call === 'write' && path.includes('snapshot') ? diskError('ENOSPC') : null)
  await expect(store.journal.compact()).rejects.toThrow('ENOSPC')
  expect(store.journal.figures.lastSaveOk).toBe(false)
  store.do(set('b', 'two'))
  expect(store.journal.flushed()).toBeNull()
  expect([...disk.files.keys()].some((path) => path.includes('snapshot'))).toBe(false)
  expect((await open({ disk: disk.copy() })).text()).toBe(store.text())
})

test('a snapshot with any bit flipped is refused by its name; accepted, it loses one key at most', async () => {
  const disk = memoryDisk()
  const store = await open({ disk })
  store.do(set('a', 'one'), set('b', 'two'), push('c', 'three'))
  await store.journal.compact()
  const path = '/data/snapshot-000002'
  const bytes = disk.files.get(path)!
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes)
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    const damaged = () => memoryDisk([...disk.files].map(([name, all]) => [name, name === path ? flipped : all]))
    await expect(open({ disk: damaged() })).rejects.toThrow(`${path} is damaged`)
    const accepted = await open({ disk: damaged(), acceptsDamage: true })
    expect(accepted.dbs[0]!.size).toBeGreaterThanOrEqual(2)
  }
})

test('an effect that cannot be done again is an error, not a silent loss', async () => {
  const disk = memoryDisk()
  const store = await open({ disk })
  store.journal.append([{ db: 0, args: ['NOSUCH', 'key'] }])
  store.journal.flushed()
  await expect(open({ disk: disk.copy() })).rejects.toThrow(
    "change 1 of the journal in /data cannot be done again: Error: ERR unknown command 'NOSUCH'",
  )
})

test('every type comes back from a snapshot as it was', async () => {
  const disk = memoryDisk()
  const store = await open({ disk })
  const stream = new StreamValue()
  for (let ms = 1; ms < 250; ms++) stream.append({ ms, seq: ms % 3 }, ['field', `value ${ms}`, '\0\xff', ''])
  stream.append({ ms: 18446744073709551614n, seq: 18446744073709551615n }, ['a', 'b'])
  stream.delete({ ms: 7, seq: 1 })
  stream.maxDeletedId = { ms: 7, seq: 1 }
  const group = new StreamGroup('group', { ms: 9, seq: 0 }, null)
  const consumers = ['x', 'y', 'z'].map((name) => new Consumer(name, 5))
  for (const consumer of consumers) group.consumers.set(consumer.name, consumer)
  for (let ms = 1; ms < 9; ms++) group.deliver({ ms, seq: ms % 3 }, consumers[ms % 2]!, 1000 + ms).deliveries = ms
  stream.groups.set('group', group)
  const values: Record<string, Value> = {
    string: '\0\xff text',
    hash: new HashValue([
      ['f', 'v'],
      ['', ''],
    ]),
    list: new ListValue(['a', '', 'b']),
    set: new SetValue(['3', '1', 'x']),
    'sorted set': new SortedSetValue([
      ['a', -Infinity],
      ['b', 0.1],
      ['c', 1e300],
    ]),
    stream,
    'empty stream': new StreamValue(),
  }
  for (const [key, value] of Object.entries(values)) store.dbs[1]!.set(key, value)
  await store.journal.compact()
  const again = await open({ disk: disk.copy() })
  for (const [key, value] of Object.entries(values)) {
    const found = again.dbs[1]!.get(key)!
    expect(found.constructor).toBe(value.constructor)
    expect(bytesOf(found).equals(bytesOf(value)), key).toBe(true)
  }
})
