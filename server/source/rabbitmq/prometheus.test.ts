import { expect, test } from 'vitest'
import { liveOfMetrics } from './live-counts.ts'
import { readLabels, readMetrics } from './prometheus.ts'

const P = 'rabbitmq_detailed_queue_'

test('the figures of a queue come from their own lines; other metrics and broken lines are passed over', () => {
  const text = [
    `# TYPE ${P}messages_ready gauge`,
    `${P}messages_ready{vhost="/",queue="a"} 3`,
    `${P}messages_unacked{vhost="/",queue="a"} 2`,
    `${P}messages{vhost="/",queue="a"} 5`,
    `${P}consumers{vhost="/",queue="a"} 1`,
    `${P}process_reductions_total{vhost="/",queue="a"} 7785`,
    `${P}messages_ready{vhost="/",queue="b"} NaN`,
    `${P}messages_ready{vhost="/",queue="c"`,
    `${P}messages_ready 4`,
    'rabbitmq_build_info{rabbitmq_version="3.10.8"} 1',
  ].join('\n')
  const queues = readMetrics([text])
  expect([...queues.keys()]).toEqual(['vhost="/",queue="a"'])
  const live = liveOfMetrics(queues.get('vhost="/",queue="a"')!, false)
  expect(live).toEqual({
    ready: 3,
    unacked: 2,
    messages: 5,
    consumers: 1,
    taken: null,
    finished: null,
    redelivered: null,
  })
})

test('what several nodes count of one queue is summed, and what none counts stays unknown', () => {
  const one = `${P}messages_ready{vhost="v",queue="a"} 3\n${P}messages_acked_total{vhost="v",queue="a"} 10\n`
  const two = `${P}messages_acked_total{vhost="v",queue="a"} 5\n${P}messages_delivered_total{vhost="v",queue="a"} 2\n`
  const counts = readMetrics([one, two]).get('vhost="v",queue="a"')!
  expect(liveOfMetrics(counts, true)).toMatchObject({ ready: 3, unacked: null, finished: 17 })
})

test('from 4.0 on a queue without deliveries has no such lines, which is a zero', () => {
  const counts = readMetrics([`${P}messages_ready{vhost="/",queue="a"} 0`]).get('vhost="/",queue="a"')!
  expect(liveOfMetrics(counts, true)).toMatchObject({ taken: 0, finished: 0, redelivered: 0, consumers: null })
})

test('an answer that is not of RabbitMQ is malformed, not an empty broker', () => {
  expect(() => readMetrics(['<html>login</html>'])).toThrow(expect.objectContaining({ code: 'malformed' }))
  expect(readMetrics(['rabbitmq_build_info{} 1']).size).toBe(0)
})

test.each([
  ['plain', 'vhost="/",queue="a"', [{ vhost: '/', name: 'a' }]],
  ['written as it is [3.10.8]', 'vhost="/",queue="a"b{c} d"', [{ vhost: '/', name: 'a"b{c} d' }]],
  [
    'escaped or with a backslash of its own, which the text does not tell',
    'vhost="/",queue="a\\"b\\\\c"',
    [
      { vhost: '/', name: 'a"b\\c' },
      { vhost: '/', name: 'a\\"b\\\\c' },
    ],
  ],
  ['no queue', 'node="x"', []],
])('labels: %s', (_, labels, names) => {
  expect(readLabels(labels)).toEqual(names)
})

test('a name with quotes and braces keeps its value', () => {
  const queues = readMetrics([`${P}messages_ready{vhost="/",queue="a"b\\cd{e} 9"} 4`])
  expect([...queues].map(([labels, { ready }]) => [labels, ready])).toEqual([['vhost="/",queue="a"b\\cd{e} 9"', 4]])
})
