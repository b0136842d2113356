import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { OVERVIEW_PATH } from '../../server/api/paths.ts'
import * as bodies from '../../test/support/api-bodies.ts'
import { eventually } from '../../test/support/eventually.ts'
import type { FakeApi } from '../../test/support/fake-api.ts'
import { FakeControls, TOKEN } from '../../test/support/fake-controls.ts'
import { Api } from '../api.ts'
import { failureOf } from '../exit.ts'
import { ASCII, UNICODE } from '../format/glyphs.ts'
import { lineText, lineWidth } from '../format/line.ts'
import { loadTables } from '../format/width.ts'
import { drawTop, roomOf } from './draw.ts'
import { keyOf } from './form.ts'
import { applyForm, askPreview, Previewer } from './form-requests.ts'
import {
  askedOf,
  CONTROLS_PATH,
  openQuestion,
  startModel,
  type TopModel,
  viewOf,
  withApplied,
  withLink,
  withPreview,
  withRefusal,
  withResult,
  withRoom,
} from './model.ts'
import { step } from './step.ts'

beforeAll(loadTables)

let model: TopModel
const nowMs = 1_000

beforeEach(() => {
  model = startModel({ source: null, faults: false })
  result(OVERVIEW_PATH, bodies.anOverview())
  controls()
  model = withLink(model, { state: 'live' }, nowMs)
})

function result(path: string, body: object): void {
  model = withResult(model, path, { body, monotonicMs: nowMs })
}

function controls(items: object[] = [], more: object = {}): void {
  result(CONTROLS_PATH, listed(items, { problems: 0, elsewhere: [], ...more }))
}

const listed = (items: readonly object[], more: object = {}) => {
  return { ...bodies.freshness(), total: items.length, offset: 0, items, ...more }
}

function press(...keys: string[]): ReturnType<typeof step>['effect'] {
  let effect: ReturnType<typeof step>['effect'] = null
  for (const key of keys) {
    const stepped = step(model, key, nowMs)
    model = stepped.model
    effect = stepped.effect
  }
  return effect
}

function screen({ columns = 100, rows = 30, glyphs = UNICODE } = {}): string[] {
  const sized = withRoom(model, roomOf(rows, model))
  return drawTop(sized, { columns, rows, glyphs, monotonicMs: nowMs, server: 'x:1' }).map(lineText)
}
const picture = () => screen().join('\n')

/** The server says what it would do to what stands in the form now. */
function answered(preview = bodies.aPreview()): void {
  const question = openQuestion(model)
  if (!question) throw new Error('nothing is asked')
  model = withPreview(model, keyOf(question), { body: preview })
}

const WHY = [...'SMTP 429, INC-482']

