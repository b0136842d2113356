import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { type ManualClock, manualClock } from '../../test/support/manual-clock.ts'
import { MemorySource } from '../../test/support/memory-source.ts'
import { openRoom, type TestRoom } from '../../test/support/room.ts'
import type { ControlRow } from '../api/control.ts'
import { OpsError } from '../domain/errors.ts'
import { controlRowOf } from './control-rows.ts'
import type { Wish } from './preview.ts'

let clock: ManualClock
let source: MemorySource
let room: TestRoom
const open: TestRoom[] = []
let folder = ''

beforeEach(async () => {
  clock = manualClock()
  source = new MemorySource(clock)
  folder = mkdtempSync(join(tmpdir(), 'sluice-controls-'))
  room = await started()
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  rmSync(folder, { recursive: true })
})

async function started(): Promise<TestRoom> {
  const fresh = await openRoom(clock, [source], { folder })
  open.push(fresh)
  fresh.collect()
  return fresh
}

/** The server ends, or is killed, and another starts on the same ledger. */
async function restarted(): Promise<TestRoom> {
  for (const one of open.splice(0)) await one.close()
  room = await started()
  return room
}

const PAUSE: Wish = { targets: ['redis-main/mail'], order: { verb: 'pause' }, ttlMs: 900_000 }
const REASON = 'bounces everywhere'

async function make(more: Partial<Wish> = {}): Promise<ControlRow> {
  const wish = { ...PAUSE, ...more }
  const { fingerprint } = room.controls.preview(wish)
  const made = await room.controls.make({ ...wish, reason: REASON, fingerprint }, 'ana')
  const [row] = made.controls
  if (!row) throw new Error(JSON.stringify(made))
  return row
}

function row(id: string): ControlRow {
  const kept = room.book.get(id)
  if (!kept) throw new Error(`no ${id}`)
  return controlRowOf(room.board, kept)
}

/** Some time later its source was read again. */
function later(ms = 100): void {
  clock.advance(ms)
  room.collect()
}

/** Another dashboard pauses a queue of the same source. */
async function placeElsewhere(id: string, ttlMs = 60_000): Promise<void> {
  const target = { kind: 'queue', source: 'redis-main', tail: 'sms' } as const
  const order = { verb: 'pause' } as const
  await source.apply({ id, target, order, reason: REASON, actor: 'eve', revision: 1, ttlMs })
}

const lines = () =>
  room.ledger
    .page({ offset: 0, limit: 100 })
    .items.map(({ actor, act, outcome }) => `${act} by ${actor} ${outcome}`)
    .reverse()

test('a pause is asked for, in place, draining, in effect, and lifted; the ledger has who did it', async () => {
  source.workers = [{ id: 'w1', obeys: false }]
  source.inHand = 1
  const { id, phase } = await make()
  expect(phase).toBe('requested')
  later()
  expect(row(id)).toMatchObject({ phase: 'in-place', obeying: 0, workers: 1 })
  source.workers = [{ id: 'w1', obeys: true }]
  later()
  expect(row(id)).toMatchObject({ phase: 'draining', inHand: 1 })
  source.inHand = 0
  later()
  expect(row(id)).toMatchObject({ phase: 'in-effect', detail: 'by 1 of 1 workers, nothing in hand' })
  await room.controls.lift(id, null, 'ben')
  later()
  expect(row(id)).toMatchObject({ phase: 'lifted', endedBy: 'ben' })
  expect(room.book.get(id)?.steps.map((step) => step.phase)).toEqual([
    'requested',
    'in-place',
    'draining',
    'in-effect',
    'lifted',
  ])
  expect(lines()).toEqual(['pause by ana done', 'lift by ben done'])
  expect(source.calls).toEqual(['apply pause mail 1', 'lift mail'])
})

