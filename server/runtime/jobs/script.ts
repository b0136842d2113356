import { createHash } from 'node:crypto'

/** A Lua script: constant text. The first key is the queue's base; all keys it touches begin with it (same slot). */
export interface Script {
  readonly name: string
  readonly lua: string
  readonly sha: string
}

/** Joins the pieces that a script is made of, in order. */
export function script(name: string, ...pieces: readonly string[]): Script {
  const lua = pieces.join('\n')
  return { name, lua, sha: createHash('sha1').update(lua).digest('hex') }
}
