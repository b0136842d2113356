import { describe, expect, it } from 'vitest'
import { Config } from './config.ts'

const config = () => new Config({ password: '', maxMemoryBytes: 0 })

describe('CONFIG SET', () => {
  it.each(['1constructor', '5__proto__', '1tostring', '1p', ''])('of maxmemory takes no %j for a size', (size) => {
    expect(() => config().set(['maxmemory', size])).toThrow('argument must be a memory value')
  })

  it.each([
    ['1024', 1_024],
    ['2K', 2_000],
    ['2kb', 2_048],
    ['1GB', 2 ** 30],
  ])('of maxmemory takes %s', (size, bytes) => {
    const own = config()
    own.set(['maxmemory', size])
    expect(own.maxMemoryBytes).toBe(bytes)
  })

  it.each(['constructor', '__proto__', 'hasOwnProperty'])('knows no name %s', (name) => {
    expect(() => config().set([name, '1'])).toThrow('Unknown option')
  })

  it('refuses what was decided at the start: whether and how changes are kept', () => {
    const own = config()
    own.tell('appendfsync', 'always')
    for (const name of ['appendonly', 'appendfsync']) {
      expect(() => own.set([name, 'no'])).toThrow("can't set immutable config")
    }
    expect(own.get(['appendfsync'])).toEqual(['appendfsync', 'always'])
  })
})
