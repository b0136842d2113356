import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { OVERVIEW_PATH } from '../../server/api/paths.ts'
import * as bodies from '../../test/support/api-bodies.ts'
import { ASCII, UNICODE } from '../format/glyphs.ts'
import { lineText, lineWidth } from '../format/line.ts'
import { loadTables } from '../format/width.ts'
import { drawTop, roomOf } from './draw.ts'
import { frameText } from './fullscreen.ts'
import { actionOf, BINDINGS, keyNames } from './keys.ts'
import {
  askedOf,
  CONTROLS_PATH,
  followedPaths,
  startModel,
  type TopModel,
  viewOf,
  withLink,
  withProblem,
  withResult,
  withRoom,
} from './model.ts'
import { step } from './step.ts'
import { VIEWS } from './views.ts'

beforeAll(loadTables)

const SIZE = { columns: 100, rows: 30 }
let model: TopModel
let nowMs = 0

beforeEach(() => {
  nowMs = 1_000
  model = startModel({ source: null, faults: false })
  result(OVERVIEW_PATH, bodies.anOverview())
  model = withRoom(withLink(model, { state: 'live' }, nowMs), roomOf(SIZE.rows, model))
})

function result(path: string, body: object): void {
  model = withResult(model, path, { body, monotonicMs: nowMs })
}

function press(...keys: string[]): void {
  for (const key of keys) model = step(model, key, nowMs).model
}

function screen(more: Partial<Parameters<typeof drawTop>[1]> = {}): string[] {
  return drawTop(model, { ...SIZE, glyphs: UNICODE, monotonicMs: nowMs, server: '127.0.0.1:7380', ...more }).map(
    lineText,
  )
}

const list = (items: readonly object[], more: object = {}) => ({
  ...bodies.freshness(),
  total: items.length,
  offset: 0,
  items,
  ...more,
})
const cursorRow = () => screen().find((line) => line.startsWith('▸'))

