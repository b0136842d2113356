import { expect, test } from 'vitest'
import { manualTimers } from '../../../test/support/manual-timers.ts'
import { type MemoryDisk, memoryDisk } from '../../../test/support/memory-disk.ts'
import { request } from '../../../test/support/raw-resp.ts'
import { coreEdges } from '../../../test/support/redis-core-edges.ts'
import { startEngine, type TestEngine } from '../../../test/support/redis-engine.ts'
import { typeFamilies } from '../../../test/support/redis-families.ts'
import { streamCommands } from '../../../test/support/redis-stream-commands.ts'
import { streamEdges } from '../../../test/support/redis-stream-edges.ts'
import { sequence } from '../../../test/support/redis-templates.ts'
import type { Request } from '../../../test/support/redis-twins.ts'
import { typeEdges } from '../../../test/support/redis-type-edges.ts'
import { seeded } from '../../domain/seeded.ts'
import { ByteWriter } from './bytes.ts'
import { openJournal } from './journal.ts'
import { writeValue } from './value-codec.ts'
import { StreamValue } from './values/stream.ts'

const NO_LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

async function engineOn(disk: MemoryDisk): Promise<TestEngine> {
  const engine = startEngine()
  const options = {
    ...({ folder: '/data', durability: 'interval', compactAboveBytes: 1e9, acceptsDamage: false } as const),
    ...{ disk, clock: engine.clock, timers: manualTimers(), log: NO_LOG },
    processes: { pid: 1, startedAt: () => '', hasOpen: () => false },
  }
  engine.engine.keepIn(await openJournal(options, engine.engine), { data: '/data', durability: 'interval' })
  return engine
}

/** When a consumer was last seen is not kept: like Redis, it has been seen when the journal was replayed. */
function unseen(stream: StreamValue): StreamValue {
  const copy = stream.copy()
  for (const group of copy.groups.values()) for (const consumer of group.consumers.values()) consumer.seenAtMs = 0
  return copy
}

const waits = (words: Request) => words.some((word) => /^(block|b[lrz].*)$/i.test(word))

/** Every key of every database as bytes. */
function contentOf({ engine }: TestEngine): readonly string[] {
  return engine.dbs.flatMap((db) =>
    [...db.keys()]
      .map((key) => {
        const { value, expiresAtMs } = db.peek(key)!
        const writer = new ByteWriter(64)
        writeValue(writer, value instanceof StreamValue ? unseen(value) : value)
        return `${db.index} ${key} ${expiresAtMs} ${writer.written.toString('latin1')}`
      })
      .sort(),
  )
}

/** Commands on keys of any type, on expiry and on databases. */
function keyCommands(random: () => number, keys: readonly string[]): () => Request {
  const any = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const key = () => any(keys)
  const number = () => String(Math.floor(random() * 100_000))
  const makes: readonly (() => Request)[] = [
    () => ['RENAME', key(), key()],
    () => ['RENAMENX', key(), key()],
    () => ['COPY', key(), key(), ...any([[], ['REPLACE'], ['DB', '1'], ['DB', '1', 'REPLACE']])],
    () => ['MOVE', key(), any(['0', '1', '2'])],
    () => ['DEL', key(), key()],
    () => ['UNLINK', key()],
    () => [any(['EXPIRE', 'PEXPIRE']), key(), number(), ...any([[], ['NX'], ['XX'], ['GT'], ['LT']])],
    () => ['EXPIRE', key(), '-1'],
    () => ['PERSIST', key()],
    () => ['GETEX', key(), 'PX', number()],
    () => ['SET', key(), 'v', 'EX', '1'],
    () => ['SELECT', any(['0', '0', '1', '2'])],
    () => any([['FLUSHDB'], ['SWAPDB', '0', '1'], ['SWAPDB', '1', '2'], ['PING']]),
    () => ['SORT', key(), 'ALPHA', 'STORE', key()],
  ]
  return () => any(makes)()
}

