/**
 * Commands from a seed. A template is words; those in upper case stand for one of several texts, a name with `*` for none to two of its
 * kind, and `;` parts commands that belong together. One command in twelve is spoilt: a word more, one less, another in its place; one key
 * in sixteen is of another type.
 */
import type { Request, Step } from './redis-twins.ts'

type Chance = () => number

export interface Family {
  readonly name: string
  readonly keys: readonly string[]
  /** Makes `w`, a key of another type. */
  readonly wrong: Request
  readonly templates: readonly string[]
}

const LONG = 'x'.repeat(65)
const INTEGERS = ['0', '1', '-1', '2', '-2', '3', '5', '-7', '10', '100', '-100']
const BAD_INTEGERS = [
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  'abc',
  '1.5',
  '',
  '+1',
  ' 1',
  '01',
  '-0',
]
const FLOATS = [
  '0',
  '1',
  '-1',
  '2',
  '3',
  '0.1',
  '1.5',
  '-2.25',
  '3e2',
  '10',
  '1e17',
  '123456789012',
  '0.30000000000000004',
]
const BAD_FLOATS = [
  'inf',
  '-inf',
  '+inf',
  'nan',
  'abc',
  '1e400',
  '',
  '0x10',
  '-0',
  '1e-5',
  ' 1',
  '5.',
  '.5',
  '1e',
  '--1',
  '1e-400',
]
const VALUES = [
  'a',
  'b',
  'abc',
  '10',
  '-5',
  '3.5',
  '',
  'v'.repeat(44),
  'v'.repeat(45),
  '\xff\x00\r\n',
  '12345678901234567890',
  '9223372036854775807',
  'ohmytext',
  'mynewtext',
  '\x0f\xf0',
]
const MEMBERS = ['a', 'b', 'c', 'd', 'e', '1', '2', '3', '-4', '500']
const RARE_MEMBERS = ['', LONG, '\xfe', 'x'.repeat(64), '9223372036854775808']
const WORDS: Readonly<Record<string, readonly string[]>> = {
  SETOPT: [
    'NX',
    'XX',
    'GET',
    'KEEPTTL',
    'EX 100',
    'PX 100000',
    'EXAT 4102444800',
    'PXAT 4102444800123',
    'ex 0',
    'PX -1',
    'EX 9223372036854775807',
    'EX abc',
    'PERSIST',
    'EX',
  ],
  GETEXOPT: [
    'PERSIST',
    'EX 100',
    'PX 100000',
    'EXAT 4102444800',
    'PXAT 4102444800123',
    'EXAT 1',
    'PX 0',
    'KEEPTTL',
    'NX',
    'EX',
  ],
  TTLMS: ['100000', '0', '-1', 'x', '9223372036854775807', '9223372036854775'],
  LCSOPT: ['IDX', 'LEN', 'WITHMATCHLEN', 'MINMATCHLEN 2', 'MINMATCHLEN -1', 'MINMATCHLEN x', 'FOO'],
  UNIT: ['BYTE', 'BIT', 'byte', 'foo'],
  BITOPNAME: ['AND', 'OR', 'XOR', 'xor', 'NAND'],
  OFFSET: ['0', '1', '7', '8', '9', '15', '63', '100', '-1', 'abc', '4294967296'],
  BIT: ['0', '1', '0', '1', '2', '-1', 'x'],
  BITTYPE: ['u8', 'i8', 'u1', 'i5', 'u63', 'i64', 'u4', 'i16', 'u64', 'i65', 'x8', 'i0', 'u'],
  BITOFFSET: ['0', '1', '#0', '#1', '#3', '7', '100', '-1', '#x', '#'],
  BITVALUE: ['0', '1', '-1', '100', '255', '-128', '9223372036854775807', '-9223372036854775808', 'x'],
  OVERFLOW: ['WRAP', 'SAT', 'FAIL', 'sat', 'FOO'],
  END: ['LEFT', 'RIGHT', 'left', 'UP'],
  WHERE: ['BEFORE', 'AFTER', 'before', 'ON'],
  POSOPT: [
    'RANK 1',
    'RANK -1',
    'RANK 2',
    'RANK 0',
    'RANK -2',
    'COUNT 0',
    'COUNT 2',
    'COUNT -1',
    'MAXLEN 3',
    'MAXLEN 0',
    'MAXLEN -1',
    'FOO 1',
    'RANK',
  ],
  POPCOUNT: ['COUNT 1', 'COUNT 2', 'COUNT 100', 'COUNT 0', 'COUNT -1', 'COUNT x', 'COUNT', 'FOO 1', 'COUNT 1 COUNT 1'],
  NUMKEYS: ['1', '2', '2', '3', '0', '-1', 'x'],
  TIMEOUT: ['0', '1', '0.5', '-1', 'x', '1e400', 'inf', '9223372036854775807', '1e300', ''],
  SCANOPT: [
    'COUNT 1000',
    'MATCH *',
    'MATCH a*',
    'MATCH [a-c]',
    'COUNT 0',
    'COUNT x',
    'FOO 1',
    'COUNT',
    'NOVALUES',
    'TYPE set',
  ],
  CURSOR: ['0', '0', '0', '0', 'x', '-', '', '0x', '18446744073709551616'],
  ZADDOPT: ['NX', 'XX', 'GT', 'LT', 'CH', 'INCR', 'ch', 'FOO'],
  RANGEOPT: [
    'BYSCORE',
    'REV',
    'WITHSCORES',
    'LIMIT 0 2',
    'LIMIT 1 -1',
    'LIMIT -1 2',
    'LIMIT 1 1',
    'LIMIT x 1',
    'LIMIT 1',
    'FOO',
    'BYSCORE REV',
    'BYSCORE LIMIT 1 2',
  ],
  SCORERANGEOPT: [
    'WITHSCORES',
    'LIMIT 0 2',
    'LIMIT 1 -1',
    'LIMIT -1 2',
    'LIMIT 2 1',
    'LIMIT x 1',
    'LIMIT 1',
    'REV',
    'BYSCORE',
  ],
  LEXOPT: ['LIMIT 0 2', 'LIMIT 1 -1', 'LIMIT -1 2', 'LIMIT x 1', 'WITHSCORES', 'REV'],
  BOUND: [
    '-inf',
    '+inf',
    '0',
    '(0',
    '1',
    '(1',
    '2',
    '(2',
    '10',
    '-1',
    '(-inf',
    '(+inf',
    '1.5',
    '(3',
    'abc',
    '',
    '(',
    'nan',
    '1e400',
    ' 1',
    '[1',
  ],
  LEX: ['-', '+', '[a', '(a', '[c', '(c', '[b', '(z', '[', '(', 'a', '', '-a', '+x'],
  MINMAX: ['MIN', 'MAX', 'min', 'MID'],
  SETALGEBRAOPT: [
    'WEIGHTS 1 2',
    'WEIGHTS 2 -1',
    'WEIGHTS inf 0',
    'WEIGHTS 1',
    'WEIGHTS x 1',
    'AGGREGATE SUM',
    'AGGREGATE MIN',
    'AGGREGATE MAX',
    'AGGREGATE FOO',
    'aggregate max',
    'WITHSCORES',
    'LIMIT 1',
    'FOO',
  ],
  LIMITOPT: ['LIMIT 0', 'LIMIT 1', 'LIMIT 2', 'LIMIT -1', 'LIMIT x', 'LIMIT', 'FOO 1', 'WITHSCORES'],
  CHANCECOUNT: ['0', '1', '2', '-1', '-5', '100', 'x', '-9223372036854775808', '9223372036854775807', '1.5'],
  POPALL: ['0', '100', '1000', '-1', 'x', '9223372036854775807'],
}

