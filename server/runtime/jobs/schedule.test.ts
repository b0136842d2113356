import { expect, test } from 'vitest'
import { compileSchedule, duesAhead } from './schedule.ts'

const unit = { queue: 'default', text: 'note\nplain\n1\n{}', more: '' }
const at = (text: string) => Date.parse(text)

test.each([
  ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29T01:00Z', '2026-03-30T00:30Z']],
  ['30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
  ['*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:00Z', ['2026-10-25T00:30Z', '2026-10-25T01:00Z']],
  ['0 9 * * 1', 'America/New_York', '2026-11-01T00:00Z', ['2026-11-02T14:00Z', '2026-11-09T14:00Z']],
])('%s in %s fires once where the clocks change', (cron, timeZone, from, expected) => {
  const { nextAfterMs } = compileSchedule({ name: 'n', cron, timeZone }, unit)
  const first = nextAfterMs(at(from))!
  expect([first, nextAfterMs(first)]).toEqual(expected.map(at))
})

test.each([
  ['61 * * * *', 'UTC'],
  ['* * *', 'UTC'],
  ['* * * * *', 'Nowhere/City'],
  ['0 0 30 2 *', 'UTC'],
])('%s in %s is no schedule', (cron, timeZone) => {
  expect(() => compileSchedule({ name: 'n', cron, timeZone }, unit)).toThrow(/schedule "n"/)
})

test('one occurrence lies ahead at least, and all of the next ten seconds', () => {
  const daily = compileSchedule({ name: 'n', cron: '0 0 * * *' }, unit)
  const nowMs = at('2026-05-05T12:00Z')
  expect(duesAhead(daily, nowMs, 0)).toEqual([at('2026-05-06T00:00Z')])
  expect(duesAhead(daily, nowMs, at('2026-05-06T00:00Z'))).toEqual([])
  const often = compileSchedule({ name: 'n', cron: '* * * * * *' }, unit)
  expect(duesAhead(often, nowMs, 0)).toEqual(Array.from({ length: 11 }, (_, n) => nowMs + (n + 1) * 1_000))
  expect(duesAhead(often, nowMs, nowMs + 9_000)).toEqual([nowMs + 10_000, nowMs + 11_000])
})