test('a worker that does not confirm is named within 5 s, and so is one that goes on', async () => {
  source.workers = [{ id: 'old-7', obeys: false, skewMs: 7_200_000 }]
  const { id } = await make()
  later()
  clock.advance(4_000)
  expect(row(id)).toMatchObject({ phase: 'not-effective' })
  expect(row(id).detail).toContain('not by old-7 (version 0.1.0, its clock is 2 h ahead)')
  source.workers = [{ id: 'old-7', obeys: true, disobeys: true }]
  later()
  expect(row(id).detail).toContain('old-7 (version 0.1.0) started work that it forbids')
})

test('what was previewed is what is done: another match is refused with the difference', async () => {
  const wish = { ...PAUSE, targets: ['redis-main/*'] }
  const { fingerprint, matched } = room.controls.preview(wish)
  expect(matched).toBe(2)
  source.queues.push({ name: 'push' })
  later()
  await expect(room.controls.make({ ...wish, reason: REASON, fingerprint }, 'ana')).rejects.toMatchObject({
    code: 'changed',
    difference: ['redis-main/push matches now'],
  })
  const other = { ...wish, ttlMs: 60_000, reason: REASON, fingerprint: room.controls.preview(wish).fingerprint }
  await expect(room.controls.make(other, 'ana')).rejects.toMatchObject({ code: 'changed' })
  expect(source.calls).toEqual([])
})

test('a glob matches queues of one source, as their names are written', async () => {
  source.queues = [{ name: 'mail' }, { name: 'Mail' }, { name: 'e-mail' }]
  later()
  const refs = (text: string) => room.controls.preview({ ...PAUSE, targets: [text] }).targets.map(({ ref }) => ref)
  expect(refs('redis-main/*mail')).toEqual(['redis-main/e-mail', 'redis-main/mail'])
  expect(refs('redis-main/nothing*')).toEqual([])
  expect(refs('*/mail')).toEqual([])
})

test('a job class, a tag and a run can be targets; a worker cannot', async () => {
  const targets = ['job-class/redis-main/send', 'tag/redis-main/eu', 'worker/redis-main/w1', 'run/redis-main/gone']
  const { targets: seen, unmatched } = room.controls.preview({ ...PAUSE, targets })
  expect(seen.map(({ ref, lever }) => `${ref} ${lever.by}`)).toEqual([
    'job-class/redis-main/send workers',
    'tag/redis-main/eu workers',
  ])
  expect(unmatched).toEqual(['worker/redis-main/w1: a worker cannot be controlled', 'run/redis-main/gone'])
})

test('without a lever nothing is done, and the lever says why', async () => {
  source.levers = { throttle: { by: 'none', why: 'Sidekiq has no throttle' } }
  later()
  const order = { verb: 'throttle', perSecond: 5, fromPerSecond: null } as const
  await expect(make({ order })).rejects.toMatchObject({ code: 'unsupported', message: 'Sidekiq has no throttle' })
  expect([...source.calls, ...lines()]).toEqual([])
})

test('a preview tells where a pause leads to', () => {
  source.queues = [{ name: 'mail', depth: 100, active: 2, oldestAgeMs: 10_000, added: 1_000, finished: 900, failed: 0 }]
  later(0)
  source.queues = [
    { name: 'mail', depth: 100, active: 2, oldestAgeMs: 10_000, added: 1_100, finished: 1_100, failed: 0 },
  ]
  later(10_000)
  const [target] = room.controls.preview({ ...PAUSE, ttlMs: 60_000 }).targets
  // 10/s in, 20/s out: 600 more in a minute, then 10/s faster out than in.
  expect(target).toMatchObject({ inPerSecond: 10, outPerSecond: 20, outAfterPerSecond: 0, depthAtEnd: 700 })
  expect(target).toMatchObject({ oldestAtEndMs: 70_000, drainMs: 70_000, inHand: 2, workers: 0 })
  expect(target?.notes).toEqual(['nobody takes from it now'])
  const order = { verb: 'throttle', perSecond: 20, fromPerSecond: null } as const
  expect(room.controls.preview({ ...PAUSE, order }).targets[0]?.notes[0]).toBe('20/s now: already below the limit')
})

