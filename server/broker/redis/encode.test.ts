import { describe, expect, it, test } from 'vitest'
import { doubleText, encode } from './encode.ts'
import {
  DoubleReply,
  ErrorReply,
  MapReply,
  NIL_ARRAY,
  OK,
  PushReply,
  type Reply,
  SetReply,
  VerbatimReply,
} from './reply.ts'

describe('a reply as bytes', () => {
  test.each<[name: string, reply: Reply, two: string, three: string]>([
    ['a status', OK, '+OK\r\n', '+OK\r\n'],
    ['an error', new ErrorReply('ERR a\r\nb'), '-ERR a  b\r\n', '-ERR a  b\r\n'],
    ['an integer', -7, ':-7\r\n', ':-7\r\n'],
    ['minus zero', -0, ':0\r\n', ':0\r\n'],
    ['64 bits', 9223372036854775807n, ':9223372036854775807\r\n', ':9223372036854775807\r\n'],
    ['a bulk string', 'a\r\n\xff', '$4\r\na\r\n\xff\r\n', '$4\r\na\r\n\xff\r\n'],
    ['an empty string', '', '$0\r\n\r\n', '$0\r\n\r\n'],
    ['nil', null, '$-1\r\n', '_\r\n'],
    ['a nil array', NIL_ARRAY, '*-1\r\n', '_\r\n'],
    ['a boolean', true, ':1\r\n', '#t\r\n'],
    ['a double', new DoubleReply(1.5), '$3\r\n1.5\r\n', ',1.5\r\n'],
    ['infinity', new DoubleReply(-Infinity), '$4\r\n-inf\r\n', ',-inf\r\n'],
    ['a map', new MapReply(['a', 1]), '*2\r\n$1\r\na\r\n:1\r\n', '%1\r\n$1\r\na\r\n:1\r\n'],
    ['a set', new SetReply(['a']), '*1\r\n$1\r\na\r\n', '~1\r\n$1\r\na\r\n'],
    ['a push', new PushReply(['a']), '*1\r\n$1\r\na\r\n', '>1\r\n$1\r\na\r\n'],
    ['text', new VerbatimReply('hi'), '$2\r\nhi\r\n', '=6\r\ntxt:hi\r\n'],
    [
      'a nested array',
      [[], ['a', [null]]],
      '*2\r\n*0\r\n*2\r\n$1\r\na\r\n*1\r\n$-1\r\n',
      '*2\r\n*0\r\n*2\r\n$1\r\na\r\n*1\r\n_\r\n',
    ],
  ])('%s', (_, reply, two, three) => {
    expect(encode(reply, 2)).toBe(two)
    expect(encode(reply, 3)).toBe(three)
  })

  it('is an error when it is longer than anybody reads', () => {
    const long = 'x'.repeat(200 * 1024 * 1024)
    const error = '-ERR the answer is too long\r\n'
    expect(encode([long, long, long], 2)).toBe(error)
    expect(encode(long + long, 2)).toBe(error)
  })

  it('nests as deep as a script makes it', () => {
    let reply: Reply = 'x'
    for (let depth = 0; depth < 100_000; depth++) reply = [reply]
    expect(encode(reply, 2)).toHaveLength(4 * 100_000 + 7)
  })
})

test.each<[value: number, text: string]>([
  [3, '3'],
  [0.1, '0.10000000000000001'],
  [1e17, '1e+17'],
  [12345678901234568, '12345678901234568'],
  [1.5e-5, '1.5e-05'],
  [0.0001, '0.0001'],
  [-0, '-0'],
  [1e300, '1.0000000000000001e+300'],
  [3.14, '3.1400000000000001'],
])('%d prints as C prints it with %%.17g', (value, text) => {
  expect(doubleText(value)).toBe(text)
})
