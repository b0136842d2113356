import { argumentText } from './lua/number.ts'
import {
  DoubleReply,
  ErrorReply,
  MapReply,
  NIL_ARRAY,
  oneLine,
  PushReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from './reply.ts'

const SMALL = 1024
/** `:0\r\n` … as most integers are small. */
const INTEGERS: readonly string[] = Array.from({ length: SMALL }, (_, value) => `:${value}\r\n`)
const BULK_HEADS: readonly string[] = Array.from({ length: SMALL }, (_, length) => `$${length}\r\n`)
/** Of one answer: a client that is sent more would be dropped for not reading it, and a string holds no more than twice as much. */
const ANSWER_BYTES_MAX = 240 * 1024 * 1024
const TOO_LONG = '-ERR the answer is too long\r\n'
const STATUS_OK = '+OK\r\n'

/** A reply as bytes of the protocol, one character per byte. Replies nest as deep as a script makes them, so this does not recurse. */
export function encode(reply: Reply, protocol: 2 | 3): string {
  if (typeof reply === 'string') return bulk(reply)
  if (typeof reply === 'number') return integer(reply)
  if (reply instanceof Status) return reply.text === 'OK' ? STATUS_OK : `+${reply.text}\r\n`
  const items = itemsOf(reply)
  return items === null ? scalar(reply, protocol) : aggregate(reply, protocol)
}

/** An aggregate and everything in it, by a stack of what is left. */
function aggregate(root: Reply, protocol: 2 | 3): string {
  let text = ''
  const lists: (readonly Reply[])[] = [[root]]
  const places: number[] = [0]
  while (lists.length > 0) {
    const top = lists.length - 1
    const list = lists[top] as readonly Reply[]
    const place = places[top] as number
    if (place >= list.length) {
      lists.pop()
      places.pop()
      continue
    }
    places[top] = place + 1
    if (text.length > ANSWER_BYTES_MAX) return TOO_LONG
    const reply = list[place] as Reply
    if (typeof reply === 'string') text += bulk(reply)
    else if (typeof reply === 'number') text += integer(reply)
    else {
      const items = itemsOf(reply)
      if (items === null) text += scalar(reply, protocol)
      else {
        text += head(reply, items.length, protocol)
        lists.push(items)
        places.push(0)
      }
    }
  }
  return text
}

function itemsOf(reply: Reply): readonly Reply[] | null {
  if (Array.isArray(reply)) return reply as readonly Reply[]
  if (reply instanceof MapReply) return reply.pairs
  if (reply instanceof SetReply || reply instanceof PushReply) return reply.items
  return null
}

function head(reply: Reply, length: number, protocol: 2 | 3): string {
  if (protocol === 3) {
    if (reply instanceof MapReply) return `%${length / 2}\r\n`
    if (reply instanceof SetReply) return `~${length}\r\n`
    if (reply instanceof PushReply) return `>${length}\r\n`
  }
  return `*${length}\r\n`
}

function scalar(reply: Reply, protocol: 2 | 3): string {
  if (reply === null) return protocol === 3 ? '_\r\n' : '$-1\r\n'
  if (reply === NIL_ARRAY) return protocol === 3 ? '_\r\n' : '*-1\r\n'
  if (typeof reply === 'bigint') return `:${reply}\r\n`
  if (typeof reply === 'boolean') return protocol === 3 ? (reply ? '#t\r\n' : '#f\r\n') : reply ? ':1\r\n' : ':0\r\n'
  if (reply instanceof Status) return `+${reply.text}\r\n`
  if (reply instanceof ErrorReply) return `-${oneLine(reply.text)}\r\n`
  if (reply instanceof DoubleReply)
    return protocol === 3 ? `,${doubleText(reply.value)}\r\n` : bulk(doubleText(reply.value))
  if (reply instanceof VerbatimReply) {
    return protocol === 3 ? `=${reply.text.length + 4}\r\ntxt:${reply.text}\r\n` : bulk(reply.text)
  }
  throw new TypeError(`no such reply: ${String(reply)}`)
}

function bulk(text: string): string {
  const length = text.length
  if (length > ANSWER_BYTES_MAX) return TOO_LONG
  return `${length < SMALL ? BULK_HEADS[length] : `$${length}\r\n`}${text}\r\n`
}

function integer(value: number): string {
  return value >= 0 && value < SMALL ? (INTEGERS[value] as string) : `:${value === 0 ? 0 : value}\r\n`
}

/** A score in 7.0's words, `%.17g`: 0.1 is 0.10000000000000001. */
export function doubleText(value: number): string {
  return Number.isNaN(value) ? 'nan' : argumentText(value)
}
