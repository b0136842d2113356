import { expect, it } from 'vitest'
import { connectionFault, isForbidden, isServerState, replyFault } from './faults.ts'

it.each([
  ['WRONGPASS invalid username-password pair', 'refused'],
  ['NOAUTH Authentication required.', 'refused'],
  ["NOPERM this user has no permissions to run the 'info' command", 'refused'],
  ['DENIED Redis is running in protected mode', 'refused'],
  ['ERR max number of clients reached', 'refused'],
  ['LOADING Redis is loading the dataset in memory', 'unreachable'],
  ['BUSY Redis is busy running a script', 'unreachable'],
  ['MASTERDOWN Link with MASTER is down', 'unreachable'],
  ['CLUSTERDOWN The cluster is down', 'unreachable'],
  ['READONLY You can’t write against a read only replica', 'refused'],
  ['MISCONF Redis is configured to save RDB snapshots', 'refused'],
  ['OOM command not allowed when used memory > maxmemory', 'refused'],
  ['MOVED 3999 127.0.0.1:6381', 'unsupported'],
  ['ERR unknown command ‘INFO’', 'unsupported'],
  ['ERR DB index is out of range', 'invalid'],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'malformed'],
  ['SOMETHING new', 'refused'],
])('%s is %s, names the server and keeps its word', (reply, code) => {
  const fault = replyFault('test', 'h:1', reply)
  expect(fault.code).toBe(code)
  expect(fault.message).toContain('redis h:1')
  expect(fault.message).toContain(reply.split(' ')[0])
})

it('a reply never makes a message longer than a line', () => {
  expect(replyFault('test', 'h:1', `ERR ${'x\r\n'.repeat(1_000)}`).message).not.toMatch(/\n/)
  expect(replyFault('test', 'h:1', `ERR ${'x'.repeat(10_000)}`).message.length).toBeLessThan(300)
})

it.each([
  ['ECONNREFUSED', 'unreachable', 'connection refused'],
  ['ENOTFOUND', 'unreachable', 'host name not found'],
  ['ECONNRESET', 'unreachable', 'connection closed'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'refused', 'certificate'],
])('%s is %s', (code, expected, words) => {
  const fault = connectionFault('connect', 'h:1', Object.assign(new Error('text'), { code }))
  expect(fault).toMatchObject({ code: expected, message: expect.stringContaining(words) })
})

it('what is forbidden may be asked in another way; the state of a server may not', () => {
  expect(isForbidden("NOPERM this user has no permissions to run the 'evalsha' command")).toBe(true)
  expect(isForbidden("ERR unknown command 'EVALSHA_RO'")).toBe(true)
  expect(isForbidden('NOSCRIPT No matching script')).toBe(false)
  expect(isServerState('LOADING Redis is loading')).toBe(true)
  expect(isServerState('WRONGTYPE Operation')).toBe(false)
})
