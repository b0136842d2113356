import { WRONG_TYPE } from './arguments.ts'
import type { Db } from './db.ts'
import { ErrorReply } from './reply.ts'
import { HashValue } from './values/hash.ts'
import { ListValue } from './values/list.ts'
import { SetValue } from './values/set.ts'
import { SortedSetValue } from './values/sorted-set.ts'
import { StreamValue } from './values/stream.ts'

/** The value of a key if it has the type, undefined if there is no such key. Throws WRONGTYPE. */
export function stringAt(db: Db, key: string): string | undefined {
  const value = db.get(key)
  if (value === undefined || typeof value === 'string') return value
  throw new ErrorReply(WRONG_TYPE)
}
export function hashAt(db: Db, key: string): HashValue | undefined {
  const value = db.get(key)
  if (value === undefined || value instanceof HashValue) return value
  throw new ErrorReply(WRONG_TYPE)
}
export function listAt(db: Db, key: string): ListValue | undefined {
  const value = db.get(key)
  if (value === undefined || value instanceof ListValue) return value
  throw new ErrorReply(WRONG_TYPE)
}
export function setAt(db: Db, key: string): SetValue | undefined {
  const value = db.get(key)
  if (value === undefined || value instanceof SetValue) return value
  throw new ErrorReply(WRONG_TYPE)
}
export function sortedSetAt(db: Db, key: string): SortedSetValue | undefined {
  const value = db.get(key)
  if (value === undefined || value instanceof SortedSetValue) return value
  throw new ErrorReply(WRONG_TYPE)
}

export function streamAt(db: Db, key: string): StreamValue | undefined {
  const value = db.get(key)
  if (value === undefined || value instanceof StreamValue) return value
  throw new ErrorReply(WRONG_TYPE)
}

/** After a change in place: tells who waits for the key, or removes it when its last member is gone. */
export function changedOrEmpty(db: Db, key: string, size: number): void {
  if (size === 0) db.remove(key)
  else db.changed(key)
}

interface Members {
  readonly size: number
  has(member: string): boolean
  delete(member: string): boolean
}

/** HDEL, SREM and ZREM: a key, then members; answers how many of them were there. */
export function removeMembers(db: Db, args: readonly string[], members: Members | undefined): number {
  if (members === undefined) return 0
  const key = args[1] as string
  let removed = 0
  for (let i = 2; i < args.length; i++) {
    const member = args[i] as string
    if (!members.has(member)) continue
    if (removed === 0) db.changing(key)
    members.delete(member)
    removed++
  }
  if (removed > 0) changedOrEmpty(db, key, members.size)
  return removed
}
