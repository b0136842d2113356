import {
  DoubleReply,
  ErrorReply,
  MapReply,
  oneLine,
  PushReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../reply.ts'
import { truncated } from './arguments.ts'
import { argumentText } from './number.ts'
import { LuaTable, TableWalk } from './table.ts'
import type { LuaValue } from './value.ts'

/** Answers of commands as Lua values, and a script's result as an answer. */

/** Tables inside each other that a result may have; Redis ends with Lua's stack. */
const RESULT_DEPTH_MAX = 500

/** @param protocol what redis.setresp asked for: with 3, types that Lua lacks become tables of one field */
export function luaValue(reply: Reply, protocol: 2 | 3): LuaValue {
  switch (typeof reply) {
    case 'string':
    case 'number':
      return reply
    case 'bigint':
      return Number(reply)
    case 'boolean':
      return protocol === 3 ? reply : reply ? 1 : false
    case 'symbol':
      return protocol === 3 ? undefined : false
  }
  if (reply === null) return protocol === 3 ? undefined : false
  if (reply instanceof Status) return fieldTable('ok', reply.text)
  if (reply instanceof ErrorReply) return errorTable(reply.text)
  if (reply instanceof DoubleReply) {
    return protocol === 3 ? fieldTable('double', reply.value) : argumentText(reply.value)
  }
  if (reply instanceof VerbatimReply) {
    if (protocol === 2) return reply.text
    const inner = fieldTable('string', reply.text)
    inner.set('format', 'txt')
    return fieldTable('verbatim_string', inner)
  }
  if (reply instanceof MapReply) return protocol === 3 ? mapTable(reply) : listTable(reply.pairs, protocol)
  if (reply instanceof SetReply) return protocol === 3 ? setTable(reply) : listTable(reply.items, protocol)
  return listTable(reply instanceof PushReply ? reply.items : reply, protocol)
}

function listTable(items: readonly Reply[], protocol: 2 | 3): LuaTable {
  const values: LuaValue[] = []
  for (let i = 0; i < items.length; i++) values.push(luaValue(items[i] as Reply, protocol))
  return new LuaTable(values)
}

function mapTable(reply: MapReply): LuaTable {
  const map = new LuaTable()
  for (let i = 0; i + 1 < reply.pairs.length; i += 2) {
    const key = luaValue(reply.pairs[i] as Reply, 3)
    if (key !== undefined) map.set(key, luaValue(reply.pairs[i + 1] as Reply, 3))
  }
  return fieldTable('map', map)
}

function setTable(reply: SetReply): LuaTable {
  const set = new LuaTable()
  for (const item of reply.items) {
    const key = luaValue(item, 3)
    if (key !== undefined) set.set(key, true)
  }
  return fieldTable('set', set)
}

export function fieldTable(name: string, value: LuaValue): LuaTable {
  const table = new LuaTable()
  table.set(name, value)
  return table
}

/** An error as redis.pcall hands it out. */
export function errorTable(text: string): LuaTable {
  return fieldTable('err', text)
}

/** What a script returned. */
export function replyOf(value: LuaValue, protocol: 2 | 3, depth = 0): Reply {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return integerReply(value)
    case 'boolean':
      return protocol === 3 ? value : value ? 1 : null
    default:
      if (!(value instanceof LuaTable)) return null
      if (depth > RESULT_DEPTH_MAX) return new ErrorReply('ERR reached lua stack limit')
      return tableReply(value, protocol, depth)
  }
}

function integerReply(value: number): number | bigint {
  const whole = truncated(value)
  return whole > 9007199254740991 || whole < -9007199254740991 ? BigInt(whole) : whole + 0
}

function tableReply(table: LuaTable, protocol: 2 | 3, depth: number): Reply {
  if (table.hash !== null) {
    const marked = markedReply(table, protocol, depth)
    if (marked !== undefined) return marked
  }
  const items: Reply[] = []
  for (let i = 1; ; i++) {
    const item = table.at(i)
    if (item === undefined) return items
    items.push(replyOf(item, protocol, depth + 1))
  }
}

function markedReply(table: LuaTable, protocol: 2 | 3, depth: number): Reply | undefined {
  const error = textOf(table.named('err'))
  if (error !== undefined) return new ErrorReply(oneLine(error))
  const status = textOf(table.named('ok'))
  if (status !== undefined) return new Status(oneLine(status))
  const double = table.named('double')
  if (typeof double === 'number') return new DoubleReply(double)
  const map = table.named('map')
  if (map instanceof LuaTable) return new MapReply(entriesOf(map, true, protocol, depth))
  const set = table.named('set')
  if (set instanceof LuaTable) return new SetReply(entriesOf(set, false, protocol, depth))
  const big = textOf(table.named('big_number'))
  if (big !== undefined) return oneLine(big)
  const verbatim = table.named('verbatim_string')
  if (verbatim instanceof LuaTable) {
    const text = textOf(verbatim.named('string'))
    if (text !== undefined && textOf(verbatim.named('format')) !== undefined) return new VerbatimReply(text)
  }
  return undefined
}

function entriesOf(table: LuaTable, withValues: boolean, protocol: 2 | 3, depth: number): Reply[] {
  const entries: Reply[] = []
  for (const walk = new TableWalk(table); walk.step(); ) {
    entries.push(replyOf(walk.key, protocol, depth + 1))
    if (withValues) entries.push(replyOf(walk.value, protocol, depth + 1))
  }
  return entries
}

function textOf(value: LuaValue): string | undefined {
  return typeof value === 'string' ? value : undefined
}
