import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LiveLink, POLL_MS, SILENCE_MS, type StreamEvents } from './live-link.ts'

interface OpenedStream {
  readonly paths: readonly string[]
  readonly events: StreamEvents
  closed: boolean
}

const fine = { title: 'x' }
let streams: OpenedStream[]
let delivered: Map<string, object | null>[]
let polls: string[][]
let frames: (() => void)[]
let link: LiveLink

beforeEach(() => {
  vi.useFakeTimers()
  streams = []
  delivered = []
  polls = []
  frames = []
  link = new LiveLink({
    openStream(paths, events) {
      const opened: OpenedStream = { paths, events, closed: false }
      streams.push(opened)
      return {
        close() {
          opened.closed = true
        },
      }
    },
    deliver: (answers) => void delivered.push(new Map([...answers].map(([path, { body }]) => [path, body]))),
    poll: (paths) => void polls.push([...paths]),
    beat() {},
    nextFrame: (then) => void frames.push(then),
  })
})
afterEach(() => {
  link.stop()
  vi.useRealTimers()
})

const open = () => streams.filter(({ closed }) => !closed)
const settle = () => vi.advanceTimersByTime(5_000)

test('all mounted paths are followed by one stream', () => {
  link.follow('/a')
  link.follow('/b')
  link.follow('/a')
  settle()
  expect(streams.map(({ paths }) => paths)).toEqual([['/a', '/b']])
})

test('a changed set opens before the old stream closes', () => {
  link.follow('/a')
  settle()
  streams[0]!.events.opened()
  link.follow('/b')
  settle()
  expect(open()).toHaveLength(2)
  streams[1]!.events.opened()
  expect(open().map(({ paths }) => paths)).toEqual([['/a', '/b']])
  expect(link.state.phase).toBe('live')
})

test('bodies of one frame are delivered together, the latest of each path', () => {
  link.follow('/a')
  settle()
  const { events } = streams[0]!
  events.opened()
  events.result('/a', { step: 1 })
  events.result('/b', { step: 1 })
  events.result('/a', { step: 2 })
  expect(delivered).toEqual([])
  for (const frame of frames) frame()
  expect(delivered).toEqual([new Map(Object.entries({ '/a': { step: 2 }, '/b': { step: 1 } }))])
})

test('a silent stream is lost, its paths are polled, and a new one is live again', () => {
  link.follow('/a')
  settle()
  streams[0]!.events.opened()
  vi.advanceTimersByTime(SILENCE_MS)
  expect(link.state.phase).toBe('lost')
  vi.advanceTimersByTime(POLL_MS)
  expect(polls).toEqual([['/a']])
  expect(open()).toHaveLength(1)
  open()[0]!.events.opened()
  expect(link.state.phase).toBe('live')
  polls.length = 0
  vi.advanceTimersByTime(3 * POLL_MS)
  expect(polls).toEqual([])
})

test('a beat is enough to stay live', () => {
  link.follow('/a')
  settle()
  streams[0]!.events.opened()
  for (let beat = 0; beat < 10; beat++) {
    vi.advanceTimersByTime(10_000)
    streams[0]!.events.beat(1)
  }
  expect(link.state.phase).toBe('live')
  expect(streams).toHaveLength(1)
})

test('a server that is down is tried again ever more slowly, at least each 30 s', () => {
  link.follow('/a')
  settle()
  const tries: number[] = []
  for (let attempt = 0; attempt < 8; attempt++) {
    const before = Date.now()
    const count = streams.length
    streams.at(-1)!.events.failed()
    while (streams.length === count) vi.advanceTimersByTime(100)
    tries.push(Math.round((Date.now() - before) / 1_000))
  }
  expect(tries).toEqual([1, 2, 4, 8, 16, 30, 30, 30])
})

test('a stream that says bye is called again within 5 s', () => {
  link.follow('/a')
  settle()
  streams[0]!.events.opened()
  streams[0]!.events.bye()
  expect(link.state.phase).toBe('lost')
  vi.advanceTimersByTime(5_000)
  expect(open()).toHaveLength(1)
})

test('a hidden tab follows nothing, and reads first when it comes back', () => {
  link.follow('/a')
  settle()
  streams[0]!.events.opened()
  link.stop()
  expect(open()).toEqual([])
  streams[0]!.events.result('/a', fine)
  for (const frame of frames) frame()
  expect(delivered).toEqual([])
  link.start()
  expect(polls).toEqual([['/a']])
  expect(open()).toHaveLength(1)
})

test('when nothing is followed any more the stream closes, after a moment', () => {
  const end = link.follow('/a')
  settle()
  streams[0]!.events.opened()
  end()
  end()
  expect(open()).toHaveLength(1)
  settle()
  expect(open()).toEqual([])
  expect(link.state.phase).toBe('idle')
})

test('a path mounted again at once keeps its stream', () => {
  link.follow('/a')()
  link.follow('/a')
  settle()
  expect(streams).toHaveLength(1)
})

test('no more than 24 paths are followed, the latest first', () => {
  for (let index = 0; index < 30; index++) link.follow(`/queues?offset=${index}`)
  settle()
  expect(streams[0]!.paths).toHaveLength(24)
  expect(streams[0]!.paths).toContain('/queues?offset=29')
})
