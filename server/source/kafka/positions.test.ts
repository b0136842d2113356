import { describe, expect, it } from 'vitest'
import type { ClusterMetadata } from './cluster.ts'
import { planOffsetFetches } from './commits.ts'
import { planDescriptions } from './group-detail.ts'
import { type KnownGroup, newGroup } from './known-group.ts'
import { noteTime, type PartitionLog, PartitionLogs } from './partition-log.ts'
import { positionsOf, soughtFor, standsOf } from './positions.ts'
import { Turns } from './turns.ts'

const NOW = 1_700_000_000_000

function logsOf(topics: Readonly<Record<string, number>>): PartitionLogs {
  const metadata = {
    topics: Object.entries(topics).map(([name, count]) => ({
      name,
      partitions: Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, leaderId: 1 })),
    })),
  } as unknown as ClusterMetadata
  const logs = new PartitionLogs()
  logs.begin(metadata)
  return logs
}

function logWith(figures: {
  readonly start?: number
  readonly ends: readonly (readonly [end: number, agoMs: number])[]
}) {
  const logs = logsOf({ t: 1 })
  const log = logs.get('t', 0) as PartitionLog
  logs.remember(log)
  for (const [end, agoMs] of figures.ends) logs.noteEnd(log, end, NOW - agoMs)
  log.start = figures.start ?? 0
  return { logs, log }
}

const stand = (committed: number | null) => ({ topic: 't', partition: 0, committed, owner: null })

describe('lag in time', () => {
  const table = { ends: [[100, 60_000], [200, 30_000], [300, 0]] as const } // biome-ignore format: pairs
  it.each([
    ['nothing committed', null, null, 'no-commit'],
    ['caught up', 300, 0, 'exact'],
    ['beyond the end', 999, 0, 'exact'],
    ['inside the table', 200, 30_000, 'estimate'],
    ['between two sightings', 150, 45_000, 'estimate'],
    ['older than the table', 50, null, 'no-history'],
  ])('%s', (_, committed, lagMs, lagMsBasis) => {
    const { logs } = logWith(table)
    expect(positionsOf([stand(committed)], logs, NOW)[0]).toMatchObject({ lagMs, lagMsBasis })
  })

  it('older than the table is exact once the record was looked up, and stays so while the group stands there', () => {
    const { logs, log } = logWith(table)
    expect(soughtFor(stand(50), logs)).toEqual({ log, offset: 50, lag: 250 })
    noteTime(log, 50, { timestamp: NOW - 3_600_000, isExact: true, timestampType: 'create' })
    expect(soughtFor(stand(50), logs)).toBeNull()
    expect(positionsOf([stand(50)], logs, NOW)[0]).toMatchObject({ lagMs: 3_600_000, lagMsBasis: 'exact' })
    expect(positionsOf([stand(50)], logs, NOW + 5_000)[0]).toMatchObject({ lagMs: 3_605_000 })
  })

  it.each([
    ['lies in the future', NOW + 60_000, 0, 'exact'],
    ['was not given by the producer', -1, null, 'no-history'],
  ])('of a record whose time %s', (_, timestamp, lagMs, lagMsBasis) => {
    const { logs, log } = logWith(table)
    noteTime(log, 50, { timestamp, isExact: true, timestampType: 'create' })
    expect(positionsOf([stand(50)], logs, NOW)[0]).toMatchObject({ lagMs, lagMsBasis })
  })

  it('of a reader that retention has passed is the age of the first record still there', () => {
    const { logs } = logWith({ ...table, start: 150 })
    expect(positionsOf([stand(10)], logs, NOW)[0]).toMatchObject({ committed: 10, start: 150, lagMs: 45_000 })
  })

  it('is not told from before the topic was created anew', () => {
    const { logs, log } = logWith(table)
    noteTime(log, 50, { timestamp: NOW - 3_600_000, isExact: true, timestampType: 'create' })
    logs.noteEnd(log, 60, NOW)
    expect(positionsOf([stand(50)], logs, NOW)[0]).toMatchObject({ end: 60, start: null, lagMs: null })
  })
})

