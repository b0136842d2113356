import { afterEach, expect, test } from 'vitest'
import { aControlRow } from '../../test/support/api-bodies.ts'
import { lastOf, targetsUnder } from './key-acts.ts'
import { clearMarks, toggleMark } from './marks.ts'

afterEach(clearMarks)

test('a key acts on what is marked before what has the focus', () => {
  toggleMark('redis-main/a')
  toggleMark('redis-main/b')
  expect(targetsUnder('redis-main/c', '/queues')).toEqual(['redis-main/a', 'redis-main/b'])
})

test('a key acts on the focused row, else on the thing of the page', () => {
  expect(targetsUnder('redis-main/c', '/queues')).toEqual(['redis-main/c'])
  expect(targetsUnder(null, '/queues/redis-main/emails')).toEqual(['redis-main/emails'])
  expect(targetsUnder(null, '/runs/redis-main/8f3c')).toEqual(['run/redis-main/8f3c'])
})

test('what cannot be controlled is no target', () => {
  expect(targetsUnder('topic/kafka-eu/orders', '/topics')).toEqual([])
  expect(targetsUnder('redis-main', '/sources')).toEqual([])
})

test('undo takes the last of my own that lives, never another person’s', () => {
  const controls = [
    aControlRow({ id: 'old', actor: 'ana', issuedAtMs: 1 }),
    aControlRow({ id: 'mine', actor: 'ana', issuedAtMs: 5 }),
    aControlRow({ id: 'bens', actor: 'ben', issuedAtMs: 9 }),
    aControlRow({ id: 'over', actor: 'ana', issuedAtMs: 12, endedAtMs: 13 }),
  ]
  expect(lastOf(controls, 'ana')?.id).toBe('mine')
  expect(lastOf(controls, null)).toBeNull()
})