test('an engine that was killed at any moment comes back with every key as it was, snapshots under way or not', async () => {
  const keys = [...typeFamilies.flatMap((family) => family.keys), 's1', 's2', 'w']
  for (let seed = 1; seed <= 6; seed++) {
    const random = seeded(seed)
    const disk = memoryDisk()
    const engine = await engineOn(disk)
    const client = engine.connect()
    const ofKeys = keyCommands(random, keys)
    const ofStreams = streamCommands(random)
    for (let round = 0; round < 30; round++) {
      const family = typeFamilies[Math.floor(random() * typeFamilies.length)]!
      const requests = [
        ...sequence(family, 8, random).flat(),
        ...Array.from({ length: 6 }, () => ofStreams.next()),
        ...Array.from({ length: 6 }, () => ofKeys()),
        ...(random() < 0.3 ? [['MULTI'], ['INCR', 'n'], ['SPOP', 'set1'], ['APPEND', 'n2', 'x'], ['EXEC']] : []),
        ...(random() < 0.2 ? [['BGREWRITEAOF']] : []),
      ].filter((words) => !waits(words))
      await client.say(requests.map((words) => request(...words)).join(''))
      if (random() < 0.5) engine.pass(Math.floor(random() * 40_000))
      await client.ask('PING')
      const again = await engineOn(disk.copy())
      expect(contentOf(again), `seed ${seed}, round ${round}`).toEqual(contentOf(engine))
    }
  }
})

test.each([
  ...Object.entries(typeEdges).map(([name, steps]) => [name, steps.flat()] as const),
  ...Object.entries(coreEdges),
  ...streamEdges,
])('what was picked by hand opens again as it was: %s', async (_, requests) => {
  const disk = memoryDisk()
  const engine = await engineOn(disk)
  const sent = requests.filter((words) => !waits(words))
  await engine.connect().say(sent.map((words) => request(...words)).join(''))
  expect(contentOf(await engineOn(disk.copy()))).toEqual(contentOf(engine))
})

test.each([[['notes.txt']], [['lock.new', 'work.new/draft']], [['snapshot-000001']]])(
  'a directory of somebody else is refused, and stays as it is: %j',
  async (names) => {
    const disk = memoryDisk(names.map((name) => [`/data/${name}`, Buffer.from('theirs')]))
    await expect(engineOn(disk)).rejects.toThrow(
      `/data holds other files, ${names[0]} for one: choose an empty directory, or a new one`,
    )
    expect([...disk.files.keys()]).toEqual(names.map((name) => `/data/${name}`))
  },
)

test('a journal that was never ours is not cut', async () => {
  const disk = memoryDisk([['/data/journal-000001', Buffer.from('a diary')]])
  await expect(engineOn(disk)).rejects.toThrow('/data/journal-000001 was not written by Sluice')
  expect(String(disk.files.get('/data/journal-000001'))).toBe('a diary')
})

test('what a start left that ended before its first change is no obstacle, nor is what systems put into every folder', async () => {
  const left = ['lock', 'lock.7', 'lock.7.stale', 'journal-000001', 'manifest.new', '.DS_Store', 'lost+found']
  const disk = memoryDisk(left.map((name) => [`/data/${name}`, Buffer.alloc(0)]))
  const engine = await engineOn(disk)
  await engine.connect().ask('SET', 'k', 'v')
  expect(contentOf(await engineOn(disk.copy()))).toEqual(contentOf(engine))
})

test('a snapshot removes pieces of its own kind, and no file of anybody else', async () => {
  const disk = memoryDisk()
  const { engine } = await engineOn(disk)
  const theirs = ['/data/draft.new', '/data/folder.new/file', '/data/journal-1.new']
  for (const path of [...theirs, '/data/manifest.new', '/data/snapshot-000009.new']) disk.create(path)
  await engine.journal?.compact()
  expect([...disk.files.keys()].filter((path) => path.includes('.new'))).toEqual(theirs)
})