test('a preview names what the same workers serve, and what is there already', async () => {
  source.workers = [{ id: 'w1', obeys: true }]
  later()
  await make()
  const preview = room.controls.preview(PAUSE)
  expect(preview.alsoTouched).toEqual(['redis-main/sms'])
  expect(preview.targets[0]).toMatchObject({ existing: [{ sentence: 'paused', actor: 'ana' }] })
  expect(preview.targets[0]?.notes).toContain('already paused by ana: the strictest wins')
})

test('a control lives longer when it is extended, and of two who extend it one is told', async () => {
  const { id } = await make()
  later()
  const both = [1, 2].map(() => room.controls.extend(id, { ttlMs: 3_600_000, revision: 1 }, 'ben'))
  const results = await Promise.allSettled(both)
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(results.find((one) => one.status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } })
  later()
  expect(row(id)).toMatchObject({ revision: 2, phase: 'in-effect', actor: 'ana', reason: REASON })
  expect(row(id).expiresAtMs - clock.nowMs()).toBeGreaterThan(3_590_000)
  expect(lines()).toEqual(['pause by ana done', 'extend by ben done'])
})

test('an act that is still on its way is not mistaken for one that did not arrive', async () => {
  const { id } = await make()
  later()
  // Longer than what keeps controls in place waits between two looks.
  source.writeTakesMs = 1_200
  const extending = room.controls.extend(id, { ttlMs: 3_600_000, revision: 1 }, 'ben')
  later()
  await extending
  const lifting = room.controls.lift(id, null, 'ben')
  later()
  await lifting
  expect(source.calls).toEqual(['apply pause mail 1', 'apply pause mail 2', 'lift mail'])
  expect(lines()).toEqual(['pause by ana done', 'extend by ben done', 'lift by ben done'])
})

test('lifting is by id: a newer control on the same queue stays', async () => {
  const first = await make()
  const second = await make()
  await room.controls.lift(first.id, null, 'ana')
  later()
  expect([...source.placed.keys()]).toEqual([second.id])
  expect(row(second.id).phase).toBe('in-effect')
  await room.controls.lift(first.id, null, 'ana')
  expect(source.calls.filter((call) => call.startsWith('lift'))).toHaveLength(1)
})

test('resuming ends all controls on a target; with a ramp its throttle is there before the pause is gone', async () => {
  await make()
  await make({ order: { verb: 'limit', concurrency: 1 } })
  later()
  const ramp = { fromPerSecond: 1, toPerSecond: 50, overMs: 300_000 }
  const targets = ['redis-main/mail', 'redis-main/sms', 'redis-main/gone']
  const made = await room.controls.resume({ targets, reason: REASON, ramp }, 'ben')
  expect(source.calls.slice(2)).toEqual(['apply throttle mail 1', 'lift mail', 'lift mail'])
  expect(made.controls.map(({ phase, sentence }) => `${sentence} ${phase}`)).toEqual([
    '1/s growing to 50/s requested',
    'paused lifted',
    'at most 1 at once lifted',
  ])
  expect(made.skipped).toEqual([
    { ref: 'redis-main/sms', why: 'no control is on it' },
    { ref: 'redis-main/gone', why: 'nothing has that name' },
  ])
})

test('when the ramp cannot be placed the pause stays', async () => {
  const { id } = await make()
  later()
  source.trouble = new OpsError('refused', 'apply', 'the queue holds 100 controls')
  const ramp = { fromPerSecond: 1, toPerSecond: 50, overMs: 300_000 }
  const made = await room.controls.resume({ targets: ['redis-main/mail'], reason: REASON, ramp }, 'ben')
  expect(made.failed).toEqual([{ ref: 'redis-main/mail', code: 'refused', message: 'the queue holds 100 controls' }])
  expect(row(id).phase).toBe('in-effect')
})

test('a control that its source refuses is not wanted, and the ledger has both', async () => {
  source.trouble = new OpsError('unreachable', 'apply', 'connection refused')
  const { fingerprint } = room.controls.preview({ ...PAUSE, targets: ['redis-main/*'] })
  const wish = { ...PAUSE, targets: ['redis-main/*'], reason: REASON, fingerprint }
  const made = await room.controls.make(wish, 'ana')
  expect(made.controls).toEqual([])
  expect(made.failed.map(({ message }) => message)).toEqual(['connection refused', 'not tried: connection refused'])
  expect(room.book.living).toEqual([])
  expect(lines()).toEqual(['pause by ana done', 'pause by ana failed'])
  await restarted()
  expect(room.book.all).toEqual([])
})

