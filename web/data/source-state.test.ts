import { expect, test } from 'vitest'
import type { SourceAge } from '../../server/api/freshness.ts'
import { sourceStateAt } from './source-state.ts'

const live: SourceAge = {
  ...{ source: 'redis-main', kind: 'redis', state: 'live', observedAtMs: 100_000, intervalMs: 2_000 },
  ...{ nextTryAtMs: null, error: null, gaps: 0 },
}

test.each([
  [104_000, 'live'],
  [104_001, 'late'],
  [110_000, 'late'],
  [110_001, 'stale'],
])('a source read each 2 s at 100 s is at %s ms %s', (nowMs, state) => {
  expect(sourceStateAt(live, nowMs)).toBe(state)
})

test('what the server calls stale is stale however young it is', () => {
  expect(sourceStateAt({ ...live, state: 'stale' }, 100_000)).toBe('stale')
})

test('a source that was never read waits', () => {
  expect(sourceStateAt({ ...live, state: 'waiting', observedAtMs: null }, 900_000)).toBe('waiting')
})
