import { describe, expect, it } from 'vitest'
import { countByQueue } from './sidekiq-plain.ts'
import { queueOfSidekiq, sidekiqProcess, sidekiqRow, sidekiqTimeMs, workerOfSidekiq } from './sidekiq-row.ts'

const SHARED = { retrying: 0, dead: 0, delayed: 0, estimated: [] }

describe('sidekiqTimeMs', () => {
  it.each([
    ['1795187290.9840147', 1_795_187_290_984], // ≤ 7: seconds
    ['1795187290', 1_795_187_290_000],
    ['1795187290984', 1_795_187_290_984], // 8: milliseconds
    ['', null],
    ['0', null],
    ['1.2.3', null],
  ])('%s is %s', (text, ms) => {
    expect(sidekiqTimeMs(text)).toBe(ms)
  })
})

describe('a Sidekiq queue', () => {
  const row = sidekiqRow('low', [3, '1795187290.5', 1, '2'])

  it('has the age of its next job, and a pause made elsewhere', () => {
    expect(row && queueOfSidekiq(row, [], { shared: SHARED, serverMs: 1_795_187_300_500 })).toMatchObject({
      depth: 3,
      oldestAgeMs: 10_000,
      pausedBy: 'elsewhere',
      limit: { concurrency: 2, perSecond: null },
      active: 0,
      consumers: 0,
      added: null,
      estimated: [],
    })
  })

  it('that could not be read is none', () => {
    expect(sidekiqRow('low', [])).toBeNull()
    expect(sidekiqRow('low', undefined)).toBeNull()
  })
})

describe('a Sidekiq process', () => {
  const info = (more: object) => JSON.stringify({ hostname: 'web-1', pid: 42, started_at: 1_795_187_288.15, ...more })

  it('6 and 7: its info names the queues', () => {
    const process = sidekiqProcess('web-1:42:ab12', [
      '1795187298.16',
      '1',
      'true',
      '',
      info({ queues: ['a', 'b', 'a'], concurrency: 5, version: '7.3.9' }),
      ['a', 1],
    ])
    expect(process).toMatchObject({ queues: ['a', 'b'], concurrency: 5, busy: 1, isQuiet: true, version: '7.3.9' })
    expect(workerOfSidekiq(process)).toMatchObject({ phase: 'quiet', capacity: 5, startedAtMs: 1_795_187_288_150 })
    const queue = sidekiqRow('a', [0, '', 0, ''])
    expect(queue && queueOfSidekiq(queue, [process], { shared: SHARED, serverMs: 0 })).toMatchObject({
      active: 1,
      consumers: 1,
      estimated: ['active'],
    })
  })

  it('8.0.9 and later: its capsules do, and the concurrency is a field', () => {
    const capsules = { default: { concurrency: 5, weights: { a: 0 } }, single: { concurrency: 1, weights: { b: 0 } } }
    expect(sidekiqProcess('h:1:ab', ['1795187298160', '0', 'false', '6', info({ capsules }), []])).toMatchObject({
      queues: ['a', 'b'],
      concurrency: 6,
      beatAtMs: 1_795_187_298_160,
    })
  })

  it('whose hash has expired is gone, and its identity tells the rest', () => {
    const process = sidekiqProcess('fe80::1:4242:d20a4f790c3e', [])
    expect(workerOfSidekiq(process)).toMatchObject({
      phase: 'gone',
      host: 'fe80::1',
      pid: 4242,
      busy: null,
      serves: [],
    })
  })

  it.each(['', 'not json', '[]', '"text"', '{"queues":"a"}', '{"capsules":[1]}'])('info %j tells nothing', (text) => {
    expect(sidekiqProcess('h:1:ab', ['1', '0', 'false', '', text, []])).toMatchObject({ queues: [], isGone: false })
  })
})

it('members are counted by the first queue they name: arguments cannot take its place', () => {
  const members = ['{"queue":"a","args":[{"queue":"evil"}]}', '{"queue":"a"}', '{"retry":true,"queue":"b"}', '{}', null]
  expect(countByQueue(members)).toEqual(['a', 2, 'b', 1])
})