test('without an answer it is asked for until it is read back', async () => {
  source.trouble = 'lost answer'
  const { id, phase } = await make()
  expect(phase).toBe('requested')
  source.trouble = null
  later()
  expect(row(id).phase).toBe('in-effect')
})

test('a source that is silent costs one deadline, and the next write is told at once', async () => {
  source.trouble = 'silence'
  const startedMs = performance.now()
  expect(await make()).toMatchObject({ phase: 'requested' })
  expect(performance.now() - startedMs).toBeLessThan(2_500)
  expect(await make()).toMatchObject({ phase: 'requested' })
  expect(performance.now() - startedMs).toBeLessThan(2_700)
})

test('what vanished from its source is put back with its old end', async () => {
  const { id, expiresAtMs } = await make()
  later()
  source.placed.clear()
  later()
  expect(row(id)).toMatchObject({ phase: 'missing' })
  await eventually(() => source.calls.includes('putBack mail'))
  expect(source.placed.get(id)).toMatchObject({ expiresAtMs, revision: 1 })
  later()
  expect(row(id).phase).toBe('in-effect')
  expect(lines()).toEqual(['pause by ana done', 'put-back by sluice done'])
})

test('while its source does not take it, putting back is tried ever less often', async () => {
  await make()
  later()
  source.placed.clear()
  source.trouble = new OpsError('refused', 'putBack', 'NOPERM')
  later()
  for (let second = 0; second < 6; second++) {
    await eventually(() => source.calls.filter((call) => call === 'putBack mail').length >= 1)
    later(300)
  }
  expect(source.calls.filter((call) => call === 'putBack mail').length).toBeLessThanOrEqual(2)
})

test('what another dashboard lifted stays lifted', async () => {
  const { id } = await make()
  later()
  await source.lift(id, { kind: 'queue', source: 'redis-main', tail: 'mail' })
  later()
  await eventually(() => row(id).phase === 'lifted')
  expect(row(id).endedBy).toBe('elsewhere')
  expect(source.placed.size).toBe(0)
  await restarted()
  expect(row(id).phase).toBe('lifted')
})

test('a control of another dashboard is shown as it is, and can be extended and lifted', async () => {
  await placeElsewhere('ctl_elsewhere0')
  later()
  expect(row('ctl_elsewhere0')).toMatchObject({ phase: 'in-effect', actor: 'eve' })
  expect(lines()).toEqual([])
  await room.controls.extend('ctl_elsewhere0', { ttlMs: 120_000, revision: 1 }, 'ana')
  later()
  expect(row('ctl_elsewhere0')).toMatchObject({ revision: 2, actor: 'eve' })
  await room.controls.lift('ctl_elsewhere0', null, 'ana')
  later()
  expect(row('ctl_elsewhere0')).toMatchObject({ phase: 'lifted', endedBy: 'ana' })
})

test('a control of another dashboard that vanishes is over, and nobody puts it back', async () => {
  await placeElsewhere('ctl_elsewhere0')
  later()
  source.placed.clear()
  later()
  expect(row('ctl_elsewhere0')).toMatchObject({ phase: 'lifted', endedBy: 'elsewhere' })
})

test('extended by another dashboard it lives as long as that one said', async () => {
  const { id } = await make({ ttlMs: 10_000 })
  later()
  const control = source.placed.get(id)
  if (!control) throw new Error('not placed')
  await source.apply({ ...control, revision: 2, ttlMs: 60_000 })
  later(20_000)
  expect(row(id)).toMatchObject({ phase: 'in-effect', revision: 2 })
})

test('at its end it is expired, also while its source does not answer, and the ledger says so', async () => {
  const { id } = await make({ ttlMs: 5_000 })
  later()
  clock.advance(4_800)
  expect(row(id).phase).toBe('in-effect')
  clock.advance(200)
  expect(row(id).phase).toBe('expired')
  await eventually(() => lines().includes('expire by expiry done'))
})

