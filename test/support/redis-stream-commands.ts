/** Commands of streams and of SORT from a seed: ids that grow, collide and overflow, groups that come and go, options right and wrong. */
import type { Request } from './redis-twins.ts'

export const STREAM_KEYS = ['s1', 's2', 'none', 'w']
export const SORT_KEYS = ['list', 'set', 'zset', 'words', 'to', 'hash', 'w']

type Make = () => Request

export interface Generator {
  next(): Request
}

interface Chances {
  any<T>(from: readonly T[]): T
  /** 0 … count − 1 */
  below(count: number): number
  one(of: number): boolean
}

function chancesOf(random: () => number): Chances {
  const below = (count: number) => Math.floor(random() * count)
  return { below, any: (from) => from[below(from.length)]!, one: (of) => below(of) === 0 }
}

const ODD_IDS = [
  '-',
  '+',
  '$',
  '>',
  '*',
  '0',
  '0-0',
  '0-*',
  '1-',
  '-1',
  '1--1',
  '01-02',
  ' 3',
  '+4',
  'abc',
  '',
  '5-abc',
  '6-*',
  '(5',
  '(5-1',
  '(-',
  '(+',
  '(0',
  '(0-0',
  '18446744073709551615',
  '18446744073709551615-18446744073709551615',
  '18446744073709551616',
  '(18446744073709551615-18446744073709551615',
  '18446744073709551614-18446744073709551615',
  '9007199254740993-9007199254740993',
] as const
const NUMBERS = [
  '0',
  '1',
  '2',
  '3',
  '5',
  '10',
  '100',
  '-1',
  '-5',
  'abc',
  '',
  '1.5',
  '9223372036854775807',
  '9223372036854775808',
]
const VALUES = [
  '',
  'v',
  '12',
  '-7',
  '128',
  '4096',
  '-5000',
  '70000',
  '99999999',
  '3000000000',
  'x'.repeat(70),
  'y'.repeat(900),
]

