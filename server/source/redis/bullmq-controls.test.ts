import { describe, expect, it } from 'vitest'
import type { Order } from '../../domain/control.ts'
import { bullmqControls, hasPause, placedOnBullmq } from './bullmq-controls.ts'
import { isInPlace, orderFault } from './bullmq-limits.ts'
import type { BullmqRow } from './bullmq-row.ts'

const ROW = { isPaused: false, concurrency: null, max: null, durationMs: null, active: 3 } as unknown as BullmqRow
const throttle = (perSecond: number, fromPerSecond: number | null = null): Order => ({
  verb: 'throttle',
  perSecond,
  fromPerSecond,
})
const people = JSON.stringify({ tail: 'mail', reason: 'disk is full', actor: 'ana' })
const record = (order: string) => ['ctl_1', `${order} queue - 0 100 1 0 1 0\n${people}`]

describe('isInPlace', () => {
  it.each([
    [{ verb: 'pause' }, { isPaused: true }, true],
    [{ verb: 'pause' }, {}, false],
    [{ verb: 'limit', concurrency: 5 }, { concurrency: 5 }, true],
    [{ verb: 'limit', concurrency: 5 }, { concurrency: 3 }, true],
    [{ verb: 'limit', concurrency: 5 }, { concurrency: 6 }, false],
    [{ verb: 'limit', concurrency: 5 }, {}, false],
    [throttle(20), { max: 20, durationMs: 1_000 }, true],
    [throttle(20), { max: 40, durationMs: 1_000 }, false],
    [throttle(0.3), { max: 1, durationMs: 3_334 }, true],
    [throttle(20), { max: 20, durationMs: null }, false],
  ] as readonly [Order, Partial<BullmqRow>, boolean][])('%j with %j is %s', (order, meta, is) => {
    expect(isInPlace(order, { ...ROW, ...meta })).toBe(is)
  })
})

it('what BullMQ cannot do is said', () => {
  expect([orderFault({ verb: 'pause' }), orderFault(throttle(0.1)), orderFault(throttle(5))]).toEqual([
    null,
    null,
    null,
  ])
  expect(orderFault(throttle(0.05))).toContain('pause it')
  expect(orderFault(throttle(5, 1))).toContain('no rate that grows')
})

it('a record is read back with what stands in the queue, and past its end as overdue', () => {
  const texts = bullmqControls(record('pause - -'))
  const place = { source: 's', displayName: 'mail', row: ROW, workers: ['w1'], serverMs: 50 }
  expect(placedOnBullmq(texts, place)).toMatchObject([
    {
      control: { id: 'ctl_1' },
      queues: [],
      missing: ['mail'],
      obeyedBy: [],
      notYet: ['w1'],
      inHand: 3,
      startsSince: null,
    },
  ])
  const [placed] = placedOnBullmq(texts, { ...place, row: { ...ROW, isPaused: true }, serverMs: 100 })
  expect(placed).toMatchObject({ queues: ['mail'], missing: [], obeyedBy: ['w1'], notYet: [], isOverdue: true })
})

it('only a pause is a pause, and what is no record of ours is none', () => {
  expect(hasPause(bullmqControls(record('pause - -')))).toBe(true)
  expect(hasPause(bullmqControls(record('limit 3 -')))).toBe(false)
  for (const wrong of [null, undefined, ['ctl_1'], ['ctl_1', 'x'], 7]) expect(bullmqControls(wrong)).toEqual([])
})
