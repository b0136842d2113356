import { afterEach, expect, test, vi } from 'vitest'
import { manualClock } from '../../../test/support/manual-clock.ts'
import { EventMap } from './events.ts'

afterEach(() => vi.restoreAllMocks())

test('a fault nobody listens to is a warning of the process, once a minute for each operation', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const clock = manualClock()
  const events = new EventMap(clock)
  const fail = (op: string) => events.emit('fault', { op, error: new Error('READONLY You can’t write') })
  for (const op of ['turn', 'turn', 'beat', 'turn']) fail(op)
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    'turn: READONLY You can’t write',
    'beat: READONLY You can’t write',
  ])
  clock.advance(60_000)
  fail('turn')
  expect(warn).toHaveBeenCalledTimes(3)
  events.on('fault', () => {})
  clock.advance(60_000)
  fail('turn')
  expect(warn).toHaveBeenCalledTimes(3)
})
