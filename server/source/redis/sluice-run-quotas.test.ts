import { expect, it } from 'vitest'
import { runQuotas } from './sluice-run-quotas.ts'

const quotas = (runs: readonly number[], most: number) =>
  Object.fromEntries(
    runQuotas(
      runs.map((count, queue) => ({ queue, runs: count })),
      most,
    ).map(({ queue, most }) => [queue, most]),
  )

it('few runs are read whole, the queues with many share what is left', () => {
  expect(quotas([3, 1, 700], 500)).toEqual({ 0: 3, 1: 1, 2: 496 })
  expect(quotas([400, 400, 10], 500)).toEqual({ 2: 10, 0: 245, 1: 245 })
  expect(quotas([], 500)).toEqual({})
})

it.each([[[1, 1, 1, 1, 1], 3] as const, [[9, 9], 1] as const, [Array.from({ length: 900 }, () => 7), 500] as const])(
  'together they are never more than asked for',
  (runs, most) => {
    const total = Object.values(quotas(runs, most)).reduce((sum, one) => sum + one, 0)
    expect(total).toBe(most)
  },
)
