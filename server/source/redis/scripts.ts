import { createHash } from 'node:crypto'
import { isForbidden, replyFault } from './faults.ts'
import { type Command, type Link, type Reply, ReplyError } from './link.ts'

/** A Lua script that only reads. Constant text; all names travel in ARGV. */
export interface Script {
  readonly lua: string
  readonly sha: string
}

export function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/**
 * Runs scripts on the nodes of one Redis, by the strictest command that each allows: EVALSHA_RO where the server has it
 * (7.0: it then refuses any write by itself), else EVALSHA, else not at all, and the caller asks plainly.
 */
export class Scripts {
  readonly #verbs = new Map<Link, Verb>()
  #refusal: string | null = null

  /** Why scripts cannot be used here; null while they can. */
  get refusal(): string | null {
    return this.#refusal
  }

  /**
   * One call per argument list, in one write (two more round trips the first time). Null = this server does not let us
   * run scripts. An error reply of one call is its value.
   */
  async run(
    link: Link,
    { lua, sha }: Script,
    calls: readonly (readonly (string | number)[])[],
    signal: AbortSignal,
  ): Promise<readonly Reply[] | null> {
    for (;;) {
      const verb = this.#verbs.get(link) ?? 'EVALSHA_RO'
      if (verb === 'none') return null
      const commands = calls.map((args): Command => [verb, sha, 0, ...args])
      let replies = await link.run('script', commands, signal)
      if (replies.some((reply) => isError(reply, /^NOSCRIPT/))) {
        const [loaded] = await link.run('script', [['SCRIPT', 'LOAD', lua]], signal)
        if (loaded instanceof ReplyError) {
          this.#refuse(link, loaded.text)
          return null
        }
        replies = await link.run('script', commands, signal)
      }
      const forbidden = replies.find((reply) => reply instanceof ReplyError && isForbidden(reply.text))
      if (!(forbidden instanceof ReplyError)) return replies
      if (verb === 'EVALSHA_RO') this.#verbs.set(link, 'EVALSHA')
      else this.#refuse(link, forbidden.text)
    }
  }

  #refuse(link: Link, text: string): void {
    this.#verbs.set(link, 'none')
    this.#refusal = replyFault('script', link.address, text).message
  }
}

type Verb = 'EVALSHA_RO' | 'EVALSHA' | 'none'

function isError(reply: Reply, pattern: RegExp): boolean {
  return reply instanceof ReplyError && pattern.test(reply.text)
}
