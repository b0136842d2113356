import { expect, test } from 'vitest'
import { toYaml } from '../yaml.ts'
import { inert, inertJson } from './inert.ts'

const HOSTILE = [
  '\x1b[31mred',
  'bell\x07',
  'a\nb',
  'tab\there',
  '\x9b2J',
  'del\x7f',
  '\u202egpj.exe',
  'zero\u200bwidth',
  '\u2028',
  '\ud83d',
  '\u{e0041}',
]

test.each([
  ['\x1b[31mred', '\\x1b[31mred'],
  ['a\nb\tc', 'a\\nb\\tc'],
  ['\x9b2J', '\\x9b2J'],
  ['\u202egpj', '\\u202egpj'],
  ['\x1b]8;;http://x\x07link', '\\x1b]8;;http://x\\x07link'],
  ['\ud83d!', '\\ud83d!'],
])('%j is shown as %s', (text, shown) => expect(inert(text)).toBe(shown))

test('letters of any script, and emoji, are left as they are', () => {
  for (const text of ['emails', 'größe', '注文処理', 'ぁ', 'очередь', '🚚']) expect(inert(text)).toBe(text)
})

test.each(HOSTILE)('JSON and YAML of %j hold nothing a terminal could obey, and the same value', async (text) => {
  const { parse } = await import('yaml')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  const active = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]/
  const json = inertJson(JSON.stringify({ [text]: text }))
  expect(json).not.toMatch(active)
  expect(JSON.parse(json)).toEqual({ [text]: text })
  const yaml = toYaml({ name: text, list: [{ reason: `before ${text} after` }] })
  expect(yaml).not.toMatch(active)
  expect(parse(yaml)).toEqual({ name: text, list: [{ reason: `before ${text} after` }] })
})
