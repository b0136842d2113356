import { describe, expect, test } from 'vitest'
import { smallHost } from '../../../../test/support/lua/small-host.ts'
import type { Reply } from '../reply.ts'
import { general } from './decimal.ts'
import { argumentText, numberText, parseNumber } from './number.ts'
import { createScriptEngine } from './script-engine.ts'

/** A few cases of each part that need no redis-server; test/conformance/broker-redis-lua.test.ts has the many. */

const engine = createScriptEngine({ timeLimitMs: 5_000, memoryLimitBytes: 64_000_000, cachedScripts: 500 })
const run = (source: string): Reply => engine.run(engine.load(source, 'eval'), [], [], smallHost())

test.each([
  [0, '0'],
  [-0, '-0'],
  [5, '5'],
  [0.1, '0.1'],
  [1 / 3, '0.33333333333333'],
  [1e14, '1e+14'],
  [99999999999999, '99999999999999'],
  [123456789012345, '1.2345678901234e+14'],
  [1234567890123.25, '1234567890123.2'],
  [1234567890123.75, '1234567890123.8'],
  [1e15, '1e+15'],
  [1e-5, '1e-05'],
  [0.0001, '0.0001'],
  [5e-324, '4.9406564584125e-324'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
])('%d is written %s', (value, text) => expect(numberText(value)).toBe(text))

test.each([
  [0.1, '0.10000000000000001'],
  [3, '3'],
  [2 ** 53, '9007199254740992'],
  [1e17, '1e+17'],
  [-1e-7, '-9.9999999999999995e-08'],
])('%d is given to a command as %s', (value, text) => expect(argumentText(value)).toBe(text))

test('what is written with 17 digits reads back as the same number', () => {
  let value = 0.1
  for (let i = 0; i < 2_000; i++) {
    value = (value * 1103515.245 + 0.12345) % 1e9
    const scaled = value * 10 ** ((i % 60) - 30)
    expect(parseNumber(argumentText(scaled))).toBe(scaled)
    expect(general(scaled, 17, false)).toBe(argumentText(scaled))
  }
})

test.each([
  ['10', 10],
  [' 0x1F ', 31],
  ['-0x10', -16],
  ['0x1p4', 16],
  ['.5', 0.5],
  ['5.', 5],
  ['1e2', 100],
  ['inf', Infinity],
  ['', undefined],
  ['1e', undefined],
  ['1 2', undefined],
  ['0x', undefined],
  ['1_000', undefined],
])('%j reads as %s', (text, value) => expect(parseNumber(text)).toBe(value))

test.each(['1', '0xf', '1 '])('%j that goes on and on and is no number costs no more than its length', (start) => {
  const text = start + start.slice(-1).repeat(30_000)
  const startMs = performance.now()
  expect(parseNumber(`${text}z`)).toBeUndefined()
  expect(performance.now() - startMs).toBeLessThan(500)
})

test('an error of many line ends costs no more than its length', () => {
  const startMs = performance.now()
  expect(run("return #redis.error_reply('a' .. ('\\n'):rep(30000) .. 'b\\r\\n').err")).toBe(30_006)
  expect(performance.now() - startMs).toBeLessThan(500)
})

describe('scripts', () => {
  test.each<[string, Reply]>([
    ['return 7 % -3 + -7 % 3', 0],
    ['return {1, 2, nil, 4}', [1, 2]],
    ['return {"10" + 5, 10 .. "", #"a\\0b"}', [15, '10', 3]],
    [
      'local f = {} for i = 1, 3 do f[i] = function() i = i + 10 return i end end return {f[1](), f[1](), f[2]()}',
      [11, 21, 12],
    ],
    ['local function f() return 1, 2, 3 end return {f(), (f())}', [1, 1]],
    ['local function f() return 1, 2, 3 end return {(f()), f()}', [1, 1, 2, 3]],
    ['local t = {} for i = 1, 7500 do t[i] = i end return select("#", unpack(t))', 7500],
    ['return #{1, 2, nil, 4}', 4],
    ['return {string.find("THE (quick) fox", "%((%a+)%)")}', [5, 11, 'quick']],
    ['return {string.gsub("hello world", "%w+", "%0 %0", 1)}', ['hello hello world', 1]],
    ['return string.format("%5.1f|%-5d|%05d|%q", 2.25, 3, 4, "a\\nb")', '  2.2|3    |00004|"a\\\nb"'],
    ['return cjson.encode({1, {a = "x/y"}, {}})', '[1,{"a":"x\\/y"},{}]'],
    ['return cmsgpack.unpack(cmsgpack.pack({a = {1, -1, 2^40}})).a[3]', 2 ** 40],
    ['return {struct.unpack(">I2<i4", struct.pack(">I2<i4", 258, -5))}', [258, -5, 7]],
    ['return {bit.band(0xff, 0x0f), bit.tohex(255, 4), bit.bnot(0)}', [15, '00ff', -1]],
    ['local ok, e = pcall(error, {code = 5}) return {tostring(ok), e.code}', ['false', 5]],
    ['return {pcall(redis.call, "nosuch")}', [null, 'ERR Unknown Redis command called from script']],
    ['return 2^60 + 2^8', 1152921504606847232n],
  ])('%s', (source, reply) => expect(run(source)).toEqual(reply))

  test.each([
    ['return nosuch', "user_script:1: Script attempted to access nonexistent global variable 'nosuch' script: "],
    ['x = 1', 'user_script:1: Attempt to modify a readonly table script: '],
    ['local x return x.y', "user_script:1: attempt to index local 'x' (a nil value) script: "],
    ['return ("x"):rep({})', "user_script:1: bad argument #1 to 'rep' (number expected, got table) script: "],
    ['local function f() error("two", 2) end\nf()', 'user_script:2: two script: '],
    ['return 1 < "2"', 'user_script:1: attempt to compare number with string script: '],
    [
      'if true then\n',
      "Error compiling script (new function): user_script:2: 'end' expected (to close 'if' at line 1) near '<eof>'",
    ],
  ])('%s fails with its words and place', (source, words) => expect(() => run(source)).toThrow(words))
})
