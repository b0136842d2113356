import type { TypeName, Value } from './value.ts'
import { HashValue } from './values/hash.ts'
import { ListValue } from './values/list.ts'
import { SetValue } from './values/set.ts'
import { SortedSetValue } from './values/sorted-set.ts'
import { stringEncoding } from './values/string.ts'

/** As TYPE answers. */
export function typeName(value: Value): TypeName {
  if (typeof value === 'string') return 'string'
  if (value instanceof HashValue) return 'hash'
  if (value instanceof ListValue) return 'list'
  if (value instanceof SetValue) return 'set'
  if (value instanceof SortedSetValue) return 'zset'
  return 'stream'
}

/** As OBJECT ENCODING answers: what Redis would use for a value of this size, whatever is used here. */
export function encodingOf(value: Value): string {
  return typeof value === 'string' ? stringEncoding(value) : value.encoding()
}

/** A value that shares nothing with the first: COPY. */
export function copyOf(value: Value): Value {
  return typeof value === 'string' ? value : value.copy()
}

/** What the value takes on the heap, roughly. */
export function estimateBytes(value: Value): number {
  return typeof value === 'string' ? value.length + STRING_BYTES : value.estimateBytes()
}
const STRING_BYTES = 24
