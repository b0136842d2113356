import { expect, it } from 'vitest'
import type { Timers } from './system-clock.ts'
import { Waiters } from './waiters.ts'

const never: Timers = { after: () => () => {} }

function queue(
  waiters: Waiters,
  keys: readonly string[],
  names: readonly string[],
  taken: string[],
  left: { count: number },
) {
  return names.map((name) =>
    waiters.park({
      ...{ keys, timeoutMs: 0, onTimeout: () => {} },
      tryNow() {
        if (left.count === 0) return false
        left.count--
        taken.push(name)
        return true
      },
    }),
  )
}

it('serves first come, first served, for each key', () => {
  const waiters = new Waiters(never)
  const taken: string[] = []
  const left = { count: 2 }
  queue(waiters, ['k'], ['a', 'b', 'c'], taken, left)
  waiters.changed('other')
  expect(waiters.hasChanged()).toBe(false)
  waiters.changed('k')
  waiters.serve(() => left.count > 0)
  expect(taken).toEqual(['a', 'b'])
  left.count = 1
  waiters.changed('k')
  waiters.serve(() => left.count > 0)
  expect(taken).toEqual(['a', 'b', 'c'])
  expect(waiters.size).toBe(0)
})

it('lets the next try when one finds nothing for itself', () => {
  const waiters = new Waiters(never)
  const tried: string[] = []
  for (const name of ['a', 'b']) {
    const tryNow = () => tried.push(name) > 1
    waiters.park({ keys: ['k'], timeoutMs: 0, onTimeout: () => {}, tryNow })
  }
  waiters.changed('k')
  waiters.serve(() => true)
  expect(tried).toEqual(['a', 'b'])
})

it('forgets who left, at every key', () => {
  const waiters = new Waiters(never)
  const taken: string[] = []
  const [first] = queue(waiters, ['k', 'l'], ['a', 'b'], taken, { count: 9 })
  first?.leave()
  waiters.changed('l')
  waiters.serve(() => true)
  expect(taken).toEqual(['b'])
  expect(waiters.size).toBe(0)
})

it('tells who waited too long once, and lets it take nothing afterwards', () => {
  let over: () => void = () => {}
  const waiters = new Waiters({
    after(ms, run) {
      expect(ms).toBe(250)
      over = run
      return () => {}
    },
  })
  const heard: string[] = []
  waiters.park({
    keys: ['k'],
    timeoutMs: 250,
    tryNow: () => heard.push('took') > 0,
    onTimeout: () => heard.push('over'),
  })
  over()
  waiters.changed('k')
  waiters.serve(() => true)
  expect(heard).toEqual(['over'])
})
