/** Commands of streams and SORT picked by hand: what chance seldom meets. */
import type { Request } from './redis-twins.ts'

const MANY = Array.from({ length: 350 }, (_, at) => at)

export const streamEdges: readonly (readonly [name: string, requests: readonly Request[]])[] = [
  [
    'XGROUP SETID takes the first and the last id of all by their signs, XGROUP CREATE does not',
    [
      ['XADD', 's1', '5-1', 'f', 'v'],
      ...['-', '+', '(5-1', '', '5', '-5', '-1-*', '5-*'].flatMap((id): Request[] => [
        ['XGROUP', 'CREATE', 's1', `g${id}`, id],
        ['XGROUP', 'CREATE', 's1', `h${id}`, '$'],
        ['XGROUP', 'SETID', 's1', `h${id}`, id],
        ['XREADGROUP', 'GROUP', `h${id}`, 'c', 'STREAMS', 's1', '>'],
        ['XGROUP', 'SETID', 's1', `h${id}`, id, 'ENTRIESREAD', '3'],
        ['XSETID', 's1', id],
        ['XDEL', 's1', id],
      ]),
    ],
  ],
  [
    'ids of odd bytes',
    [
      ...['5\0-*', '7\0', `${'0'.repeat(130)}8-*`, `${'0'.repeat(124)}9-*`, `${'0'.repeat(126)}9-*`].flatMap(
        (id): Request[] => [
          ['XADD', 's1', id, 'f', 'v'],
          ['XDEL', 's1', id],
        ],
      ),
    ],
  ],
  [
    'approximate trims cut whole nodes, by number of entries',
    [
      ...MANY.map((at): Request => ['XADD', 's1', `${at + 1}-0`, 'f', 'v']),
      ...['349', '300', '250', '249', '199', '51', '0'].map(
        (length): Request => ['XTRIM', 's1', 'MAXLEN', '~', length],
      ),
    ],
  ],
  [
    'approximate trims cut whole nodes, by bytes',
    [
      ...MANY.map(
        (at): Request => ['XADD', 's1', `${at + 1}-${at}`, 'f', 'v'.repeat(at), `n${at % 3}`, String(at * 37)],
      ),
      ...['340', '300', '200', '100', '7'].flatMap((length): Request[] => [
        ['XTRIM', 's1', 'MAXLEN', '~', length],
        ['XINFO', 'STREAM', 's1'],
      ]),
    ],
  ],
  [
    'approximate trims by id, with limits',
    [
      ...MANY.map((at): Request => ['XADD', 's1', `${at + 1}-0`, 'f', 'v']),
      ['XTRIM', 's1', 'MINID', '~', '310', 'LIMIT', '150'],
      ['XTRIM', 's1', 'MINID', '~', '310', 'LIMIT', '99'],
      ['XTRIM', 's1', 'MINID', '~', '310', 'LIMIT', '0'],
      ['XDEL', 's1', '350-0', '349-0'],
      ['XTRIM', 's1', 'MINID', '349-0'],
      ['XADD', 's1', 'MINID', '~', '400', '400-0', 'f', 'v'],
    ],
  ],
  [
    'a stream ends at its last id',
    [
      ['XADD', 's1', '18446744073709551615-18446744073709551614', 'f', 'v'],
      ['XADD', 's1', '*', 'f', 'v'],
      ['XADD', 's1', '*', 'f', 'v'],
      ['XADD', 's1', '18446744073709551615-*', 'f', 'v'],
      ['XADD', 's1', '18446744073709551615-18446744073709551615', 'f', 'v'],
      ['XRANGE', 's1', '-', '+'],
      ['XREAD', 'STREAMS', 's1', '18446744073709551615-18446744073709551614'],
      ['XREAD', 'STREAMS', 's1', '18446744073709551615-18446744073709551615'],
    ],
  ],
  [
    'lag and entries-read through deletions, trims and set ids',
    [
      ...MANY.slice(0, 20).map((at): Request => ['XADD', 's1', `${at + 1}-0`, 'f', 'v']),
      ['XGROUP', 'CREATE', 's1', 'g1', '0'],
      ['XGROUP', 'CREATE', 's1', 'g2', '5-0'],
      ['XGROUP', 'CREATE', 's1', 'g3', '5-0', 'ENTRIESREAD', '5'],
      ['XGROUP', 'CREATE', 's1', 'g4', '$'],
      ['XINFO', 'GROUPS', 's1'],
      ...['g1', 'g2', 'g3', 'g4'].map(
        (group): Request => ['XREADGROUP', 'GROUP', group, 'c', 'COUNT', '3', 'STREAMS', 's1', '>'],
      ),
      ['XINFO', 'GROUPS', 's1'],
      ['XDEL', 's1', '10-0', '2-0'],
      ['XINFO', 'GROUPS', 's1'],
      ...['g1', 'g2', 'g3', 'g4'].map(
        (group): Request => ['XREADGROUP', 'GROUP', group, 'c', 'COUNT', '3', 'STREAMS', 's1', '>'],
      ),
      ['XINFO', 'GROUPS', 's1'],
      ['XTRIM', 's1', 'MAXLEN', '5'],
      ['XINFO', 'GROUPS', 's1'],
      ['XREADGROUP', 'GROUP', 'g1', 'c', 'STREAMS', 's1', '0'],
      ['XAUTOCLAIM', 's1', 'g1', 'd', '0', '0', 'COUNT', '2'],
      ['XCLAIM', 's1', 'g1', 'd', '0', '3-0', '18-0', 'FORCE'],
      ['XPENDING', 's1', 'g1', '-', '+', '100'],
      ['XINFO', 'STREAM', 's1', 'FULL'],
    ],
  ],
  [
    'SORT BY texts, equal or missing or not',
    [
      ['RPUSH', 'list', '1', '2', '3'],
      ['MSET', 'w_1', 'pear', 'w_2', 'Apple', 'w_3', 'fig'],
      ['SORT', 'list', 'BY', 'w_*', 'ALPHA'],
      ['SORT', 'list', 'BY', 'w_*', 'ALPHA', 'DESC', 'LIMIT', '1', '2', 'GET', '#', 'GET', 'w_*'],
      ['SORT', 'list', 'BY', 'w_*'],
      ['DEL', 'w_2'],
      ['SORT', 'list', 'BY', 'w_*', 'ALPHA', 'GET', 'w_*', 'STORE', 'to'],
    ],
  ],
  [
    'inside a transaction nothing waits',
    [
      ['MULTI'],
      ['XREAD', 'BLOCK', '0', 'STREAMS', 's1', '$'],
      ['XADD', 's1', '1-1', 'f', 'v'],
      ['XREAD', 'BLOCK', '0', 'STREAMS', 's1', '0'],
      ['EXEC'],
    ],
  ],
]
