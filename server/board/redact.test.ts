import { expect, test } from 'vitest'
import { redactArgs } from './redact.ts'

test.each([
  ['{"password":"hunter2","user":"ana"}', '{"password":"[redacted 7 chars]","user":"ana"}'],
  [
    '{"a":{"apiKey": "x\\"y"},"cardNumber":4111}',
    '{"a":{"apiKey": "[redacted 4 chars]"},"cardNumber":"[redacted 4 chars]"}',
  ],
  ['{"key":"k","monkey":"m"}', '{"key":"k","monkey":"m"}'],
  ['["AKIAABCDEFGHIJKLMNOP"]', '["[redacted 20 chars]"]'],
  ['["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"]', '["[redacted 40 chars]"]'],
  ['{"auth_token":"cut in the midd', '{"auth_token":"[redacted 15 chars]"'],
])('%s is shown as %s', (text, shown) => {
  expect(redactArgs(text)).toBe(shown)
})

test('16 KB of what looks almost like pairs are read in no time', () => {
  const startedMs = performance.now()
  redactArgs('"'.repeat(16_384))
  redactArgs('"a\\'.repeat(5_000))
  expect(performance.now() - startedMs).toBeLessThan(500)
})
