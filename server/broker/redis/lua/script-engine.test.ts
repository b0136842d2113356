import { beforeEach, describe, expect, test } from 'vitest'
import { smallHost } from '../../../../test/support/lua/small-host.ts'
import type { Reply } from '../reply.ts'
import { createScriptEngine } from './script-engine.ts'
import type { ScriptEngine, ScriptHost } from './script-host.ts'

let engine: ScriptEngine
let host: ScriptHost

/** A clock that is one ms later at each look: a script of 10,000 steps takes 1 ms. */
function steppedHost(): ScriptHost {
  let nowMs = 0
  return {
    ...smallHost(),
    elapsedMs() {
      nowMs++
      return nowMs
    },
  }
}

beforeEach(() => {
  host = steppedHost()
  engine = createScriptEngine({ timeLimitMs: 50, memoryLimitBytes: 16_000_000, cachedScripts: 3 })
})

function run(source: string, keys: readonly string[] = [], argv: readonly string[] = []): Reply {
  return engine.run(engine.load(source, 'eval'), keys, argv, host)
}

describe('a script that would never end is ended, and the next one runs', () => {
  const attacks: Readonly<Record<string, string>> = {
    'a loop': 'while true do end',
    'a loop inside pcall': 'while true do pcall(function() while true do end end) end',
    'a loop in a metamethod': 'return setmetatable({}, {__index = function() while true do end end}).x',
    'a loop in xpcall and its handler': 'xpcall(function() while true do end end, function() while true do end end)',
    repeat: 'repeat local x = 1 until false',
    'for with step 0': 'for i = 1, 0, 0 do end',
    'for without end': 'for i = 1, math.huge do end',
    'a generic for': 'for i in function() return 1 end do end',
    'mutual recursion under pcall':
      'local f, g; f = function() pcall(g) return 1 end; g = function() pcall(f) f() return 1 end; while true do f() end',
    'a pattern': "return string.find(string.rep('a', 40000), string.rep('a-', 30) .. 'b')",
    'a pattern in gsub': "return string.gsub(string.rep('a', 30000), '.-.-.-b', 'x')",
    '%b': "while true do string.find(string.rep('(', 100000), '%b()') end",
    sort: 'local t = {} for i = 1, 1e5 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end',
    next: 'local t = {1, 2, 3} while true do local k = next(t) end',
    load: 'load(function() return 5 end)',
    'an iterator of gmatch': "for w in string.gmatch(string.rep('a', 1e6), 'a-') do for i = 1, 1e6 do end end",
  }
  test.each(Object.entries(attacks))('%s', (_name, source) => {
    expect(() => run(source)).toThrow(/Script killed: it (ran longer than 50 ms|used more than)/)
    expect(run('return 1 + 1')).toBe(2)
  })
})

describe('the time limit of a script', () => {
  /** A clock that only the script's commands move on: each takes `ms`. */
  function slowHost(ms: number): { readonly host: ScriptHost; calls(): number } {
    let calls = 0
    const host: ScriptHost = {
      ...smallHost(),
      elapsedMs: () => calls * ms,
      tookMs: ms,
      call() {
        calls++
        return null
      },
    }
    return { host, calls: () => calls }
  }

  test.each(['call', 'pcall'])('counts what commands take by redis.%s, few as their steps are', (name) => {
    const slow = slowHost(10)
    host = slow.host
    expect(() => run(`for i = 1, 100 do redis.${name}('lpos', 'k', 'x') end`)).toThrow('ran longer than 50 ms')
    expect(slow.calls()).toBe(6)
  })

  test('begins with the script, not with the first look at the clock', () => {
    const slow = slowHost(60)
    host = { ...slow.host, tookMs: 0 }
    expect(() => run("redis.call('get', 'k') for i = 1, 10001 do end")).toThrow('ran longer than 50 ms')
  })
})

describe('a script that wants too much memory is ended, and the next one runs', () => {
  const attacks: Readonly<Record<string, string>> = {
    'string.rep': "return #string.rep('x', 1e9)",
    doubling: "local s = 'x' while true do s = s .. s end",
    'doubling inside pcall': "while true do pcall(function() local s = 'x' while true do s = s .. s end end) end",
    'a table of numbers': 'local t = {} while true do t[#t + 1] = 1 end',
    'a table of tables': 'local t = {} while true do t = {t} end',
    'a table of keys': "local t, i = {}, 0 while true do i = i + 1 t['k' .. i] = i end",
    'strings that stay': "local t = {} while true do t[#t + 1] = string.rep('x', 1e5) .. #t end",
    'table.concat':
      "local t = {} for i = 1, 1e4 do t[i] = string.rep('x', 1e3) end while true do t[#t] = table.concat(t) end",
    'strings outside the heap':
      "local s, t = string.rep('x', 2e6), {} for i = 1, 500 do t[i] = string.reverse(s) end return #t",
    gsub: "return #string.gsub(string.rep('x', 1e6), 'x', string.rep('y', 1e3))",
    'string.format': "local s = string.rep('x', 1e6) while true do s = string.format('%s%s', s, s) end",
    cjson: "local t = {string.rep('x', 1e6)} for i = 1, 30 do t = {t, t} end return #cjson.encode(t)",
    cmsgpack: "local t = {string.rep('x', 1e6)} for i = 1, 12 do t = {t, t} end return #cmsgpack.pack(t)",
  }
  test.each(Object.entries(attacks))('%s', (_name, source) => {
    expect(() => run(source)).toThrow(/Script killed|too much memory/)
    expect(run('return 1 + 1')).toBe(2)
  })
})

