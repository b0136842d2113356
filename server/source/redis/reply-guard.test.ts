import { describe, expect, it } from 'vitest'
import { ReplyGuard } from './reply-guard.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

function complaintOf(text: string, expected = 1): string | null {
  const guard = new ReplyGuard()
  guard.expect(expected)
  return guard.check(bytes(text))?.why ?? null
}

describe('ReplyGuard', () => {
  const whole = '+OK\r\n-ERR no\r\n:-42\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n*1\r\n:1\r\n$0\r\n\r\n'

  it('lets every kind of reply pass, cut anywhere', () => {
    for (let size = 1; size <= whole.length; size += 1) {
      const guard = new ReplyGuard()
      guard.expect(8)
      for (let at = 0; at < whole.length; at += size) {
        expect(guard.check(bytes(whole.slice(at, at + size))), `pieces of ${size}`).toBeNull()
      }
      // All eight were counted, so a ninth is one too many.
      expect(guard.check(bytes('+OK\r\n'))).toMatchObject({ why: 'a reply nobody asked for' })
    }
  })

  it.each([
    ['$2147483647\r\n', 'a string of 2147483647 bytes'],
    ['*1000000000\r\n', 'an array of 1000000000 elements'],
    ['*1\r\n'.repeat(9), 'arrays nested deeper than 8'],
    ['$-5\r\n', 'length -5'],
    [':1x\r\n', 'a length or number that is none'],
    ['*\r\n', 'a length or number that is none'],
    ['+OK\n', 'a line that does not end in CRLF'],
    ['HTTP/1.1 400\r\n', 'byte 0x48 where a reply should begin'],
    ['%1\r\n', 'byte 0x25 where a reply should begin'],
    [`+${'x'.repeat(70_000)}`, 'a line without an end'],
    ['+OK\r\n+OK\r\n', 'a reply nobody asked for'],
  ])('stops %j', (text, why) => {
    expect(complaintOf(text)).toBe(why)
  })

  it('an array of arrays may not promise more than it can deliver: depth and width bound what is allocated', () => {
    expect(complaintOf('*100001\r\n')).toBe('an array of 100001 elements')
    expect(complaintOf('*100000\r\n'.repeat(8))).toBeNull()
  })

  it('an error before any question is a refusal, with its text', () => {
    expect(new ReplyGuard().check(bytes('-ERR max number of clients reached\r\n'))).toEqual({
      why: 'ERR max number of clients reached',
      refusal: true,
    })
  })

  it('counts the bytes of one batch, not of the connection', () => {
    const guard = new ReplyGuard({ lineBytes: 100, bulkBytes: 100, elements: 10, depth: 2, batchBytes: 20 })
    for (let batch = 0; batch < 10; batch += 1) {
      guard.expect(1)
      expect(guard.check(bytes('$4\r\nabcd\r\n'))).toBeNull()
    }
    guard.expect(3)
    expect(guard.check(bytes('$10\r\nabcdefghij\r\n'))).toBeNull()
    expect(guard.check(bytes('$10\r\nabcdefghij\r\n'))?.why).toBe('more than 20 bytes of answer')
  })

  it('never throws and never grows, whatever the bytes', () => {
    let state = 12_345
    const next = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return state >>> 16
    }
    for (let round = 0; round < 10_000; round += 1) {
      const guard = new ReplyGuard()
      guard.expect(5)
      const mutated = bytes(whole)
      for (let hits = next() % 4; hits >= 0; hits -= 1) mutated[next() % mutated.length] = next() & 0xff
      expect(() => guard.check(mutated)).not.toThrow()
    }
  })
})
