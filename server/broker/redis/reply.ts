/**
 * What a command answers, before it becomes bytes. Strings hold one byte per character (latin1), everywhere in this engine.
 *
 * string → bulk string · number (an integer) and bigint (64 bits) → integer · null → nil · array → array; the classes below are the
 * rest. What RESP2 lacks is written as Redis writes it there: a map as a flat array, a double as a bulk string, a boolean as 1 or 0.
 */
export type Reply =
  | string
  | number
  | bigint
  | null
  | boolean
  | readonly Reply[]
  | Status
  | ErrorReply
  | DoubleReply
  | MapReply
  | SetReply
  | PushReply
  | VerbatimReply
  | typeof NIL_ARRAY

/** A simple string: `+OK`. */
export class Status {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
export const OK = new Status('OK')
export const QUEUED = new Status('QUEUED')
export const PONG = new Status('PONG')

/** `*-1` in RESP2: a blocking pop that timed out, an EXEC that was given up. In RESP3 nil, as any other. */
export const NIL_ARRAY = Symbol('nil array')

/** An error in Redis' words, its code first: `WRONGTYPE Operation against …`. Handlers throw it; inside a reply it is one element. */
export class ErrorReply extends Error {
  /** Without the leading `-`. One line. */
  get text(): string {
    return this.message
  }
}

/** A score: `,1.5` in RESP3, a bulk string in RESP2. */
export class DoubleReply {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** Key, value, key, value … in order: `%` in RESP3, a flat array in RESP2. */
export class MapReply {
  readonly pairs: readonly Reply[]
  constructor(pairs: readonly Reply[]) {
    this.pairs = pairs
  }
}

/** `~` in RESP3, an array in RESP2. */
export class SetReply {
  readonly items: readonly Reply[]
  constructor(items: readonly Reply[]) {
    this.items = items
  }
}

/** Out of band: `>` in RESP3, an array in RESP2. */
export class PushReply {
  readonly items: readonly Reply[]
  constructor(items: readonly Reply[]) {
    this.items = items
  }
}

/** Text for people (INFO, CLIENT LIST): `=txt:` in RESP3, a bulk string in RESP2. */
export class VerbatimReply {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** As the text of an error or a status has to be. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ')
}
