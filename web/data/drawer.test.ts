import { expect, test } from 'vitest'
import { draftInAddress, targetOfPage } from './drawer.ts'

test('a pager link fills the drawer with the queue of its page', () => {
  expect(draftInAddress('/queues/redis-main/emails', '?do=pause&for=30m')).toEqual({
    ...{ verb: 'pause', targets: ['redis-main/emails'], ttlMs: 1_800_000 },
  })
})

test('an address without a known act opens nothing', () => {
  expect(draftInAddress('/queues/redis-main/emails', '?tab=jobs')).toBeNull()
  expect(draftInAddress('/', '?do=purge')).toBeNull()
})

test('an address may name its targets', () => {
  const asked = draftInAddress('/queues', '?do=throttle&rate=25&on=redis-main/a&on=redis-main/*-mail')
  expect(asked).toEqual({ verb: 'throttle', perSecond: '25', targets: ['redis-main/a', 'redis-main/*-mail'] })
})

test.each([
  ['/queues/redis-main/emails', 'redis-main/emails'],
  ['/queues/redis-main/a%252Fb', 'redis-main/a%2Fb'],
  ['/queues/rabbit-1/shop/billing', 'rabbit-1/shop/billing'],
  ['/runs/redis-main/8f3c', 'run/redis-main/8f3c'],
  ['/queues', null],
  ['/groups/kafka-eu/orders', null],
])('%s is about %s', (path, target) => expect(targetOfPage(path)).toBe(target))
