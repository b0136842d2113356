import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { seeded } from '../../server/domain/seeded.ts'
import { ShopDatabase } from './database.ts'
import { arrivals, busyness, DAY_MS } from './day.ts'
import { type Heat, melting, nextHeat, WELL } from './heat.ts'
import { MailProvider } from './providers.ts'

/** The heat after so many seconds under the same load. */
function heatAfter(seconds: number, busy: number, from: Heat = melting()): Heat {
  let heat = from
  for (let second = 0; second < seconds; second++) heat = nextHeat(heat, busy, 1)
  return heat
}

describe('the heat of the database', () => {
  test('is none without an incident, whatever the load', () => {
    expect(heatAfter(600, 1, WELL)).toEqual(WELL)
  })

  test('rises under load, up to a bound, and does not end there by itself', () => {
    const hot = heatAfter(30, 0.95)
    expect(hot.heat).toBeGreaterThan(melting().heat + 3)
    expect(heatAfter(600, 1).heat).toBeLessThanOrEqual(12)
    expect(heatAfter(600, 1).isMelting).toBe(true)
  })

  test('ends when the load is held back, the sooner the more is held back', () => {
    const hot = heatAfter(60, 1)
    const seconds = (busy: number) =>
      [...Array(400).keys()].find((n) => !heatAfter(n, busy, hot).isMelting) ?? Number.NaN
    expect(seconds(0.4)).toBeLessThan(300)
    expect(seconds(0)).toBeLessThan(seconds(0.2))
    expect(seconds(0.2)).toBeLessThan(seconds(0.4))
    expect(heatAfter(120, 0.65, hot).isMelting).toBe(true)
  })
})

describe('the database', () => {
  const recovered: number[] = []
  let database: ShopDatabase
  beforeEach(() => {
    vi.useFakeTimers()
    recovered.length = 0
    database = new ShopDatabase(seeded(1), (afterMs) => recovered.push(afterMs))
  })
  afterEach(() => {
    database.close()
    vi.useRealTimers()
  })

  test('answers a query in some 20 ms, six at a time, and turns away who waits for half a second', async () => {
    const settled = (cost: number, count: number) =>
      Promise.allSettled(Array.from({ length: count }, () => database.query(cost)))
    const quick = settled(1, 6)
    await vi.advanceTimersByTimeAsync(30)
    expect((await quick).every(({ status }) => status === 'fulfilled')).toBe(true)
    const slow = settled(100, 7)
    await vi.advanceTimersByTimeAsync(501)
    const refused = vi.advanceTimersByTimeAsync(5_000)
    expect((await slow).map(({ status }) => status)).toEqual([...Array(6).fill('fulfilled'), 'rejected'])
    await refused
  })

  test('that is flooded while it melts gets worse until it is let alone', async () => {
    database.melt()
    let isLoaded = true
    const client = async () => {
      while (isLoaded) await database.query(2).catch(() => undefined)
    }
    const clients = Array.from({ length: 12 }, client)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(database.slowness).toBeGreaterThan(8)
    expect(database.busy).toBeGreaterThan(0.9)
    isLoaded = false
    await vi.advanceTimersByTimeAsync(60_000)
    await Promise.all(clients)
    expect(database.isMelting).toBe(false)
    expect(recovered).toHaveLength(1)
  })

  test('is mended after eight minutes although nobody held anything back', async () => {
    database.melt()
    const timer = setInterval(() => void database.query(4).catch(() => undefined), 20)
    await vi.advanceTimersByTimeAsync(481_000)
    clearInterval(timer)
    expect(database.isMelting).toBe(false)
  })
})

test('the mail provider takes a burst and then so many a second, and says 429 to the rest', () => {
  const provider = new MailProvider(() => 0.9)
  const taken = (nowMs: number) => {
    let count = 0
    while (provider.send(nowMs) === null) count += 1
    return count
  }
  expect(taken(0)).toBe(32)
  expect(provider.send(0)).toContain('429')
  expect(taken(1_000)).toBe(16)
})

test('a day has a quiet night and two peaks, and comes again', () => {
  const hours = Array.from({ length: 100 }, (_, n) => busyness((n / 100) * DAY_MS))
  expect(Math.min(...hours)).toBeLessThan(0.3)
  expect(Math.max(...hours)).toBeGreaterThan(0.9)
  expect(busyness(0)).toBeCloseTo(busyness(DAY_MS))
  const peaks = hours.filter((one, n) => one > hours.at(n - 1)! && one > hours[(n + 1) % 100]!)
  expect(peaks).toHaveLength(2)
})

test('arrivals are whole and on average what is expected', () => {
  const chance = seeded(3)
  const counts = Array.from({ length: 4_000 }, () => arrivals(0.3, chance))
  expect(new Set(counts)).toEqual(new Set([0, 1]))
  expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeCloseTo(0.3, 1)
})
