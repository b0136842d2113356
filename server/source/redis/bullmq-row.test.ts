import { describe, expect, it } from 'vitest'
import { type BullmqRow, queueOfRow, versionOf } from './bullmq-row.ts'
import { parseRows } from './bullmq-script.ts'

const CONTEXT = {
  serverMs: 1_795_187_069_853,
  consumers: 2,
  areConsumersLate: false,
  retrying: null,
  displayName: 'emails',
  isPausedByUs: false,
}

function rowOf(line: string): BullmqRow {
  const [answer] = parseRows(`1795187069853\n${line}`, 1).answers
  if (!answer || answer === 'gone' || 'error' in answer) throw new Error(`no row: ${line}`)
  return answer
}

describe('a BullMQ row', () => {
  it('is depth, limits and counters in our words', () => {
    const queue = queueOfRow(rowOf('2,7,1,3,4,5,111,1795187009853,1,8,100,2000,6,1,0,bullmq:6.7.0'), CONTEXT)
    expect(queue).toMatchObject({
      depth: 10,
      active: 3,
      delayed: 4,
      dead: 5,
      added: 111,
      oldestAgeMs: 60_000,
      pausedBy: 'elsewhere',
      limit: { concurrency: 8, perSecond: 50 },
      finished: 83,
      failed: 1,
      consumers: 2,
      retrying: null,
      estimated: ['finished', 'failed'],
    })
  })

  it('an empty queue is empty, and its failures are unknown without metrics', () => {
    expect(queueOfRow(rowOf('0,0,0,0,0,0,,,,,,,,,'), CONTEXT)).toMatchObject({
      depth: 0,
      oldestAgeMs: 0,
      added: 0,
      finished: 0,
      failed: null,
      limit: null,
      pausedBy: 'nobody',
    })
  })

  it.each([
    ['a job that finishes, kept or not', '1,0,0,1,0,0,9,,,,,,0,,', '1,0,0,0,0,0,9,,,,,,0,,', 1],
    ['a job that fails and is kept', '1,0,0,1,0,0,9,,,,,,0,,', '1,0,0,0,0,1,9,,,,,,0,,', 0],
    ['a failed job that is tried again', '1,0,0,0,0,1,9,,,,,,0,,', '2,0,0,0,0,0,9,,,,,,0,,', 0],
    ['a delayed job that becomes due', '0,0,0,0,1,0,9,,,,,,0,,', '1,0,0,0,0,0,9,,,,,,0,,', 0],
    ['a job that is added', '0,0,0,0,0,0,9,,,,,,0,,', '1,0,0,0,0,0,10,,,,,,0,,', 0],
    ['a parent whose children are done', '0,0,0,0,0,0,9,,,,,,1,,', '1,0,0,0,0,0,9,,,,,,0,,', 0],
  ])('%s moves the finished by so many', (_, before, after, by) => {
    const finished = (line: string) => queueOfRow(rowOf(line), CONTEXT).finished ?? Number.NaN
    expect(finished(after) - finished(before)).toBe(by)
  })

  it('more jobs than were ever added leave the finished unknown', () => {
    expect(queueOfRow(rowOf('5,0,0,0,0,0,2,,,,,,0,,'), CONTEXT).finished).toBeNull()
    expect(queueOfRow(rowOf('5,0,0,0,0,0,,,,,,,0,,'), CONTEXT).finished).toBeNull()
  })

  it('a waiting job whose time is not known leaves the age unknown', () => {
    expect(queueOfRow(rowOf('1,0,0,0,0,0,1,,,,,,,,'), CONTEXT).oldestAgeMs).toBeNull()
  })

  it('an age is never negative, even when the producer’s clock is ahead', () => {
    expect(queueOfRow(rowOf('1,0,0,0,0,0,1,1795187099853,,,,,,,'), CONTEXT).oldestAgeMs).toBe(0)
  })

  it('several prioritized jobs make the age an estimate', () => {
    expect(queueOfRow(rowOf('0,0,2,0,0,0,2,1795187009853,,,,,,,'), CONTEXT).estimated).toContain('oldestAgeMs')
  })

  it('numbers that a stranger wrote are no counts', () => {
    const row = rowOf('1,0,0,0,0,0,inf,nan,,-5,100,0,,,')
    expect(row).toMatchObject({ added: null, oldestAtMs: null, concurrency: null, durationMs: 0 })
    expect(queueOfRow(row, CONTEXT).limit).toBeNull()
  })

  it('tells a queue that is gone from one that could not be read', () => {
    expect(parseRows('1795187069853\n-\n!WRONGTYPE no list', 2).answers).toEqual([
      'gone',
      { error: 'WRONGTYPE no list' },
    ])
  })

  it.each([['nonsense'], ['1795187069853\n-'], [''], [null], [['1795187069853', '-', '-']]])(
    'an answer that is none for two queues is refused: %j',
    (reply) => {
      expect(() => parseRows(reply, 2)).toThrow(/rows for 2 queues/)
    },
  )

  it.each([
    ['bullmq:6.7.0', '6.7.0'],
    ['bullmq-pro:7.1.0', '7.1.0'],
    ['', null],
    ['evil', null],
  ])('version %j is %j', (text, version) => {
    expect(versionOf(rowOf(`0,0,0,0,0,0,,,,,,,,,0,${text}`))).toBe(version)
  })
})
