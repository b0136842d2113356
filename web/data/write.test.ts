import { expect, test } from 'vitest'
import { WRITES, type WriteName } from '../../server/api/writes.ts'
import { newIntent, problemWords, WRITE_PATHS } from './write.ts'

test('every write is sent to the path of the contract', () => {
  for (const [name, { path }] of Object.entries(WRITES)) {
    expect(WRITE_PATHS[name as WriteName]('ctl_1')).toBe(path.replace(':id', 'ctl_1'))
  }
})

test('two intents never have one key', () => {
  expect(newIntent()).toMatch(/^[0-9a-f]{32}$/)
  expect(newIntent()).not.toBe(newIntent())
})

test('a problem names the place of each mistake', () => {
  const problem = { type: 't', title: 'Bad', status: 400, code: 'bad-request', detail: 'two mistakes' } as const
  const errors = [
    { path: 'reason', message: 'at least 8 letters' },
    { path: '', message: 'no target' },
  ]
  expect(problemWords({ ...problem, errors })).toBe('two mistakes · reason: at least 8 letters · no target')
})
