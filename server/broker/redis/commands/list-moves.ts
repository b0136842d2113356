import { SYNTAX } from '../arguments.ts'
import type { BLOCKED, Call, Command } from '../command.ts'
import { countedKeys, type ManyPop } from '../counted-keys.ts'
import { ErrorReply, NIL_ARRAY, type Reply } from '../reply.ts'
import { timeoutMsOf } from '../timeout.ts'
import { changedOrEmpty, listAt } from '../typed.ts'
import { ListValue } from '../values/list.ts'
import { type Popping, popMany, popManyOrWait, popOrWait } from './blocking-pops.ts'

/** From one list to another, or from the first of several that has something; with and without waiting. */
export const listMoves: readonly Command[] = [
  { name: 'rpoplpush', arity: 3, flags: ['write', 'denyoom'], keys: [1, 2, 1], run: rpoplpush },
  { name: 'lmove', arity: 5, flags: ['write', 'denyoom'], keys: [1, 2, 1], run: lmove },
  {
    name: 'lmpop',
    arity: -4,
    flags: ['write'],
    keys: [0, 0, 0],
    keysOf: (args) => countedKeys(args, 1),
    run: (call, args) => popMany(call, args, MANY),
  },
  {
    name: 'blpop',
    arity: -3,
    flags: ['write', 'noscript', 'blocking'],
    keys: [1, -2, 1],
    run: (call, args) => popOrWait(call, args, LEFTMOST),
  },
  {
    name: 'brpop',
    arity: -3,
    flags: ['write', 'noscript', 'blocking'],
    keys: [1, -2, 1],
    run: (call, args) => popOrWait(call, args, RIGHTMOST),
  },
  { name: 'blmove', arity: 6, flags: ['write', 'denyoom', 'noscript', 'blocking'], keys: [1, 2, 1], run: blmove },
  {
    name: 'brpoplpush',
    arity: 4,
    flags: ['write', 'denyoom', 'noscript', 'blocking'],
    keys: [1, 2, 1],
    run: brpoplpush,
  },
  {
    name: 'blmpop',
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [0, 0, 0],
    keysOf: (args) => countedKeys(args, 2),
    run: (call, args) => popManyOrWait(call, args, MANY),
  },
]

type End = 'LEFT' | 'RIGHT'

interface Move {
  readonly source: string
  readonly target: string
  readonly from: End
  readonly to: End
}

function endOf(word: string): End {
  const end = word.toUpperCase()
  if (end === 'LEFT' || end === 'RIGHT') return end
  throw new ErrorReply(SYNTAX)
}

function moveOf(args: readonly string[]): Move {
  return {
    source: args[1] as string,
    target: args[2] as string,
    from: endOf(args[3] as string),
    to: endOf(args[4] as string),
  }
}

function tailToHead(args: readonly string[]): Move {
  return { source: args[1] as string, target: args[2] as string, from: 'RIGHT', to: 'LEFT' }
}

function lmove(call: Call, args: readonly string[]): Reply {
  return moveOne(call, moveOf(args)) ?? null
}
function rpoplpush(call: Call, args: readonly string[]): Reply {
  return moveOne(call, tailToHead(args)) ?? null
}

/** Undefined: there is nothing to move. */
function moveOne({ db }: Call, { source, target, from, to }: Move): string | undefined {
  const list = listAt(db, source)
  if (list === undefined) return undefined
  const found = source === target ? list : listAt(db, target)
  db.changing(source)
  if (found !== undefined && found !== list) db.changing(target)
  const item = from === 'LEFT' ? list.popLeft() : list.popRight()
  const receiver = found ?? new ListValue()
  if (to === 'LEFT') receiver.pushLeft(item)
  else receiver.pushRight(item)
  if (found === undefined) db.set(target, receiver)
  else if (found !== list) db.changed(target)
  changedOrEmpty(db, source, list.size)
  return item
}

function blmove(call: Call, args: readonly string[]): Reply | typeof BLOCKED {
  const move = moveOf(args)
  return moveOrWait(call, move, args[5] as string)
}
function brpoplpush(call: Call, args: readonly string[]): Reply | typeof BLOCKED {
  return moveOrWait(call, tailToHead(args), args[3] as string)
}

function moveOrWait(call: Call, move: Move, timeout: string): Reply | typeof BLOCKED {
  const timeoutMs = timeoutMsOf(timeout, call.nowMs)
  const moved = moveAndKeep(call, move)
  if (moved !== undefined) return moved
  return call.block({
    keys: [move.source],
    timeoutMs,
    attempt: (later) => (later.db.get(move.source) instanceof ListValue ? moveAndKeep(later, move) : undefined),
    timedOut: NIL_ARRAY,
    atOnce: null,
  })
}

function moveAndKeep(call: Call, move: Move): Reply | undefined {
  const item = moveOne(call, move)
  if (item !== undefined) call.effect('LMOVE', move.source, move.target, move.from, move.to)
  return item
}

const isThere = (call: Call, key: string) => listAt(call.db, key) !== undefined

/** The key and its item. */
const poppingFrom = (from: End): Popping => ({
  isThere,
  pop(call, key) {
    const list = call.db.get(key)
    return list instanceof ListValue ? [key, takeItems(call, { key, list, from, count: 1 })[0] as string] : undefined
  },
})
const LEFTMOST = poppingFrom('LEFT')
const RIGHTMOST = poppingFrom('RIGHT')

/** The key and its items. */
const MANY = {
  words: ['LEFT', 'RIGHT'],
  poppingOf: ({ isFirst, count }: ManyPop): Popping => ({
    isThere,
    pop(call, key) {
      const list = call.db.get(key)
      const from = isFirst ? 'LEFT' : 'RIGHT'
      return list instanceof ListValue ? [key, takeItems(call, { key, list, from, count })] : undefined
    },
  }),
} as const

interface Take {
  readonly key: string
  readonly list: ListValue
  readonly from: End
  readonly count: number
}

function takeItems(call: Call, { key, list, from, count }: Take): readonly string[] {
  const taken = Math.min(count, list.size)
  const items: string[] = []
  call.db.changing(key)
  for (let i = 0; i < taken; i++) items.push(from === 'LEFT' ? list.popLeft() : list.popRight())
  changedOrEmpty(call.db, key, list.size)
  call.effect(from === 'LEFT' ? 'LPOP' : 'RPOP', key, String(taken))
  return items
}