describe('the picture', () => {
  test.each([
    [80, 24],
    [100, 30],
    [160, 45],
    [40, 10],
    [300, 100],
  ])('fills %d×%d exactly, in every view, pane and alphabet', (columns, rows) => {
    const pictures: TopModel[] = []
    for (const [view] of VIEWS.entries()) {
      press(String(view + 1))
      for (const path of viewOf(model).paths(askedOf(model))) {
        const items = path.startsWith('/queues')
          ? [bodies.aQueueRow(), bodies.aQueueRow({ ref: `redis-main/${'注'.repeat(200)}` })]
          : path.startsWith('/groups')
            ? [bodies.aGroupRow()]
            : path.startsWith('/topics')
              ? [bodies.aTopicRow()]
              : path.startsWith('/workers')
                ? [bodies.aWorkerRow()]
                : path.startsWith('/runs')
                  ? [
                      bodies.aRunRow(),
                      bodies.aRunRow({ ref: 'run/redis-main/9', tickTotal: null, error: 'x'.repeat(300) }),
                    ]
                  : path.startsWith('/controls')
                    ? [
                        bodies.aControlRow(),
                        bodies.aControlRow({ id: 'ctl_2', target: `redis-main/${'注'.repeat(200)}` }),
                      ]
                    : [
                        bodies.aSourceRow(),
                        bodies.aSourceRow({ ...bodies.STALE_RABBIT, ref: 'rabbit-1', severity: 'unknown' }),
                      ]
        result(path, list(items))
      }
      pictures.push(model, step(model, '?', nowMs).model, step(model, '/', nowMs).model)
    }
    press('1', 'enter')
    pictures.push(model)
    result('/queues/redis-main/emails', bodies.aQueueBody(bodies.aQueueRow()))
    pictures.push(model)
    for (const picture of pictures) {
      for (const glyphs of [UNICODE, ASCII]) {
        const lines = drawTop(picture, { columns, rows, glyphs, monotonicMs: nowMs, server: 'x:1' })
        expect(lines).toHaveLength(rows)
        for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(columns)
        if (glyphs === ASCII) expect(lines.map(lineText).join('')).toMatch(/^[\x20-\x7e]*$/)
      }
    }
  })

  test('says the verdict, the age of each kind, and names what is unknown instead of counting it', () => {
    const [verdict, sources] = screen({ columns: 160 })
    expect(verdict).toMatch(
      /^✖ 2 problems · worst: redis-main\/emails.* rabbit-1 unknown .*127\.0\.0\.1:7380 │ live │ \d\d:\d\d:12$/,
    )
    expect(sources).toBe(
      'Redis ● 2s 79.6k jobs  in 310 out 268  1 paused │ RabbitMQ ◌ 2m08s unreachable │ Kafka ● 4s lag 1.9M rec ~6m10s  in 5.1k out 3.4k  1 rebalancing',
    )
  })

  test('ages go on between bodies, on the clock of the server', () => {
    nowMs += 3_000
    expect(screen({ columns: 160 })[1]).toMatch(/^Redis ● 5s .*◌ 2m11s .*Kafka ● 7s/)
  })

  test('a stale row says how old it is, and an unknown figure is a dash', () => {
    expect(screen().find((line) => line.includes('rabbit-1/audit'))).toMatch(
      /◌ 2m old {3}rabbit-1\/audit +— +310 msgs +— +— +— /,
    )
  })

  test('a terminal that is too small is told so', () => {
    expect(screen({ columns: 39 })[0]).toBe('top needs 40×10')
    expect(screen({ rows: 9 })[0]).toBe('top needs 40×10')
  })

  test('why the row under the cursor is as it is stands below', () => {
    expect(screen().at(-2)).toMatch(/^─ redis-main\/emails {2}oldest 14 m 20 s, objective 5 m; growing/)
  })

  test('of a run the end of a long id gives way before its job and how fast it is', () => {
    press('7')
    const [path = ''] = viewOf(model).paths(askedOf(model))
    result(path, list([bodies.aRunRow({ ref: `run/redis-main/cron:newsletter:${'1'.repeat(40)}` })]))
    const [head, row] = screen({ columns: 100 }).slice(3)
    expect(head?.trim().split(/ +/)).toEqual(['STATUS', 'RUN', 'JOB', 'DONE', 'OF', 'RATE/S', 'ETA'])
    expect(row).toMatch(/running +redis-main\/cron:news\S*… +backfill-invoices +438k +1\.2M/)
  })

  test('names cannot reach the terminal', () => {
    press('2')
    const [path = ''] = viewOf(model).paths(askedOf(model))
    result(
      path,
      list([bodies.aQueueRow({ ref: 'redis-main/\x1b[2J\u202e', reasons: ['\x9b2J'], severity: 'warning' })]),
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(screen().join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
    expect(screen().join('')).toContain('redis-main/\\x1b[2J')
  })
})

describe('the order', () => {
  const shuffled = () =>
    bodies.anOverview({
      hot: [bodies.HOT_ROWS[1]!, bodies.HOT_ROWS[3]!, bodies.HOT_ROWS[0]!, ...bodies.HOT_ROWS.slice(4)],
    })

  test('follows the server until somebody moves, then is held and counts what waits', () => {
    press('j')
    expect(cursorRow()).toContain('group/kafka-eu/orders')
    result(OVERVIEW_PATH, shuffled())
    expect(cursorRow()).toContain('group/kafka-eu/orders')
    expect(screen()[4]).toContain('redis-main/emails')
    expect(screen()[2]).toContain('2 order changes (s)')
  })

  test('is taken anew by s, the cursor staying on its row', () => {
    press('j')
    result(OVERVIEW_PATH, shuffled())
    press('s')
    expect(screen()[4]).toMatch(/^▸ .*group\/kafka-eu\/orders/)
    expect(screen()[2]).not.toContain('order change')
  })

  test('goes free by Esc', () => {
    press('j', 'j', 'esc')
    result(OVERVIEW_PATH, shuffled())
    expect(cursorRow()).toContain('group/kafka-eu/orders')
  })
})

describe('keys', () => {
  test('no key means two things in one place, and each is in help', () => {
    for (const mode of ['list', 'pane', 'help', 'form'] as const) {
      const keys = BINDINGS.filter(({ modes }) => modes.includes(mode)).flatMap((binding) => binding.keys)
      expect(keys).toEqual([...new Set(keys)])
    }
    press('?')
    const help = screen({ rows: 60 }).join('\n')
    for (const { help: words } of BINDINGS) {
      expect(help).toContain(words)
      // Whole also at 80 cells.
      expect(words.length).toBeLessThanOrEqual(58)
    }
  })

  test('letters with Shift are kept for what cannot be undone, and what changes something only opens a form', () => {
    for (const key of ['D', 'R', 'O']) expect(actionOf(key, 'list')).toBeNull()
    for (const key of ['C', 'p', 't', 'r', 'e', 'u']) expect(actionOf(key, 'list')).toMatchObject({ do: 'form' })
  })

  test('fast typing comes as several keys', () => {
    const none = {
      leftArrow: false,
      rightArrow: false,
      upArrow: false,
      downArrow: false,
      pageUp: false,
      pageDown: false,
      home: false,
      end: false,
    }
    const flags = {
      ...none,
      return: false,
      escape: false,
      tab: false,
      shift: false,
      ctrl: false,
      meta: false,
      backspace: false,
      delete: false,
    }
    expect(keyNames('jj/注', flags)).toEqual(['j', 'j', '/', '注'])
    expect(keyNames('c', { ...flags, ctrl: true })).toEqual(['ctrl-c'])
    expect(keyNames('', { ...flags, delete: true })).toEqual(['backspace'])
  })

  test('q ends quietly, Ctrl-C as an interrupt, also while typing', () => {
    expect(step(model, 'q', 0).effect).toEqual({ do: 'quit', interrupted: false })
    expect(step(model, 'ctrl-c', 0).effect).toEqual({ do: 'quit', interrupted: true })
    press('/')
    expect(step(model, 'q', 0).effect).toBeNull()
    expect(step(model, 'ctrl-c', 0).effect).toEqual({ do: 'quit', interrupted: true })
  })

  test('a filter searches everything, not the twenty hottest, and Esc drops it', () => {
    press('/', 'm', 'a', 'x', 'backspace', 'i', 'l', '\u202e')
    expect(followedPaths(model)).toEqual([
      OVERVIEW_PATH,
      CONTROLS_PATH,
      '/queues?filter=mail&sort=pain&offset=0&limit=100&trend=1',
      '/groups?filter=mail&sort=pain&offset=0&limit=100&trend=1',
    ])
    press('enter')
    expect(screen()[2]).toContain('filter mail')
    press('esc')
    expect(followedPaths(model)).toEqual([OVERVIEW_PATH, CONTROLS_PATH])
  })

  test('faults and orders are asked of the server', () => {
    press('2', 'f', '>', '>', '>', '>', 'o')
    expect(followedPaths(model)).toEqual([
      OVERVIEW_PATH,
      CONTROLS_PATH,
      '/queues?severity=faults&sort=depth&offset=0&limit=100&trend=1',
    ])
    press('3', 'f', '>', '>')
    expect(followedPaths(model)[2]).toBe('/groups?sort=state&offset=0&limit=100&trend=1')
  })

  test('a long list is scrolled through in windows', () => {
    press('2')
    const [path = ''] = followedPaths(model).slice(2)
    const rows = Array.from({ length: 100 }, (_, at) => bodies.aQueueRow({ ref: `redis-main/q${at}` }))
    result(path, list(rows, { total: 10_000 }))
    press('end')
    expect(model.cursor).toBe(9_999)
    expect(askedOf(model).offset).toBe(9_950)
    press('home')
    expect(askedOf(model).offset).toBe(0)
    press('pagedown', 'pagedown')
    expect(cursorRow()).toContain('redis-main/q46')
  })

  test('Enter opens everything about the row, Esc comes back to it', () => {
    press('j', 'enter')
    expect(followedPaths(model)).toContain('/groups/kafka-eu/orders')
    expect(screen().join('')).toContain('reading')
    result('/groups/kafka-eu/orders', bodies.aGroupBody(bodies.aGroupRow({ lag: 1_900_000 })))
    expect(screen().join('\n')).toContain('lag records  1.9M')
    model = withProblem(model, '/groups/kafka-eu/orders', 'kafka-eu has no group "orders"')
    expect(screen().join('\n')).toContain('has no group "orders"')
    press('esc')
    expect(cursorRow()).toContain('group/kafka-eu/orders')
  })

  test('z holds the whole picture while bodies go on coming, and says so', () => {
    press('z')
    result(OVERVIEW_PATH, bodies.anOverview({ hot: [], hotTotal: 0 }))
    nowMs += 12_000
    expect(screen()[0]).toContain('frozen 12s')
    expect(screen().join('')).toContain('redis-main/emails')
    press('z')
    expect(screen().join('')).not.toContain('▸')
  })

  test('y copies the reference of the row', () => {
    expect(step(model, 'y', 0).effect).toEqual({ do: 'copy', text: 'redis-main/emails' })
  })
})

test('a lost stream is said, with its age', () => {
  model = withLink(model, { state: 'lost', why: 'connection reset' }, nowMs)
  nowMs += 7_000
  expect(screen()[0]).toContain('live updates lost 7s ago, polling')
})

test('an empty list says why', () => {
  press('2', '/', 'x')
  const [path = ''] = viewOf(model).paths(askedOf(model))
  result(path, list([]))
  expect(screen().join('\n')).toContain('None match "x". Esc clears the filter.')
  press('esc', 'f')
  result(viewOf(model).paths(askedOf(model))[0] ?? '', list([]))
  expect(screen().join('\n')).toContain('Nothing is wrong here.')
})

describe('drawing', () => {
  test('only lines that changed are sent, each to its own place, and never the scrollback', () => {
    expect(frameText(['a', 'b', 'c'], ['a', 'B', 'c'])).toBe('\x1b[?2026h\x1b[2;1H\x1b[2KB\x1b[?2026l')
    expect(frameText(['a'], ['a'])).toBe('')
    expect(frameText([], ['a'])).toBe('\x1b[?2026h\x1b[2J\x1b[1;1H\x1b[2Ka\x1b[?2026l')
    expect(frameText(['a', 'b'], ['a'])).toContain('\x1b[2;1H\x1b[J')
  })

  test('an idle second at 80×24 sends less than 2 KB', () => {
    const before = screen({ columns: 80, rows: 24 })
    nowMs += 1_000
    expect(frameText(before, screen({ columns: 80, rows: 24 })).length).toBeLessThan(2_048)
  })
})
