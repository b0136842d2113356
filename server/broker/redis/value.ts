import type { HashValue } from './values/hash.ts'
import type { ListValue } from './values/list.ts'
import type { SetValue } from './values/set.ts'
import type { SortedSetValue } from './values/sorted-set.ts'
import type { StreamValue } from './values/stream.ts'

/**
 * What a key holds. A Redis string is a JavaScript string of one byte per character; each other type is one class, told apart by
 * `instanceof`. An empty collection is never kept: whoever takes the last member removes the key (streams excepted).
 */
export type Value = string | HashValue | ListValue | SetValue | SortedSetValue | StreamValue
export type TypeName = 'string' | 'hash' | 'list' | 'set' | 'zset' | 'stream'
