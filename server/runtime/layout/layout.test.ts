import { expect, test } from 'vitest'
import { encodeJob, parseJob } from './job-text.ts'
import { nameFault, queueKey, runKey } from './keys.ts'
import { FRESH_RUN_STATE, parseRunState, RUN_FIELDS } from './run-state.ts'
import { encodeBeat, parseBeat } from './worker-beat.ts'

test('all keys of a queue carry its name as their only hash tag', () => {
  for (const key of [queueKey('sluice', 'mail:eu', 'pending'), runKey('sluice', 'mail:eu', 'x')]) {
    expect(/\{([^}]*)\}/.exec(key)?.[1]).toBe('mail:eu')
    expect(key.match(/[{}]/g)).toHaveLength(2)
  }
})

test.each(['', ' ', 'a b', 'a{b', 'a}b', '#', '#x', 'a\nb', 'a\u007fb', 'x'.repeat(201)])('%j is no name', (name) => {
  expect(nameFault(name)).not.toBeNull()
})

test.each(['default', 'mail:eu', 'a.b-c_d', 'größe', '__proto__', 'x'.repeat(200)])('%j is a name', (name) => {
  expect(nameFault(name)).toBeNull()
})

test('a job is read back as it was written, whatever its arguments hold', () => {
  for (const args of ['null', '{"a":"\\n"}', '[]', JSON.stringify({ text: 'ü\n\u2028"', big: 12345678901234 })]) {
    for (const trace of [null, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']) {
      const job = {
        name: 'mail.send',
        tags: ['eu', 'vip:1'],
        kind: 'plain',
        version: 3,
        trace,
        argsJson: args,
      } as const
      expect(parseJob(`1737000000000\n${encodeJob(job)}`)).toEqual({ ...job, enqueuedAtMs: 1_737_000_000_000 })
    }
  }
})

test.each(['', 'x', '1\na\nplain\n1', 'x\na\nplain\n1\n{}', '1\na\nother\n1\n{}', '1\na\nplain\nx\n{}'])(
  '%j is no job of ours',
  (text) => {
    expect(parseJob(text)).toBeNull()
  },
)

test('of a run without a state nothing is known but that nothing happened', () => {
  expect(FRESH_RUN_STATE).toMatchObject({ failures: 0, crashes: 0, cursor: null, total: null, startedAtMs: null })
  const values = RUN_FIELDS.map((name) => (name === 'cursor' ? '"abc"' : name === 'status' ? 'running' : '7'))
  expect(parseRunState(values)).toMatchObject({ cursor: '"abc"', status: 'running', done: 7, total: 7 })
})

test('a beat is read back as it was written, and anything else is no beat', () => {
  const beat = {
    ...{ host: 'h', pid: 7, version: '1', serves: ['a', 'b'], capacity: 10, busy: 2 },
    ...{ ownClockMs: 5, obeys: { a: 3 }, obeysAt: 'claim', lastStartAtMs: 9, phase: 'running' as const },
  }
  const words = encodeBeat(beat)
  const hash = Object.fromEntries(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? '']] : [])))
  const whole = { ...hash, startedAtMs: '1', beatAtMs: '2' }
  expect(parseBeat('w', whole)).toEqual({ ...beat, id: 'w', startedAtMs: 1, beatAtMs: 2 })
  expect(parseBeat('w', {})).toBeNull()
  expect(parseBeat('w', { ...whole, pid: 'x' })).toBeNull()
  expect(parseBeat('w', { ...whole, serves: '{' })).toBeNull()
})