/** Steps of one or more commands that belong together: `length` steps and one before them. */
export function sequence(family: Family, length: number, chance: Chance): Step[] {
  const steps: Step[] = [[family.wrong]]
  while (steps.length <= length) {
    const step: Request[] = []
    for (const template of one(family.templates, chance).split('; ')) {
      const words = template.split(' ').flatMap((word) => fill(word, family, chance))
      step.push(chance() < 0.08 ? spoilt(words, chance) : words)
    }
    steps.push(step)
  }
  return steps
}

function one<T>(items: readonly T[], chance: Chance): T {
  return items[Math.floor(chance() * items.length)]!
}

/** Mostly of the first, one in eight of the second. */
function mostly(usual: readonly string[], rare: readonly string[], chance: Chance): string {
  return one(chance() < 0.87 ? usual : rare, chance)
}

function fill(word: string, family: Family, chance: Chance): string[] {
  if (word.endsWith('*')) {
    const times = Math.floor(chance() * 3)
    return Array.from({ length: times }, () => fill(word.slice(0, -1), family, chance)).flat()
  }
  if (word === 'K') return [chance() < 0.06 ? 'w' : one(family.keys, chance)]
  if (word === 'L') return [chance() < 0.06 ? 'w' : one(['lex1', 'lex2'], chance)]
  if (word === 'N') return [mostly(INTEGERS, BAD_INTEGERS, chance)]
  if (word === 'F') return [mostly(FLOATS, BAD_FLOATS, chance)]
  if (word === 'V') return [one(VALUES, chance)]
  if (word === 'M') return [mostly(MEMBERS, RARE_MEMBERS, chance)]
  const words = WORDS[word]
  return words === undefined ? [word] : one(words, chance).split(' ')
}

/** The name stays. What would wait for ever, or make a different choice on each side, is not made. */
function spoilt(words: readonly string[], chance: Chance): Request {
  const at = 1 + Math.floor(chance() * (words.length - 1))
  const other = mostly(['foo', '', '1'], BAD_INTEGERS, chance)
  const kind = chance()
  if (words.length === 1 || /^(one|lex)/.test(words[1]!) || /^(b[lrz]|spop|psetex|.scan)/.test(words[0]!)) return words
  if (kind < 0.3) return [...words, other]
  if (kind < 0.6) return words.filter((_, i) => i !== at)
  return words.map((word, i) => (i === at ? other : word))
}
