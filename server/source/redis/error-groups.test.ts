import { expect, it } from 'vitest'
import { ACTION_IDS_MAX } from '../../domain/job.ts'
import { ErrorGroups } from './error-groups.ts'

it('the same error of two job classes is two groups; of one class one, whatever its numbers and secrets', () => {
  const groups = new ErrorGroups()
  for (let n = 0; n < 3; n += 1) {
    groups.add({ id: `a${n}`, job: 'a', error: `token=${n}${n} is bad`, set: n === 0 ? 'retry' : 'dead', atMs: 10 * n })
  }
  groups.add({ id: 'b', job: 'b', error: 'token=1 is bad', set: 'dead', atMs: 5 })
  expect(groups.all()).toMatchObject([
    { job: 'a', count: 3, retrying: 1, dead: 2, firstAtMs: 10, lastAtMs: 20, ids: ['a0', 'a1', 'a2'] },
    { job: 'b', count: 1, firstAtMs: 5, lastAtMs: 5 },
  ])
  expect(groups.all()[0]?.sample).toBe('token=[redacted 2 chars] is bad')
})

it('counts all and names no more than can be acted on at once', () => {
  const groups = new ErrorGroups()
  for (let n = 0; n < ACTION_IDS_MAX + 5; n += 1) groups.add({ id: `${n}`, job: 'a', error: 'x', set: 'dead', atMs: n })
  expect(groups.all()[0]?.count).toBe(ACTION_IDS_MAX + 5)
  expect(groups.all()[0]?.ids).toHaveLength(ACTION_IDS_MAX)
})
