import { describe, expect, it } from 'vitest'
import { EndTable } from './end-table.ts'

const tableOf = (...pairs: readonly (readonly [end: number, atMs: number])[]): EndTable => {
  const table = new EndTable()
  for (const [end, atMs] of pairs) table.note(end, atMs)
  return table
}

describe('when a record was written', () => {
  it('is interpolated between the two sightings of the end around it', () => {
    const table = tableOf([100, 1_000], [200, 2_000], [400, 3_000])
    expect(table.whenWritten(100)).toEqual({ known: true, atMs: 1_000 })
    expect(table.whenWritten(150)).toEqual({ known: true, atMs: 1_500 })
    expect(table.whenWritten(300)).toEqual({ known: true, atMs: 2_500 })
  })

  it('is never extrapolated', () => {
    const table = tableOf([100, 1_000], [200, 2_000])
    expect(table.whenWritten(99)).toEqual({ known: false, why: 'older' })
    expect(table.whenWritten(200)).toEqual({ known: false, why: 'newer' })
    expect(new EndTable().whenWritten(0)).toEqual({ known: false, why: 'older' })
  })

  it('lies after a quiet time, not in it', () => {
    const table = tableOf([100, 0], [100, 60_000], [100, 600_000], [110, 601_000])
    expect(table.whenWritten(100)).toEqual({ known: true, atMs: 600_000 })
    expect(table.whenWritten(105)).toEqual({ known: true, atMs: 600_500 })
  })

  it('is forgotten when the end goes backwards: the topic was created anew', () => {
    const table = tableOf([100, 1_000], [200, 2_000], [5, 3_000])
    expect(table.whenWritten(150)).toEqual({ known: false, why: 'newer' })
    expect(table.whenWritten(4)).toEqual({ known: false, why: 'older' })
  })

  it('is forgotten when the clock was set back', () => {
    const table = tableOf([100, 9_000], [200, 2_000], [300, 3_000])
    expect(table.whenWritten(150)).toEqual({ known: false, why: 'older' })
    expect(table.whenWritten(250)).toEqual({ known: true, atMs: 2_500 })
  })

  it('is known for half an hour back, to within 30 s, at a sighting every 5 s', () => {
    const table = new EndTable()
    const start = 1_000_000_000
    for (let i = 0; i <= 1_000; i += 1) table.note(i * 10, start + i * 5_000)
    const nowMs = start + 1_000 * 5_000
    for (const agoMs of [1_000, 60_000, 600_000, 1_500_000]) {
      const offset = ((nowMs - agoMs - start) / 5_000) * 10
      const when = table.whenWritten(offset)
      expect(when.known && Math.abs(nowMs - when.atMs - agoMs)).toBeLessThanOrEqual(30_000)
    }
  })
})
