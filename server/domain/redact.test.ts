import { describe, expect, it } from 'vitest'
import { redactJson, redactText } from './redact.ts'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123'

describe('redactJson', () => {
  it.each([
    ['{"password":"hunter2"}', '{"password":"[redacted 7 chars]"}'],
    ['{"user":{"apiKey":"abc","name":"Ana"}}', '{"user":{"apiKey":"[redacted 3 chars]","name":"Ana"}}'],
    [
      '{"auth":{"user":"ana","pins":[1,"x"]},"n":1}',
      '{"auth":{"user":"[redacted 3 chars]","pins":["[redacted 1 chars]","[redacted 1 chars]"]},"n":1}',
    ],
    ['{"cardNumber":4111111111111111,"ok":true}', '{"cardNumber":"[redacted 16 chars]","ok":true}'],
    ['{"token":null,"secret":"","x":2}', '{"token":null,"secret":"","x":2}'],
    ['{"pass\\u0077ord":"x"}', '{"pass\\u0077ord":"[redacted 1 chars]"}'],
    [`["a","${JWT}"]`, `["a","[redacted ${JWT.length} chars]"]`],
    ['["AKIAABCDEFGHIJKLMNOP"]', '["[redacted 20 chars]"]'],
    ['{"to":"a,b}{","token":"x"}', '{"to":"a,b}{","token":"[redacted 1 chars]"}'],
    ['"redis://ana:pw@host/0"', '"redis://ana:[redacted 2 chars]@host/0"'],
    ['{"body":"{\\"password\\":\\"x\\"}"}', '{"body":"{\\"password\\":\\"[redacted 1 chars]\\"}"}'],
  ])('%s', (text, clean) => {
    expect(redactJson(text)).toBe(clean)
    expect(redactJson(clean)).toBe(clean)
    expect(() => JSON.parse(redactJson(text))).not.toThrow()
  })

  it.each(['null', '1.50', '[]', '{ "a" : [1, 12345678901234567, 1.0] }', '{"a":"\\u00e9\\n"}', ''])(
    'what holds no secret stays as it was: %s',
    (text) => {
      expect(redactJson(text)).toBe(text)
    },
  )

  it('of a text that is cut off nothing secret is shown, wherever the cut is', () => {
    const text = `{"a":1,"password":"hunter2","list":[{"token":"tok\\"en"}],"jwt":"${JWT}"}`
    for (let end = 0; end <= text.length; end += 1) {
      const clean = redactJson(text.slice(0, end))
      expect(clean).not.toMatch(/hunter|tok\\"en|eyJzdWIi/)
    }
  })

  it('hostile text takes no long time', () => {
    const startedMs = performance.now()
    const hostile = ['"', '\\"', '{"', 'eyJ', 'eyJ-', 'eyJ. ', '[{', 'a://', 'pass', 'pass=', '-----BEGIN A-----', 'x:']
    for (const piece of hostile) redactJson(`{"a":"${piece.repeat(16_384 / piece.length)}`)
    for (const piece of hostile) redactText(piece.repeat(16_384 / piece.length))
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })
})

describe('redactText', () => {
  it.each([
    ['401 for Bearer abcdefgh123', '401 for Bearer [redacted 11 chars]'],
    ['GET /x?api_key=12345&n=1 failed', 'GET /x?api_key=[redacted 5 chars]&n=1 failed'],
    ['-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY----- end', '[redacted 57 chars] end'],
    ['cannot open /etc/passwd', 'cannot open /etc/passwd'],
  ])('%s', (text, clean) => {
    expect(redactText(text)).toBe(clean)
  })
})