describe('positions', () => {
  it('are of what is committed and of what is read without a commit; worst first, unknown last', () => {
    const logs = logsOf({ a: 2, b: 1 })
    for (const [topic, partition, end] of [
      ['a', 0, 10],
      ['a', 1, 50],
      ['b', 0, 5],
    ] as const) {
      // biome-ignore format: rows
      logs.noteEnd(logs.get(topic, partition) as PartitionLog, end, NOW)
    }
    const owners = new Map([['b', new Map([[0, 'app']])]])
    const description = { atMs: 0, state: 'stable', members: null, owners } as const
    const commits = [
      { topic: 'a', partition: 0, offset: 9 },
      { topic: 'a', partition: 1, offset: 0 },
      { topic: 'gone', partition: 3, offset: 7 },
    ]
    expect(
      positionsOf(standsOf(commits, description), logs, NOW).map(({ topic, partition, committed, end, owner }) => [
        topic,
        partition,
        committed,
        end,
        owner,
      ]),
    ).toEqual([
      ['a', 1, 0, 50, null],
      ['a', 0, 9, 10, null],
      ['b', 0, null, 5, 'app'],
      ['gone', 3, 7, null, null],
    ])
  })
})

describe('what a refresh asks for', () => {
  const group = (name: string, more: Partial<KnownGroup> = {}): KnownGroup => ({
    ...newGroup(name, 1),
    state: 'stable',
    ...more,
  })
  const nobody = () => false

  it('is offsets of watched, unread, lagging, active and empty groups, as far as the budget of positions goes', () => {
    const reading = { atMs: 5, positions: [] }
    const big = { reading, positionsBefore: 60_000 }
    const groups = [
      group('empty', { ...big, state: 'empty', reading: { atMs: 1, positions: [] } }),
      group('lagging', { ...big, wasLagging: true }),
      group('new', { positionsBefore: 50 }),
      group('watched', { reading, positionsBefore: 10 }),
      group('share', { protocol: 'share' }),
    ]
    const names = planOffsetFetches(groups, (name) => name === 'watched').map(({ name }) => name)
    expect(names[0]).toBe('watched')
    expect(names).toContain('new')
    expect(names).toContain('empty')
    expect(names).not.toContain('share')
  })

  it('reads every group in turn: none starves', () => {
    const groups = Array.from({ length: 300 }, (_, i) =>
      group(`g${i}`, { positionsBefore: 1_000, wasLagging: i < 150 }),
    )
    for (let cycle = 1; cycle <= 10; cycle += 1) {
      for (const each of planOffsetFetches(groups, nobody)) each.reading = { atMs: cycle, positions: [] }
    }
    expect(Math.min(...groups.map(({ reading }) => reading?.atMs ?? 0))).toBeGreaterThan(4)
  })

  it('is members of groups that have some: changed ones first, the others in turn', () => {
    const members = Array.from({ length: 500 }, () => ({
      id: 'm',
      clientId: 'c',
      host: 'h',
      partitions: 1,
      moving: null,
    }))
    const groups = Array.from({ length: 20 }, (_, i) =>
      group(`g${i}`, {
        stateDescribed: 'stable',
        description: { atMs: i, state: 'stable', members, owners: new Map() },
      }),
    )
    const changed = group('changed', { stateDescribed: 'rebalancing' })
    const empty = group('empty', { state: 'empty' })
    const plan = planDescriptions([...groups, changed, empty], nobody).map(({ name }) => name)
    expect(plan[0]).toBe('changed')
    expect(plan).not.toContain('empty')
    expect(plan.slice(1)).toEqual(['g0', 'g1', 'g2', 'g3'])
  })

  it('is the end of every partition that a group reads, and of the others in turn', () => {
    const logs = logsOf({ read: 1, idle: 12_000 })
    const read = new Set([logs.get('read', 0) as PartitionLog])
    const turns = new Turns()
    const seen = new Set<PartitionLog>()
    for (let cycle = 0; cycle < 3; cycle += 1) {
      const ends = turns.ends(logs, read)
      expect(ends[0]).toBe(logs.get('read', 0))
      expect(ends.length).toBeLessThanOrEqual(5_001)
      for (const log of ends) seen.add(log)
    }
    expect(seen.size).toBe(12_001)
  })

  it('is the start of every partition within a bounded number of refreshes', () => {
    const logs = logsOf({ read: 3_000, idle: 3_000 })
    const read = new Set(logs.ofTopic('read'))
    const turns = new Turns()
    for (let cycle = 1; cycle <= 12; cycle += 1) {
      const starts = turns.starts(logs, read)
      expect(starts.length).toBeLessThanOrEqual(1_250)
      for (const log of starts) log.startReadMs = cycle
    }
    for (const log of logs.all()) expect(log.startReadMs).toBeGreaterThan(0)
  })
})