/** Times are absolute or far apart: nothing depends on how fast the test runs. */
export function streamCommands(random: () => number): Generator {
  const chances = chancesOf(random)
  const { any, below, one } = chances
  let ms = 1
  const key = () => any(one(15) ? STREAM_KEYS : ['s1', 's1', 's1', 's2'])
  const group = () => any(['g1', 'g1', 'g2', one(6) ? 'nogroup' : 'g1'])
  const consumer = () => any(['c1', 'c2', 'c3'])
  const number = () => (one(6) ? any(NUMBERS) : String(below(12)))
  /** Counts of a stream's whole life are exact up to 2^53 here. */
  const counted = () => (one(6) ? any(NUMBERS.filter((text) => !text.startsWith('92'))) : String(below(40)))
  const known = () => `${1 + below(ms)}-${below(3)}`
  const id = () => (one(8) ? any(ODD_IDS) : one(4) ? String(1 + below(ms)) : known())
  const ids = () => Array.from({ length: 1 + below(4) }, id)
  const word = (text: string) => (one(5) ? text.toLowerCase() : text)
  const next = () => {
    if (one(12)) return any(ODD_IDS.filter((odd) => odd !== '*'))
    if (!one(5)) ms += below(3)
    return any([`${ms}-${below(4)}`, `${ms}-*`, String(ms), `${ms}-*`])
  }
  const trim = () => {
    const sign = any([[], ['='], ['~'], ['~']])
    const threshold = one(2)
      ? [word('MAXLEN'), ...sign, one(3) ? number() : String(below(150))]
      : [word('MINID'), ...sign, id()]
    return one(5) ? [...threshold, word('LIMIT'), any(['0', '1', '100', '150', number()])] : threshold
  }
  const pairs = () => {
    const fields = one(4) ? ['f', 'g', 'h'].slice(0, 1 + below(3)) : ['f']
    return fields.flatMap((field) => [field, any(VALUES)])
  }
  const maybe = (of: number, make: () => readonly string[]) => (one(of) ? make() : [])
  const block = () => maybe(6, () => [word('BLOCK'), any(['1', '2', '-1', 'abc', '1.5'])])
  const streamsList = (make: () => string) => {
    const keys = one(4) ? [key(), key()] : [key()]
    return [word('STREAMS'), ...keys, ...keys.map(make), ...maybe(20, () => ['more'])]
  }
  const interval = () => [any(['-', id()]), any(['+', id()])]
  const makes: readonly Make[] = [
    () => [
      'XADD',
      key(),
      ...maybe(5, () => [word('NOMKSTREAM')]),
      ...maybe(4, trim),
      next(),
      ...pairs(),
      ...maybe(15, () => ['x']),
    ],
    () => ['XADD', key(), next(), ...pairs()],
    () => ['XADD', key(), next(), ...pairs()],
    () => ['XADD', key(), next(), 'f', any(VALUES)],
    () => ['XTRIM', key(), ...trim(), ...maybe(20, () => ['x'])],
    () => ['XLEN', key()],
    () => ['XRANGE', key(), ...interval(), ...maybe(3, () => [word('COUNT'), number()]), ...maybe(25, () => ['COUNT'])],
    () => ['XREVRANGE', key(), ...interval().reverse(), ...maybe(3, () => [word('COUNT'), number()])],
    () => ['XDEL', key(), ...ids()],
    () => ['XDEL', key(), known(), known()],
    () => [
      'XSETID',
      key(),
      next(),
      ...maybe(3, () => [word('ENTRIESADDED'), counted()]),
      ...maybe(3, () => [word('MAXDELETEDID'), id()]),
    ],
    () => [
      'XREAD',
      ...maybe(3, () => [word('COUNT'), number()]),
      ...block(),
      ...streamsList(() => any([id(), '0', '$'])),
    ],
    () => [
      'XGROUP',
      word('CREATE'),
      key(),
      group(),
      any(['0', '$', id()]),
      ...maybe(3, () => [word('MKSTREAM')]),
      ...maybe(4, () => [word('ENTRIESREAD'), counted()]),
    ],
    () => [
      'XGROUP',
      word('SETID'),
      key(),
      group(),
      any(['0', '$', id()]),
      ...maybe(4, () => [word('ENTRIESREAD'), counted()]),
    ],
    () => ['XGROUP', word(one(3) ? 'DESTROY' : 'HELP'), ...(one(3) ? [key(), group()] : [])],
    () => ['XGROUP', word('CREATECONSUMER'), key(), group(), consumer()],
    () => ['XGROUP', word('DELCONSUMER'), key(), group(), consumer()],
    ...Array.from(
      { length: 3 },
      (): Make => () => [
        'XREADGROUP',
        word('GROUP'),
        group(),
        consumer(),
        ...maybe(2, () => [word('COUNT'), number()]),
        ...block(),
        ...maybe(5, () => [word('NOACK')]),
        ...streamsList(() => any(['>', '>', '>', '0', id()])),
      ],
    ),
    () => ['XACK', key(), group(), ...ids()],
    () => ['XACK', key(), group(), known(), known(), known()],
    () => ['XPENDING', key(), group()],
    () => [
      'XPENDING',
      key(),
      group(),
      ...maybe(4, () => [word('IDLE'), any(['0', '10000000', 'abc'])]),
      ...interval(),
      number(),
      ...maybe(3, () => [consumer()]),
    ],
    () => [
      'XCLAIM',
      key(),
      group(),
      consumer(),
      any(['0', '0', '10000000000', '-1', 'abc']),
      ...ids(),
      ...claimOptions(chances, id),
    ],
    () => ['XCLAIM', key(), group(), consumer(), '0', known(), known(), ...claimOptions(chances, id)],
    () => [
      'XAUTOCLAIM',
      key(),
      group(),
      consumer(),
      any(['0', '0', '10000000000', 'abc']),
      id(),
      ...maybe(3, () => [word('COUNT'), number()]),
      ...maybe(3, () => [word('JUSTID')]),
    ],
    () => ['XAUTOCLAIM', key(), group(), consumer(), '0', '0', ...maybe(3, () => [word('COUNT'), number()])],
    () => [
      'XINFO',
      word('STREAM'),
      key(),
      ...maybe(2, () => [word('FULL'), ...maybe(2, () => [word('COUNT'), number()])]),
    ],
    () => ['XINFO', word('GROUPS'), key()],
    () => ['XINFO', word('CONSUMERS'), key(), group()],
    () => ['XINFO', any(['HELP', 'nosuch', 'STREAM', 'GROUPS'])],
    () =>
      any([
        ['DEL', 's1'],
        ['COPY', 's1', 's2'],
        ['XLEN', 'w'],
        ['TYPE', 's1'],
        ['OBJECT', 'ENCODING', 's2'],
      ]),
  ]
  // So that nearly everything meets a stream with groups, and not an empty key.
  const first: Request[] = [
    ['SET', 'w', 'text'],
    ['XGROUP', 'CREATE', 's1', 'g1', '0', 'MKSTREAM'],
    ['XGROUP', 'CREATE', 's1', 'g2', '0'],
  ]
  return { next: () => first.shift() ?? any(makes)() }
}

