import { describe, expect, test } from 'vitest'
import {
  actWords,
  commandOf,
  countToType,
  type Draft,
  FIRST_DRAFT,
  missingIn,
  orderOf,
  previewOf,
  ttlOf,
} from './draft.ts'

const NOW = new Date(2026, 10, 21, 14, 17, 0).getTime()
const draft = (more: Partial<Draft> = {}): Draft => ({
  ...FIRST_DRAFT,
  ...{ targets: ['redis-main/emails'], reason: 'SMTP answers 429, INC-482' },
  ...more,
})

describe('the act that is about to be done', () => {
  test.each([
    [draft(), 1, 'Pause 1 queue for 15 m'],
    [draft({ verb: 'throttle', ttlMs: 3_600_000 }), 12, 'Throttle 12 queues for 1 h'],
    [draft({ targets: ['job-class/redis-main/Mail'], verb: 'limit' }), 1, 'Limit 1 job class for 15 m'],
    [draft({ targets: ['job-class/redis-main/Mail', 'redis-main/emails'] }), 2, 'Pause 2 targets for 15 m'],
    [draft({ verb: 'resume' }), 1, 'Resume 1 queue'],
    [draft({ verb: 'resume', isRamped: true }), 1, 'Resume 1 queue over 5 m'],
    [draft({ until: '14:32' }), 1, 'Pause 1 queue for 15 m'],
  ])('is said in its words: %#', (one, count, words) => expect(actWords(one, count, NOW)).toBe(words))
})

test('a time that has passed today is meant for tomorrow', () => {
  expect(ttlOf(draft({ until: '14:32' }), NOW)).toBe(15 * 60_000)
  expect(ttlOf(draft({ until: '14:16' }), NOW)).toBe(24 * 3_600_000 - 60_000)
})

test.each([
  [
    { verb: 'throttle', perSecond: '25' },
    { verb: 'throttle', perSecond: 25, fromPerSecond: null },
  ],
  [{ verb: 'throttle', perSecond: '' }, null],
  [{ verb: 'throttle', perSecond: '0' }, null],
  [
    { verb: 'limit', concurrency: '2' },
    { verb: 'limit', concurrency: 2 },
  ],
  [{ verb: 'limit', concurrency: '2.5' }, null],
  [{ verb: 'pause' }, { verb: 'pause' }],
] as const)('%o means %o', (entered, order) => expect(orderOf(draft(entered))).toEqual(order))

test('nothing is asked of the server before there is a target and a number', () => {
  expect(previewOf(draft({ targets: [] }), NOW)).toBeNull()
  expect(previewOf(draft({ verb: 'throttle' }), NOW)).toBeNull()
  expect(previewOf(draft(), NOW)).toEqual({ targets: ['redis-main/emails'], order: { verb: 'pause' }, ttlMs: 900_000 })
})

test.each([
  [draft({ targets: [] }), 'choose a target'],
  [draft({ reason: 'why' }), 'give a reason (5 more letters)'],
  [draft({ verb: 'limit' }), 'say how many at once'],
  [draft({ until: '25:00' }), 'write until when as 14:32'],
  [draft(), null],
])('what is missing is named: %#', (one, words) => expect(missingIn(one, NOW)).toBe(words))

test('only wide or long controls ask for their count', () => {
  expect(countToType(draft(), 5, NOW)).toBeNull()
  expect(countToType(draft(), 6, NOW)).toBe(6)
  expect(countToType(draft({ ttlMs: 5 * 3_600_000 }), 1, NOW)).toBe(1)
})

test('the command does the same in a terminal, whatever is in the reason', () => {
  expect(commandOf(draft({ reason: "it's down; rm -rf" }), NOW)).toBe(
    `sluice pause redis-main/emails --for 15m --reason 'it'\\''s down; rm -rf'`,
  )
  expect(commandOf(draft({ verb: 'throttle', perSecond: '25', targets: ['redis-main/*-mail'] }), NOW)).toContain(
    `'redis-main/*-mail' --rate 25/s`,
  )
})