describe('p', () => {
  test('opens a form for the row, asks the server, and Enter acts only with a preview and a reason', () => {
    press('p')
    expect(picture()).toContain('─ Pause redis-main/emails ──')
    expect(picture()).toContain('asking the server what it would do')
    expect(openQuestion(model)).toEqual({
      about: 'control',
      targets: ['redis-main/emails'],
      order: { verb: 'pause' },
      ttlMs: 900_000,
    })
    expect(press('enter')).toBeNull()
    expect(screen().at(-2)).toContain('the preview has not come yet')
    answered()
    expect(press('enter')).toBeNull()
    expect(screen().at(-2)).toContain('the reason is missing: 8 characters or more')
    press(...WHY)
    expect(picture()).toContain('Enter: Pause redis-main/emails for 15m')
    expect(press('enter')).toMatchObject({ do: 'apply', form: { kind: 'pause', reason: 'SMTP 429, INC-482' } })
    expect(picture()).toContain('waiting for the answer')
    expect(press('enter')).toBeNull()
  })

  test('shows what the server says: levers, what waits at the end, what is there already', () => {
    press('p')
    answered(
      bodies.aPreview({ targets: [bodies.aPreviewTarget({ existing: [bodies.aControlRow({ actor: 'ben' })] })] }),
    )
    for (const said of [
      'by 6 workers, 6 in hand finish first, 49/s → 0/s',
      '≈ 158k waiting',
      'already there: ctl_7Qa2Zk91Bc paused, by ben',
      'goes on: enqueueing',
    ])
      expect(picture()).toContain(said)
  })

  test('← and → choose for how long, and the preview is asked anew', () => {
    press('p')
    answered()
    press('right', 'right')
    expect(picture()).toMatch(/5m .*15m .*30m .*\[1h\]/)
    expect(openQuestion(model)).toMatchObject({ ttlMs: 3_600_000 })
    press('left', 'left', 'left', 'left', 'left')
    expect(picture()).toContain('[5m]')
  })

  test('letters are the reason, and no command', () => {
    press('p', 'q', 'z', '?', '1', 'backspace')
    expect(model.form?.reason).toBe('qz?')
    expect(press('esc')).toBeNull()
    expect(model.form).toBeNull()
    press('p')
    expect(press('ctrl-c')).toEqual({ do: 'quit', interrupted: true })
  })

  test('says why it cannot be done: no lever, not there any more, not signed in', () => {
    press('p')
    answered(
      bodies.aPreview({
        controllable: 0,
        targets: [bodies.aPreviewTarget({ lever: { by: 'none', why: 'RQ has none' } })],
      }),
    )
    press(...WHY)
    expect(press('enter')).toBeNull()
    expect(picture()).toContain('Enter cannot act yet: it cannot be done here: RQ has none')
    press('esc', 'p')
    model = withPreview(model, keyOf(openQuestion(model)!), { problem: 'Who is that? Sign in first' })
    expect(picture()).toContain('Sign in first')
    expect(openQuestion(model)).toBeNull()
    press('enter')
    expect(openQuestion(model)).not.toBeNull()
  })

  test('an answer to what is not asked any more is dropped', () => {
    press('p')
    const before = keyOf(openQuestion(model)!)
    press('right')
    model = withPreview(model, before, { body: bodies.aPreview() })
    expect(model.form?.preview).toBeNull()
  })

  test('a refused change leaves the form as it was, and is previewed anew', () => {
    press('p')
    answered()
    press(...WHY, 'enter')
    model = withRefusal(model, 'changed: 7 workers, 6 were seen')
    expect(picture()).toContain('changed: 7 workers, 6 were seen')
    expect(model.form).toMatchObject({ reason: 'SMTP 429, INC-482', isApplying: false })
    press('enter')
    expect(openQuestion(model)).toMatchObject({ ttlMs: 900_000 })
  })
})

describe('t', () => {
  test('takes a rate or a number at once, then a reason', () => {
    press('t', '5', 'x', '0')
    expect(openQuestion(model)).toMatchObject({ order: { verb: 'throttle', perSecond: 50, fromPerSecond: null } })
    press('l')
    expect(openQuestion(model)).toMatchObject({ order: { verb: 'limit', concurrency: 50 } })
    answered()
    press('tab', ...WHY)
    expect(picture()).toContain('Enter: Limit redis-main/emails to 50 at once for 15m')
    press('tab', 's')
    expect(model.form?.kind).toBe('throttle')
  })

  test('without a number it says which is missing', () => {
    press('t', 'enter')
    expect(screen().at(-2)).toContain('how many a second?')
    press('l', 'enter')
    expect(screen().at(-2)).toContain('how many at once?')
    press('1', '.', '5')
    expect(openQuestion(model)).toBeNull()
  })
})