function claimOptions({ any, one }: Chances, id: () => string): readonly string[] {
  const options: string[] = []
  if (one(3)) options.push('JUSTID')
  if (one(3)) options.push('force')
  if (one(5)) options.push(any(['IDLE', 'TIME', 'idle']), any(['0', '1000', 'abc']))
  if (one(5)) options.push('RETRYCOUNT', any(['0', '7', '-1', 'abc']))
  if (one(6)) options.push('LASTID', id())
  if (one(20)) options.push(any(['NOSUCH', 'TIME']))
  return options
}

export function sortCommands(random: () => number): Generator {
  const chances = chancesOf(random)
  const { any, one } = chances
  const pattern = () =>
    any(['weight_*', 'hash_*->n', 'hash_*->', 'nosort', '#', '*', 'no_*', 'weight_*_x', 'hash_*->nofield', 'weight_'])
  const options = () => {
    const all: string[] = []
    if (one(3)) all.push(any(['BY', 'by']), pattern())
    if (one(3)) all.push('LIMIT', any([...NUMBERS, '1']), any([...NUMBERS, '2']))
    for (let gets = chances.below(4); gets > 1; gets--) all.push('GET', pattern())
    if (one(3)) all.push(any(['DESC', 'ASC', 'desc']))
    if (one(3)) all.push(any(['ALPHA', 'alpha']))
    if (one(25)) all.push(any(['NOSUCH', 'BY', 'LIMIT', 'GET', 'STORE']))
    return all
  }
  const key = () => any(['list', 'set', 'zset', 'words', 'none', one(6) ? 'w' : 'list', one(6) ? 'hash_1' : 'set'])
  // Nobody's order: a set BY a constant, and members whose weights are missing or equal as texts.
  const isOrdered = ([, from, ...rest]: Request) => {
    const by = rest[rest.findIndex((word) => /^by$/i.test(word)) + 1] ?? ''
    if (!rest.some((word) => /^by$/i.test(word))) return true
    return by.includes('*') ? !rest.some((word) => /^alpha$/i.test(word)) : from !== 'set'
  }
  const first: Request[] = [
    ['SET', 'w', 'text'],
    ['RPUSH', 'list', '3', '1', '2', '10', '-5', '1.5', '1', '7'],
    ['SADD', 'set', '5', '4', '9', '-1', '30', '2'],
    ['ZADD', 'zset', '1', '8', '2', '6', '3', '7', '3', '5'],
    ['RPUSH', 'words', 'pear', 'Apple', 'fig', 'apple', '', 'éclair', '10', '9'],
    ...['1', '2', '3', '5', '9', '10'].map((n): Request => ['SET', `weight_${n}`, String((Number(n) * 7) % 11)]),
    ...['1', '2', '4', '7', 'fig'].map((n): Request => ['HSET', `hash_${n}`, 'n', String((n.charCodeAt(0) * 5) % 7)]),
    ['SET', 'weight_7', 'inf'],
    ['SET', 'weight_30', ''],
  ]
  const make = (): Request => {
    const request = one(4)
      ? ['SORT_RO', key(), ...options()]
      : ['SORT', key(), ...options(), ...(one(4) ? ['STORE', 'to'] : [])]
    return isOrdered(request) ? request : make()
  }
  return { next: () => first.shift() ?? make() }
}
