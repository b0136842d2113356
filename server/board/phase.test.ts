import { expect, test } from 'vitest'
import type { Control, Order, PlacedControl } from '../domain/control.ts'
import { type PhaseFacts, phaseOf } from './phase.ts'

const ASKED_MS = 1_790_000_000_000

function control(more: Partial<Control> = {}): Control {
  return {
    ...{ id: 'ctl_0123456789', target: { kind: 'queue', source: 'r', tail: 'mail' }, order: { verb: 'pause' } },
    ...{
      reason: 'bounces everywhere',
      actor: 'ana',
      issuedAtMs: ASKED_MS,
      expiresAtMs: ASKED_MS + 900_000,
      revision: 1,
    },
    ...more,
  }
}

function placed(more: Partial<PlacedControl> = {}): PlacedControl {
  return {
    ...{ control: control(), queues: ['mail'], missing: [], obeyedBy: ['w1', 'w2'], notYet: [] },
    ...{ inHand: 0, heldBack: null, startsSince: 0, disobeyedBy: [], ...more },
  }
}

function facts(more: Partial<PhaseFacts> = {}): PhaseFacts {
  return {
    ...{ control: control(), askedAtMs: ASKED_MS, placed: placed(), seenAtMs: ASKED_MS + 500, isTold: true },
    ...{
      staleReason: null,
      missingSinceMs: null,
      workerStartedAtMs: () => null,
      startedAtMs: null,
      ended: null,
      overdueSinceMs: null,
      lifting: null,
      nowMs: ASKED_MS + 1_000,
    },
    ...{ nameWorker: (id: string) => `${id} (version 1)`, ...more },
  }
}

const limit: Order = { verb: 'limit', concurrency: 5 }
const throttle: Order = { verb: 'throttle', perSecond: 50, fromPerSecond: null }
const later = ASKED_MS + 4_000

test.each<[string, Partial<PhaseFacts>, string, string]>([
  ['not read back', { placed: null, seenAtMs: null }, 'requested', 'not read back yet'],
  ['never read back', { placed: null, seenAtMs: null, nowMs: later }, 'not-effective', 'still not in place'],
  ['an extension not read back', { control: control({ revision: 2 }) }, 'requested', 'revision 1 is in place'],
  ['an extension never read back', { control: control({ revision: 2 }), nowMs: later }, 'not-effective', 'revision 2'],
  [
    'some have not confirmed',
    { placed: placed({ obeyedBy: ['w1'], notYet: ['w2'] }) },
    'in-place',
    '1 of 2 workers confirmed, waiting for w2 (version 1)',
  ],
  [
    'some have not confirmed in time',
    { placed: placed({ obeyedBy: ['w1'], notYet: ['w2'] }), nowMs: later },
    'not-effective',
    '1 of 2 workers confirmed; not by w2 (version 1)',
  ],
  ['work in hand', { placed: placed({ inHand: 3 }) }, 'draining', '3 in hand'],
  ['nothing in hand', {}, 'in-effect', 'by 2 of 2 workers, nothing in hand'],
  ['work in hand cannot be told', { placed: placed({ inHand: null }) }, 'in-effect', 'cannot be told'],
  ['no worker lives', { placed: placed({ obeyedBy: [] }) }, 'in-effect', 'no live worker'],
  [
    'a limit with more in hand',
    { control: control({ order: limit }), placed: placed({ inHand: 6 }) },
    'draining',
    'at most 5',
  ],
  ['a limit kept', { control: control({ order: limit }), placed: placed({ inHand: 5 }) }, 'in-effect', '2 of 2'],
  [
    'a throttle with work in hand',
    { control: control({ order: throttle }), placed: placed({ inHand: 6, startsSince: 9 }), startedAtMs: ASKED_MS },
    'in-effect',
    '2 of 2',
  ],
  [
    'a worker disobeys',
    { placed: placed({ disobeyedBy: ['w2'], startsSince: 12 }) },
    'not-effective',
    'w2 (version 1) started work that it forbids (12 starts)',
  ],
  [
    'somebody started lately',
    { placed: placed({ startsSince: 12 }), startedAtMs: ASKED_MS + 900 },
    'not-effective',
    '12 starts since it was placed',
  ],
  [
    'somebody started long ago',
    { placed: placed({ startsSince: 12 }), startedAtMs: ASKED_MS, nowMs: ASKED_MS + 10_000 },
    'in-effect',
    '',
  ],
  ['it vanished', { placed: null }, 'missing', 'is gone; it is being put back'],
  ['it vanished, but the snapshot is older', { placed: null, isTold: false }, 'requested', ''],
  [
    'it vanished from one queue',
    { placed: placed({ missing: ['sms'] }), missingSinceMs: ASKED_MS, nowMs: later },
    'missing',
    'not in 1 of 2 queues: sms',
  ],
  ['one queue is not reached yet', { placed: placed({ missing: ['sms'] }) }, 'in-place', 'not in 1 of 2 queues'],
  ['its source is stale', { staleReason: 'last seen 9 s ago' }, 'unknown', 'workers keep it until its end'],
  ['its time is over', { nowMs: ASKED_MS + 900_000 }, 'expired', 'ended by itself at'],
  ['its time is over while its source is stale', { nowMs: ASKED_MS + 900_000, staleReason: 'x' }, 'expired', ''],
  ['it was lifted', { ended: { phase: 'lifted', by: 'ben', atMs: ASKED_MS } }, 'lifted', 'lifted by ben at'],
  ['its end is asked for', { lifting: { by: 'ben', atMs: ASKED_MS } }, 'in-effect', 'ben asked for its end'],
])('%s: %o is %s', (_, more, phase, detail) => {
  const found = phaseOf(facts(more))
  expect(found.phase).toBe(phase)
  expect(found.detail).toContain(detail)
})

test('disobedience is told before what is missing or not confirmed', () => {
  const worst = placed({ disobeyedBy: ['w9'], missing: ['sms'], notYet: ['w2'], inHand: 4 })
  expect(phaseOf(facts({ placed: worst })).detail).toContain('w9')
})

test('of many workers three are named', () => {
  const many = placed({ notYet: ['a', 'b', 'c', 'd', 'e'] })
  expect(phaseOf(facts({ placed: many })).detail).toContain('c (version 1) and 2 more')
})

test('a worker that came later has its own time to confirm, and is named alone when it does not', () => {
  const young = { placed: placed({ notYet: ['new'] }), workerStartedAtMs: () => ASKED_MS + 60_000 }
  expect(phaseOf(facts({ ...young, nowMs: ASKED_MS + 63_000 }))).toMatchObject({ phase: 'in-place' })
  expect(phaseOf(facts({ ...young, nowMs: ASKED_MS + 64_000 }))).toMatchObject({ phase: 'not-effective' })
  const both = { placed: placed({ notYet: ['old', 'new'] }), nowMs: ASKED_MS + 62_000 }
  const since = (id: string) => (id === 'new' ? ASKED_MS + 60_000 : 0)
  expect(phaseOf(facts({ ...both, workerStartedAtMs: since })).detail).toContain('not by old (version 1) since')
})