test('a restart forgets nothing: who, why, until when, and that it is in effect', async () => {
  const { id, expiresAtMs } = await make()
  later()
  await restarted()
  later()
  expect(row(id)).toMatchObject({ actor: 'ana', reason: REASON, expiresAtMs, phase: 'in-effect' })
})

test('what vanished while nobody looked is put back after the restart, and what expired is not', async () => {
  const short = await make({ ttlMs: 5_000 })
  const long = await make()
  source.placed.clear()
  clock.advance(60_000)
  await restarted()
  later()
  await eventually(() => source.placed.has(long.id))
  expect([...source.placed.keys()]).toEqual([long.id])
  await eventually(() => row(short.id).phase === 'expired')
})

test('a lift that got no answer is tried again until it is read back, also after a restart', async () => {
  const { id } = await make()
  later()
  source.trouble = 'silence'
  await expect(room.controls.lift(id, null, 'ana')).rejects.toMatchObject({ code: 'timeout' })
  expect(row(id)).toMatchObject({ phase: 'in-effect' })
  expect(row(id).detail).toContain('ana asked for its end')
  source.trouble = null
  await restarted()
  later()
  await eventually(() => !source.placed.has(id))
  later()
  expect(row(id)).toMatchObject({ phase: 'lifted', endedBy: 'ana' })
})

test('a source that cannot be read makes its controls unknown, never in effect', async () => {
  const { id } = await make()
  later()
  room.board.fail('redis-main', {
    error: { code: 'unreachable', message: 'connection refused' },
    pending: false,
    nextTryAtMs: null,
  })
  expect(row(id)).toMatchObject({ phase: 'unknown' })
  expect(row(id).detail).toContain('connection refused')
})

test('a paused queue is a notice that says who asked, and waiting under it is no alarm', async () => {
  source.queues = [{ name: 'mail', depth: 500, oldestAgeMs: 3_600_000, consumers: 0 }]
  later()
  const severity = () => room.board.source('redis-main')?.derived.queues.get('mail')?.row
  expect(severity()).toMatchObject({ severity: 'critical' })
  await make()
  later()
  expect(severity()).toMatchObject({ severity: 'notice', pausedBy: 'sluice' })
  expect(severity()?.reasons[0]).toMatch(/^paused by ana until \d\d:\d\d: someone asked for this$/)
})

test('a pause that does not end by itself is lifted at its end, also that of a dashboard that is gone', async () => {
  source.isWithoutEnd = true
  await placeElsewhere('ctl_elsewhere0', 5_000)
  const { id } = await make({ ttlMs: 5_000 })
  later()
  clock.advance(5_000)
  room.look()
  expect(row(id).phase).toBe('expired')
  room.collect()
  expect(row(id).detail).toContain('it is overdue')
  await eventually(() => source.placed.size === 0)
  later()
  expect(row(id).detail).not.toContain('overdue')
  expect(source.calls.filter((call) => call.startsWith('lift')).sort()).toEqual(['lift mail', 'lift sms'])
})

test('an overdue control that was never heard of is found, and lifted', async () => {
  source.isWithoutEnd = true
  await placeElsewhere('ctl_elsewhere0', 5_000)
  later(60_000)
  expect(row('ctl_elsewhere0')).toMatchObject({ phase: 'expired' })
  await eventually(() => source.calls.includes('lift sms'))
})

test('with a full disk people can still act, and are told that nothing is stored', async () => {
  for (const one of open.splice(0)) await one.close()
  rmSync(join(folder, 'ledger.jsonl'), { force: true })
  symlinkSync('/dev/full', join(folder, 'ledger.jsonl'))
  room = await started()
  const { id } = await make()
  later()
  expect(row(id).phase).toBe('in-effect')
  await room.controls.lift(id, null, 'ana')
  expect(room.ledger.fault).toContain('2 lines are in memory only')
  expect(lines()).toEqual(['pause by ana done', 'lift by ana done'])
})
