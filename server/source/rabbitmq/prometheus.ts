import { OpsError } from '../../domain/errors.ts'

/** What one node says of one queue. A figure it does not tell is NaN here: there are thousands, kept flat on purpose. */
export interface QueueCounts {
  ready: number
  unacked: number
  messages: number
  consumers: number
  /** Deliveries and gets, with manual acknowledgement and without; RabbitMQ 4.0+ only, as the next two. */
  takenForAck: number
  takenNoAck: number
  redelivered: number
  acked: number
}

const PREFIX = 'rabbitmq_detailed_queue_'

/** Metric, without the prefix, to the figure it is added to. */
const FIGURES: ReadonlyMap<string, keyof QueueCounts> = new Map([
  ['messages_ready', 'ready'],
  ['messages_unacked', 'unacked'],
  ['messages', 'messages'],
  ['consumers', 'consumers'],
  ['get_ack_total', 'takenForAck'],
  ['messages_delivered_ack_total', 'takenForAck'],
  ['get_total', 'takenNoAck'],
  ['messages_delivered_total', 'takenNoAck'],
  ['messages_redelivered_total', 'redelivered'],
  ['messages_acked_total', 'acked'],
])

/** More queues than any broker is known to hold: beyond it the answer is not what it says. */
const QUEUES_MAX = 200_000

/**
 * Reads `/metrics/detailed` of some nodes: one pass over the text, no regular expressions. The same queue in several
 * places is summed: depth is told by its leader's node, deliveries by the node of each channel.
 * The key is the text between the braces as it came (`vhost="/",queue="a"`): see `readLabels`.
 * Throws OpsError `malformed` when a text is not of RabbitMQ.
 */
export function readMetrics(texts: readonly string[]): ReadonlyMap<string, QueueCounts> {
  const queues = new Map<string, QueueCounts>()
  for (const text of texts) {
    if (!text.includes('rabbitmq_')) throw malformed('no metrics of RabbitMQ')
    readInto(queues, text)
  }
  return queues
}

function readInto(queues: Map<string, QueueCounts>, text: string): void {
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start)
    const end = found === -1 ? text.length : found
    if (text.startsWith(PREFIX, start)) readLine(queues, text.slice(start, end))
    start = end + 1
  }
}

function readLine(queues: Map<string, QueueCounts>, line: string): void {
  const open = line.indexOf('{')
  // From the right: 3.10 writes quotes and braces in names as they are, so the first `}` may be part of one.
  const close = line.lastIndexOf('} ')
  if (open === -1 || close < open) return
  const figure = FIGURES.get(line.slice(PREFIX.length, open))
  if (!figure) return
  const value = Number(line.slice(close + 2).split(' ', 1)[0])
  if (!Number.isFinite(value) || value < 0) return
  const labels = line.slice(open + 1, close)
  let counts = queues.get(labels)
  if (!counts) {
    if (queues.size >= QUEUES_MAX) throw malformed(`more than ${QUEUES_MAX} queues`)
    counts = unread()
    queues.set(labels, counts)
  }
  const before = counts[figure]
  counts[figure] = Number.isNaN(before) ? value : before + value
}

function unread(): QueueCounts {
  const no = Number.NaN
  return {
    ready: no,
    unacked: no,
    messages: no,
    consumers: no,
    takenForAck: no,
    takenNoAck: no,
    redelivered: no,
    acked: no,
  }
}

export interface QueueName {
  readonly vhost: string
  readonly name: string
}

/**
 * The queues that the labels may mean, likeliest first: names with a backslash or quote are written as they are by
 * some versions [3.10.8] and escaped by others, which the text alone does not tell. Empty = not a queue's labels.
 */
export function readLabels(labels: string): readonly QueueName[] {
  const middle = labels.indexOf('",queue="')
  if (!labels.startsWith('vhost="') || middle === -1 || !labels.endsWith('"')) return []
  const raw = { vhost: labels.slice(7, middle), name: labels.slice(middle + 9, -1) }
  if (!labels.includes('\\')) return [raw]
  return [{ vhost: unescaped(raw.vhost), name: unescaped(raw.name) }, raw]
}

function unescaped(text: string): string {
  return text.replace(/\\(["\\n])/g, (_, char: string) => (char === 'n' ? '\n' : char))
}

function malformed(what: string): OpsError {
  return new OpsError('malformed', 'readMetrics', `Prometheus answer: ${what}`)
}