describe('r, e and u', () => {
  const MINE = bodies.aControlRow()
  const OTHER = bodies.aControlRow({ id: 'ctl_other00001', target: 'redis-main/news', actor: 'ben' })

  test('r lifts what is on the row, with a reason; without a control it says so', () => {
    press('r')
    expect(screen().at(-2)).toContain('nothing to resume: no control is on redis-main/emails')
    controls([MINE, OTHER])
    press('r')
    expect(picture()).toContain('ctl_7Qa2Zk91Bc paused, by ana')
    expect(picture()).not.toContain('ctl_other00001 paused')
    expect(openQuestion(model)).toBeNull()
    press(...WHY)
    expect(press('enter')).toMatchObject({ do: 'apply', form: { kind: 'resume', target: 'redis-main/emails' } })
  })

  test('r with a rate begins slowly, and says how it grows', () => {
    controls([MINE])
    press('r', ...WHY)
    expect(picture()).toContain('none, all at once')
    press('tab', 'x')
    expect(picture()).toContain('from _ starts a second')
    press('5')
    expect(picture()).toContain('from 5_ starts a second, up to 50/s over 5m')
    expect(picture()).toContain('Enter: Lift this control, then from 5/s up to 50/s')
    press('backspace', '0')
    press('enter')
    expect(screen().at(-2)).toContain('from how many a second?')
  })

  test('r says when something else than Sluice has paused it', () => {
    controls([], { elsewhere: ['redis-main/emails'] })
    press('r')
    expect(screen().at(-2)).toContain('paused by something else than Sluice')
  })

  test('u undoes the last control made here, and only that', () => {
    controls([MINE, OTHER])
    press('u')
    expect(screen().at(-2)).toContain('nothing that was made from here')
    model = withApplied(model, { said: 'Paused', made: [OTHER] })
    press('j', 'u')
    expect(model.form).toMatchObject({ kind: 'lift', target: 'redis-main/news', controls: [{ id: 'ctl_other00001' }] })
    expect(press('enter')).toMatchObject({ do: 'apply' })
  })

  test('e extends the control on the row, and needs no reason', () => {
    press('e')
    expect(screen().at(-2)).toContain('no control of Sluice is on redis-main/emails')
    controls([MINE])
    press('e', 'right')
    expect(press('enter')).toMatchObject({ do: 'apply', form: { kind: 'extend', ttlMs: 1_800_000 } })
  })

  test('a control that somebody else changed meanwhile is shown as it is now before it is extended', () => {
    controls([MINE])
    press('e', 'enter')
    model = withRefusal(model, 'ctl_7Qa2Zk91Bc was changed meanwhile')
    controls([bodies.aControlRow({ revision: 2, actor: 'ben' })])
    expect(press('enter')).toBeNull()
    expect(picture()).toContain('by ben')
    expect(press('enter')).toMatchObject({ do: 'apply', form: { controls: [{ revision: 2 }] } })
  })

  test('in the list of controls they are about the one under the cursor', () => {
    controls([MINE, OTHER])
    press('8')
    result(viewOf(model).paths(askedOf(model))[0] ?? '', listed([MINE, OTHER], { problems: 0, elsewhere: [] }))
    press('j', 'u')
    expect(model.form?.controls[0]?.id).toBe('ctl_other00001')
    press('esc', 'p')
    expect(model.form?.target).toBe('redis-main/news')
  })
})

describe('keys that cannot act say why', () => {
  const said = () => screen().at(-2)
  const show = (key: string, rows: object[]) => {
    press(key)
    result(viewOf(model).paths(askedOf(model))[0] ?? '', listed(rows))
  }

  test('on a worker, a topic, a source, and what is no run', () => {
    show('5', [bodies.aWorkerRow()])
    press('p')
    expect(said()).toContain('pause the queues that it serves')
    show('4', [bodies.aTopicRow()])
    press('t')
    expect(said()).toContain('a topic is not worked off')
    show('6', [bodies.aSourceRow()])
    press('p')
    expect(said()).toContain('sluice pause "redis-main/*"')
    press('C')
    expect(said()).toMatch(/a whole source|C cancels runs/)
  })

  test('on a run that has ended, on nothing, and while frozen', () => {
    show('7', [bodies.aRunRow({ status: 'succeeded' })])
    press('C')
    expect(said()).toContain('has ended: succeeded')
    show('2', [])
    press('p')
    expect(said()).toContain('nothing under the cursor')
    press('z', 'p')
    expect(said()).toContain('frozen: z')
  })

  test('while the rows of a new filter have not come: those on the screen are others', () => {
    press('/', 'n', 'e', 'w', 's', 'enter', 'p')
    expect(model.form).toBeNull()
    expect(said()).toContain('still being asked for')
  })

  test('C cancels the run under the cursor, after the server said what it would do', () => {
    show('7', [bodies.aRunRow()])
    press('C', ...WHY)
    expect(openQuestion(model)).toEqual({ about: 'cancel', target: 'run/redis-main/8f3c' })
    model = withPreview(model, keyOf(openQuestion(model)!), {
      body: {
        fingerprint: 'f',
        ids: ['8f3c'],
        total: 1,
        isIrreversible: true,
        sentence: 'Would cancel backfill at item 438200',
      },
    })
    expect(picture()).toContain('Would cancel backfill at item 438200')
    expect(press('enter')).toMatchObject({ do: 'apply', form: { kind: 'cancel' } })
  })
})

