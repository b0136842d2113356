import { describe, expect, it, test } from 'vitest'
import { request } from '../../test/support/raw-resp.ts'
import { seeded } from '../domain/seeded.ts'
import { RESP_LIMITS, RESP_LIMITS_UNAUTHENTICATED, RespError, RespParser } from './resp.ts'

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** All requests of a stream that comes in these pieces. */
function parse(pieces: readonly Buffer[], parser = new RespParser()): string[][] {
  const requests: string[][] = []
  for (const piece of pieces) {
    parser.feed(piece)
    for (let one = parser.next(); one !== undefined; one = parser.next()) requests.push(one)
  }
  return requests
}

function errorOf(text: string, parser = new RespParser()): string {
  try {
    parse([bytes(text)], parser)
    return 'none'
  } catch (error) {
    if (!(error instanceof RespError)) throw error
    return error.message
  }
}

const binary = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')

describe('requests', () => {
  const commands = [
    ['PING'],
    ['SET', 'a key that is longer', binary],
    ['GET', ''],
    ['\r\n', '*1\r\n$4\r\nPING\r\n'],
    ['MSET', ...Array.from({ length: 40 }, (_, at) => `v${at}`)],
  ]
  const stream = bytes(
    `${commands.map((one) => request(...one)).join('')}PING inline\r\n\r\n*0\r\n*-1\r\n${request('END')}`,
  )
  const whole = [...commands, ['PING', 'inline'], ['END']]

  it('are the same however the stream is split in two', () => {
    for (let at = 0; at <= stream.length; at++) {
      expect(parse([stream.subarray(0, at), stream.subarray(at)])).toEqual(whole)
    }
  })

  it('are the same byte by byte', () => {
    expect(parse(Array.from(stream, (_, at) => stream.subarray(at, at + 1)))).toEqual(whole)
  })

  it('are the same in random pieces', () => {
    const random = seeded(1)
    for (let run = 0; run < 300; run++) {
      const pieces: Buffer[] = []
      for (let at = 0; at < stream.length; ) {
        const length = 1 + Math.floor(random() * 60)
        pieces.push(stream.subarray(at, at + length))
        at += length
      }
      expect(parse(pieces)).toEqual(whole)
    }
  })

  it('do not change when the buffer they came in is written over', () => {
    const buffer = bytes(request('SET', 'k', 'a value that is long enough'))
    const [first] = parse([buffer])
    buffer.fill(0)
    expect(first).toEqual(['SET', 'k', 'a value that is long enough'])
  })
})

test.each<[name: string, line: string, words: string[]]>([
  ['blanks and tabs', '  SET \t a  b ', ['SET', 'a', 'b']],
  ['double quotes with escapes', '"a b" "\\x41\\n\\"\\q"', ['a b', 'A\n"q']],
  ['single quotes', "'it\\'s' 'a\\n'", ["it's", 'a\\n']],
  ['a quote in the middle of a word', 'a"b"', ['ab']],
  ['an empty word', '""', ['']],
])('an inline request with %s', (_, line, words) => {
  expect(parse([bytes(`${line}\n`)])).toEqual([words])
})

describe('a stream that is no protocol is refused in the words of Redis', () => {
  test.each<[stream: string, error: string]>([
    ['*1\r\n$2147483647\r\n', 'invalid bulk length'],
    ['*1\r\n$536870913\r\n', 'invalid bulk length'],
    ['*1\r\n$-5\r\n', 'invalid bulk length'],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$\r\n', 'invalid bulk length'],
    ['*1\r\n$4a\r\n', 'invalid bulk length'],
    ['*1\r\n$99999999999999999999\r\n', 'invalid bulk length'],
    ['*1000000000\r\n', 'invalid multibulk length'],
    ['*1048577\r\n', 'invalid multibulk length'],
    ['*x\r\n', 'invalid multibulk length'],
    ['*99999999999999999999\r\n', 'invalid multibulk length'],
    ['*1\r\n*1\r\n', "expected '$', got '*'"],
    ['*1\r\n+OK\r\n', "expected '$', got '+'"],
    ['"open\r\n', 'unbalanced quotes in request'],
    ['"a"b\r\n', 'unbalanced quotes in request'],
    [`*${'1'.repeat(70_000)}`, 'too big mbulk count string'],
    [`*1\r\n$${'1'.repeat(70_000)}`, 'too big bulk count string'],
    ['a'.repeat(70_000), 'too big inline request'],
    ['*1\r\n'.repeat(100_000), "expected '$', got '*'"],
  ])('%j', (stream, error) => {
    expect(errorOf(stream)).toBe(error)
  })

  it('allows a client that has not signed in little', () => {
    const stranger = () => new RespParser(RESP_LIMITS_UNAUTHENTICATED)
    expect(errorOf('*11\r\n', stranger())).toBe('unauthenticated multibulk length')
    expect(errorOf('*1\r\n$16385\r\n', stranger())).toBe('unauthenticated bulk length')
    expect(errorOf('*1\r\n$2147483647\r\n', stranger())).toBe('invalid bulk length')
    expect(parse([bytes(request(...Array(10).fill('a')))], stranger())).toHaveLength(1)
  })

  it('refuses more in one request than it may hold', () => {
    const parser = new RespParser({ ...RESP_LIMITS, requestBytesMax: 100 })
    expect(errorOf(request('a'.repeat(60), 'b'.repeat(60)), parser)).toBe('too big request')
  })
})

test('a length that is only announced costs no memory', () => {
  const before = process.memoryUsage().arrayBuffers
  const parsers = Array.from({ length: 50 }, () => new RespParser())
  for (const parser of parsers) parse([bytes('*1048576\r\n$536870912\r\nabc')], parser)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
  expect(parsers[0]?.pendingBytes).toBe(3)
})

test('a large argument in small pieces is copied a few times, not once for each piece', () => {
  const piece = Buffer.alloc(4_096, 97)
  const count = 8_192
  const parser = new RespParser()
  const startMs = performance.now()
  const requests = parse(
    [bytes(`*1\r\n$${piece.length * count}\r\n`), ...Array(count).fill(piece), bytes('\r\n')],
    parser,
  )
  expect(requests[0]?.[0]).toHaveLength(piece.length * count)
  expect(performance.now() - startMs).toBeLessThan(2_000)
})