describe('recursion without end is an error of Lua', () => {
  const attacks: Readonly<Record<string, string>> = {
    'a function': 'local function f() return 1 + f() end return f()',
    arguments: 'local function f(...) return 1 + f(1, ...) end return f()',
    __index:
      'local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k .. "x"] end return t.x',
    gsub: 'local function f() return (string.gsub("x", "x", f)) end return f()',
    sort: 'local function f() table.sort({1, 2, 3}, f) return true end return f()',
    __tostring:
      'local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) return tostring(t) .. "" end return tostring(t)',
  }
  test.each(Object.entries(attacks))('%s', (_name, source) => {
    expect(() => run(source)).toThrow(/stack overflow/)
    expect(run(`local ok, e = pcall(function() ${source} end) return e`)).toMatch(/stack overflow/)
  })

  test('a command always has stack left, however deep the script is', () => {
    let deepest = 0
    const call = () => {
      const descend = (n: number): number => (n === 0 ? 0 : 1 + descend(n - 1))
      deepest = descend(400)
      return 1
    }
    const source = 'local function f() redis.call("ping") return 1 + f() end return f()'
    expect(() => engine.run(engine.load(source, 'eval'), [], [], { ...host, call })).toThrow(/stack overflow/)
    expect(deepest).toBe(400)
  })
})

test('source nested without end is an error', () => {
  const nested = ['(', '{', 'function() return ', '- ', 'not ', 'a .. ', 'a[', 'f(']
  for (const piece of nested)
    expect(() => engine.load(`return ${piece.repeat(50_000)}`, 'eval')).toThrow(/Error compiling/)
  expect(() => engine.load('do '.repeat(50_000), 'eval')).toThrow(/Error compiling/)
  expect(() => engine.load(`return ${'('.repeat(20_000)}1${')'.repeat(20_000)}`, 'eval')).toThrow(/syntax levels/)
})

describe('nothing of JavaScript is reached', () => {
  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'call', 'apply', 'length', 'name'])(
    '%s is a key like any other',
    (key) => {
      expect(run(`local t = {} return tostring(t['${key}']) .. tostring(t.${key})`)).toBe('nilnil')
      expect(run(`local t = {} t['${key}'] = 5 return t.${key}`)).toBe(5)
      expect(run(`return tostring((({}).x or {}).${key})`)).toBe('nil')
      expect(() => run(`return redis.call.${key}`)).toThrow(/attempt to index field 'call' \(a function value\)/)
      expect(() => run(`return (function() end).${key}`)).toThrow(/attempt to index a function value/)
      expect(() => run(`return ${key}`)).toThrow(/nonexistent global variable|expected/)
    },
  )

  test.each([
    'local this, m, rt, world, va, k, r, b0, l1, t0_1, NOTHING = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 return this + m + rt + world + va + k + r + b0 + l1 + t0_1 + NOTHING',
    'local eval, process, globalThis, require, arguments, await, yield, class, enum, let, static = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 return eval + process + globalThis + require + arguments + await + yield + class + enum + let + static',
  ])('names mean only what the script says: %#', (source) => expect(run(source)).toBe(66))

  test.each(['process', 'require', 'globalThis', 'Function', 'eval', 'm', 'rt', 'world', 'undefined', 'Object'])(
    '%s is no global',
    (name) => expect(() => run(`return ${name}`)).toThrow(`nonexistent global variable '${name}'`),
  )

  test('a literal is only text', () => {
    const text = '"; process.exit(1); //`${1}\\u2028\\'
    expect(run(`return [==[${text}]==]`)).toBe(text)
    expect(run(`return ({["${'\\"+x+\\"'}"] = 7})['"+x+"']`)).toBe(7)
    expect(run('return "*/\\1\\2\\3\\4\\0" .. [[\u0001\u0002]]')).toBe('*/\u0001\u0002\u0003\u0004\0\u0001\u0002')
  })
})

describe('the cache', () => {
  test('scripts of EVAL leave first, the oldest of them; those of SCRIPT LOAD stay until all are flushed', () => {
    const loaded = engine.load('return 0', 'load')
    const evaluated = [1, 2, 3, 4, 5].map((n) => engine.load(`return ${n}`, 'eval'))
    expect(evaluated.map((sha) => engine.has(sha))).toEqual([false, false, true, true, true])
    expect(engine.has(loaded)).toBe(true)
    engine.flush()
    expect([loaded, ...evaluated].some((sha) => engine.has(sha))).toBe(false)
  })

  test('a script that was evaluated and then loaded stays', () => {
    const sha = engine.load('return 0', 'eval')
    expect(engine.load('return 0', 'load')).toBe(sha)
    for (let n = 1; n < 9; n++) engine.load(`return ${n}`, 'eval')
    expect(engine.has(sha)).toBe(true)
  })

  test('after a flush a script compiles anew and its errors still name their lines', () => {
    expect(() => run('\n\nerror("x")')).toThrow('user_script:3: x')
    engine.flush()
    expect(() => run('\n\nerror("x")')).toThrow('user_script:3: x')
  })
})

test('keys and arguments belong to one run', () => {
  expect(run('ARGV[9] = "kept" return {KEYS[1], ARGV[1], #KEYS, #ARGV}', ['k'], ['a'])).toEqual(['k', 'a', 1, 1])
  expect(run('return {#KEYS, #ARGV, tostring(ARGV[9])}')).toEqual([0, 0, 'nil'])
})

test('what setresp asked for ends with the script', () => {
  expect(run('redis.setresp(3) return true')).toBe(true)
  expect(run('return true')).toBe(1)
})

test('bytes pass unchanged', () => {
  const bytes = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join('')
  expect(run('return ARGV[1]', [], [bytes])).toBe(bytes)
  expect(run('return redis.call("echo", ARGV[1]):reverse():reverse()', [], [bytes])).toBe(bytes)
})