describe('marks', () => {
  test('make one form about several rows, whatever rows come and go', () => {
    press(' ', 'j', ' ')
    expect(screen()[2]).toContain('2 marked')
    expect(screen().filter((line) => /^.\*/.test(line))).toHaveLength(2)
    result(OVERVIEW_PATH, bodies.anOverview({ hot: bodies.HOT_ROWS.slice(5) }))
    press('p')
    expect(openQuestion(model)).toMatchObject({ targets: ['redis-main/emails', 'rabbit-1/audit'] })
    expect(picture()).toContain('targets  redis-main/emails, rabbit-1/audit')
    answered(bodies.aPreview({ matched: 2, controllable: 2 }))
    press(...WHY)
    expect(picture()).toContain('Enter: Pause 2 marked for 15m')
    model = withApplied(model, { said: 'done', made: [] })
    expect(model.marks).toEqual([])
  })

  test('go by Space and by Esc, before the filter does, and with another view', () => {
    press(' ', 'k', ' ')
    expect(model.marks).toEqual([])
    press('/', 'a', 'enter')
    result('/queues?filter=a&sort=pain&offset=0&limit=100&trend=1', listed([bodies.aQueueRow()]))
    result('/groups?filter=a&sort=pain&offset=0&limit=100&trend=1', listed([]))
    press(' ', 'esc')
    expect({ marks: model.marks, filter: model.filter }).toEqual({ marks: [], filter: 'a' })
    press(' ', '2')
    expect(model.marks).toEqual([])
  })

  test('are five at most, and not for what is about one', () => {
    press(' ', ' ', ' ', ' ', ' ', ' ')
    expect(model.marks).toHaveLength(5)
    expect(screen().at(-2)).toContain('5 are marked')
    press('e')
    expect(screen().at(-2)).toContain('about one: Esc drops the marks')
  })

  test('on controls are about their targets', () => {
    const [one, other] = [bodies.aControlRow(), bodies.aControlRow({ id: 'ctl_2', target: 'redis-main/news' })]
    controls([one, other])
    press('8')
    result(viewOf(model).paths(askedOf(model))[0] ?? '', listed([one, other], { problems: 0, elsewhere: [] }))
    press(' ', ' ', 'r')
    expect(model.form).toMatchObject({ kind: 'resume', targets: ['redis-main/emails', 'redis-main/news'] })
  })
})

describe('the line of controls', () => {
  test('is there only while something is controlled, and what does not hold comes first', () => {
    expect(screen()[2]).toContain('Queues and groups')
    controls([
      bodies.aControlRow({ expiresAtMs: bodies.NOW_MS + 432_000 }),
      bodies.aControlRow({
        id: 'ctl_2',
        target: 'redis-main/bulk',
        order: { verb: 'throttle', perSecond: 5, fromPerSecond: null },
        phase: 'not-effective',
      }),
    ])
    expect(screen()[2]).toBe('✖ bulk 5/s not effective 14:00 ana   ‖ emails 07:12 ana')
    expect(screen()[3]).toContain('Queues and groups')
    expect(screen()).toHaveLength(30)
  })

  test('says how many more there are where it is narrow', () => {
    controls(
      Array.from({ length: 9 }, (_, at) => bodies.aControlRow({ id: `ctl_${at}`, target: `redis-main/queue-${at}` })),
    )
    expect(screen({ columns: 80 })[2]).toMatch(/^‖ queue-0 14:00 ana .*and 6 more \(8\)$/)
  })

  test('says that the ledger is not sound before anything else', () => {
    controls([], { fault: 'the ledger cannot be written: no space left' })
    expect(screen()[2]).toBe('✖ the ledger cannot be written: no space left')
  })
})

