import { describe, expect, it } from 'vitest'
import { parseControl } from '../../runtime/layout/control-text.ts'
import { RUN_FIELDS, type RunState } from '../../runtime/layout/run-state.ts'
import { ControlTexts, queueOfSluice, runOfSluice, type SluiceRow, sluiceQueue, sluiceRow } from './sluice-row.ts'

const LINE = '7,3,2,1,4,1000,30,20,5,2,1,6,,'
const line = (verb: string, revision = 1) => `${verb} 0 100 ${revision} 0 1 0`
const people = JSON.stringify({ tail: 'mail', reason: 'disk is full', actor: 'ana' })

describe('sluiceRow', () => {
  it('reads the numbers in their order', () => {
    expect(sluiceRow([LINE])).toEqual({
      ...{ pending: 7, active: 3, delayed: 2, retry: 1, dead: 4, oldestAtMs: 1000 },
      ...{ enqueued: 30, succeeded: 20, failed: 5, crashed: 2, poisoned: 1, runs: 6, controls: [], sagas: null },
    })
    expect(sluiceRow(['0,0,0,0,0,,0,0,0,0,0,0,2,1'])).toMatchObject({ oldestAtMs: null, sagas: { open: 2, stuck: 1 } })
  })

  it('an error is its text, and what is no row is null', () => {
    expect(sluiceRow(['!WRONGTYPE x'])).toBe('WRONGTYPE x')
    for (const wrong of [null, 'x', [], [7], ['1,2'], ['a,0,0,0,0,,0,0,0,0,0,0,,']]) expect(sluiceRow(wrong)).toBeNull()
  })
})

const read = (texts: ControlTexts, ...rows: SluiceRow[]) =>
  texts.read(new Map(rows.map((row, at) => [sluiceQueue('sluice', `q${at}`, ['sluice']), row])))

it('a control whose second line was told by another queue is whole again', () => {
  const first = sluiceRow([LINE, ['ctl_1', `${line('pause - - queue -')}\n${people}`, 1, 0, 5, ['w']]])
  const second = sluiceRow([LINE, ['ctl_1', line('pause - - queue -'), 2, 0, -1, []]])
  if (first === null || second === null || typeof first === 'string' || typeof second === 'string') throw new Error()
  const texts = new ControlTexts()
  const parsed = [...read(texts, first, second)]
  expect(parsed.map(([, text]) => text)).toMatchObject([{ actor: 'ana' }, { actor: 'ana' }])
  expect(parsed.map(([{ inHand, starts, disobeyedBy }]) => [inHand, starts, disobeyedBy])).toEqual([
    [1, 5, ['w']],
    [2, null, []],
  ])
  const orphan = sluiceRow([LINE, ['ctl_1', line('pause - - queue -'), 1, 0, 5, []]])
  if (orphan === null || typeof orphan === 'string') throw new Error()
  expect(read(new ControlTexts(), orphan).size).toBe(0)
  // Once it was whole, what stayed as it was is known.
  expect([...read(texts, orphan).values()]).toMatchObject([{ actor: 'ana' }])
  const changed = sluiceRow([
    LINE,
    ['ctl_1', `${line('limit 3 - queue -', 2)}\n${people.replace('ana', 'ben')}`, 1, 0, 5, []],
  ])
  if (changed === null || typeof changed === 'string') throw new Error()
  expect([...read(texts, changed).values()]).toMatchObject([{ actor: 'ben', order: { concurrency: 3 } }])
})

it('a queue tells our own pause, and the strictest limits in force at this moment', () => {
  const row = sluiceRow([LINE])
  if (row === null || typeof row === 'string') throw new Error()
  const whole = [
    line('pause - - queue -'),
    line('throttle 10 2 queue -'),
    line('throttle 8 - queue -'),
    line('limit 5 - queue -'),
  ]
    .map((text) => parseControl('ctl_1', `${text}\n${people}`))
    .flatMap((text) => (text ? [text] : []))
  expect(whole).toHaveLength(4)
  const told = queueOfSluice('mail', row, { serverMs: 50, consumers: 2, whole })
  // The ramp is at half its life: 2 + (10 − 2) / 2.
  expect(told).toMatchObject({
    pausedBy: 'sluice',
    limit: { concurrency: 5, perSecond: 6 },
    redelivered: 1,
    consumers: 2,
  })
  expect(queueOfSluice('mail', row, { serverMs: 1_500, consumers: 0, whole: [] })).toMatchObject({
    ...{ pausedBy: 'nobody', limit: null, oldestAgeMs: 500, depth: 7, added: 30, finished: 20, failed: 5 },
  })
})

describe('runOfSluice', () => {
  const run = (state: Partial<Record<keyof RunState, string>>, held = '5 w 9 walk eu', controls: string[] = []) => {
    const texts = controls.flatMap((text) => parseControl('ctl_1', `${text}\n${people}`) ?? [])
    return runOfSluice(['r1', held, ...RUN_FIELDS.map((name) => state[name] ?? '')], 'mail', texts)
  }

  it('counts the attempt in hand, and not the one that is over', () => {
    expect(run({ status: 'running', startedAtMs: '1', failures: '2' })).toMatchObject({ attempt: 3, worker: 'w' })
    expect(run({ status: 'queued', startedAtMs: '1', failures: '2' }, '')).toMatchObject({ attempt: 2, worker: null })
    expect(run({ status: 'queued' }, '')).toMatchObject({ attempt: 0, tickTotal: null, cursor: null })
    expect(run({ failures: '2' }, '')).toBeNull()
  })

  it.each([
    ['pause - - queue -', 'pausing'],
    ['pause - - run r1', 'pausing'],
    ['pause - - run r2', 'running'],
    ['pause - - job walk', 'pausing'],
    ['pause - - job eu', 'running'],
    ['pause - - tag eu', 'pausing'],
    ['pause - - tag walk', 'running'],
    ['limit 1 - queue -', 'running'],
  ])('a running one under %j is %s', (text, status) => {
    expect(run({ status: 'running', startedAtMs: '1' }, undefined, [line(text)])?.status).toBe(status)
  })
})
