import { expect, test } from 'vitest'
import { EventParser } from './sse.ts'

const STREAM =
  'event: result\r\ndata: {"a":1}\r\n\r\n: a comment\nevent: beat\ndata: 1\ndata: 2\nid: 7\n\ndata:none\r\revent: lost\n\n'
const EVENTS = [
  { event: 'result', data: '{"a":1}' },
  { event: 'beat', data: '1\n2' },
  { event: 'message', data: 'none' },
]

test('events come out whole, with any line ending, however the stream is cut', () => {
  for (let size = 1; size <= STREAM.length; size++) {
    const parser = new EventParser()
    const events = []
    for (let at = 0; at < STREAM.length; at += size) events.push(...parser.push(STREAM.slice(at, at + size)))
    expect([size, events]).toEqual([size, EVENTS])
  }
})

test('an event that never ends is refused before it fills the memory', () => {
  const parser = new EventParser()
  const megabyte = 'x'.repeat(1_000_000)
  expect(() => {
    for (let sent = 0; sent < 40; sent++) parser.push(megabyte)
  }).toThrow('16 MB')
  const lines = new EventParser()
  expect(() => {
    for (let sent = 0; sent < 40; sent++) lines.push(`data: ${megabyte}\n`)
  }).toThrow('16 MB')
})