test.each([
  [80, 24],
  [100, 30],
  [160, 45],
  [40, 10],
])('each form fills %d×%d exactly, in both alphabets, whatever the names', (columns, rows) => {
  const evil = bodies.aControlRow({ reason: `\x1b[2J${'注'.repeat(300)}`, actor: '\u202e' })
  for (const keys of [['p'], ['t', '5'], ['r'], ['e'], ['u']]) {
    controls([evil])
    model = withApplied(model, { said: '', made: [evil] })
    press(...keys)
    if (openQuestion(model)) answered(bodies.aPreview({ targets: [bodies.aPreviewTarget({ existing: [evil] })] }))
    for (const glyphs of [UNICODE, ASCII]) {
      const sized = withRoom(model, roomOf(rows, model))
      const lines = drawTop(sized, { columns, rows, glyphs, monotonicMs: nowMs, server: 'x:1' })
      expect(lines).toHaveLength(rows)
      for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(columns)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
      expect(lines.map(lineText).join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
      if (glyphs === ASCII) expect(lines.map(lineText).join('')).toMatch(/^[\x20-\x7e]*$/)
    }
    press('esc')
  }
})

describe('against the contract', () => {
  let fake: FakeControls
  let server: FakeApi
  let api: Api
  beforeEach(async () => {
    fake = new FakeControls()
    server = await fake.start()
    const credentials = { header: () => `Bearer ${TOKEN}`, remedy: () => '' }
    api = new Api(new URL(server.url), { signal: new AbortController().signal, credentials })
  })
  afterEach(() => server.close())

  const ask = async () => {
    const question = openQuestion(model)!
    model = withPreview(model, keyOf(question), { body: await askPreview(api, question) })
  }
  const apply = async () => {
    const effect = press('enter')
    if (effect?.do !== 'apply') throw new Error(picture())
    const applied = await applyForm(api, effect.form, bodies.NOW_MS)
    model = withApplied(model, applied)
    controls([...fake.controls.values()].filter(({ endedAtMs }) => endedAtMs === null))
    return applied.said
  }

  test('pause, extend and undo are one control from beginning to end', async () => {
    press('p', ...WHY)
    await ask()
    expect(await apply()).toMatch(/^Paused redis-main\/emails until .*\(ctl_0000000001\): u undoes it$/)
    press('e')
    expect(await apply()).toContain('Paused redis-main/emails until')
    expect(fake.controls.get('ctl_0000000001')).toMatchObject({ revision: 2, expiresAtMs: bodies.NOW_MS + 1_800_000 })
    press('u')
    expect(await apply()).toContain('lifted ctl_0000000001')
    expect(fake.controls.get('ctl_0000000001')?.phase).toBe('lifted')
  })

  test('throttle, resume and cancel', async () => {
    press('t', '5', 'tab', ...WHY)
    await ask()
    await apply()
    press('r', ...WHY)
    expect(await apply()).toBe('resumed redis-main/emails: 1 control lifted')
    press('7')
    result(viewOf(model).paths(askedOf(model))[0] ?? '', listed([bodies.aRunRow()]))
    press('C', ...WHY)
    await ask()
    expect(await apply()).toBe('run/redis-main/8f3c: cancelling')
  })

  test('what changed since the preview is refused with the difference', async () => {
    press('p', ...WHY)
    await ask()
    fake.targets.set('redis-main/emails', bodies.aPreviewTarget({ workers: 7 }))
    const effect = press('enter')
    if (effect?.do !== 'apply') throw new Error('not applied')
    const failure = await applyForm(api, effect.form, bodies.NOW_MS).catch(failureOf)
    expect(failure).toMatchObject({ exit: 8, lines: ['  redis-main/emails has 7 workers, 6 were seen'] })
  })

  test('a question is asked once, when the fingers rest, and only the last', async () => {
    const asked: string[] = []
    const previewer = new Previewer(async (question) => void asked.push(keyOf(question)))
    press('p')
    previewer.set(openQuestion(model))
    press('right')
    const last = openQuestion(model)
    previewer.set(last)
    previewer.set(last)
    await eventually(() => asked.length > 0)
    previewer.close()
    expect(asked).toEqual([keyOf(last!)])
  })
})
