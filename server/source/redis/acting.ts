import { createHash } from 'node:crypto'
import { OpsError } from '../../domain/errors.ts'
import type { RedisSettings } from '../settings.ts'
import { replyFault } from './faults.ts'
import { groupedBy, sliced } from './grouping.ts'
import { type Command, type Link, type Reply, ReplyError } from './link.ts'
import { type Script, Scripts } from './scripts.ts'
import { openTopology, type Topology } from './topology.ts'

/** One call of a script: the base of a queue's keys (all lie in its slot) and the arguments. */
export interface Call {
  readonly base: string
  readonly args: readonly (string | number)[]
}

/**
 * The connection for what a person asks for: looking into a queue, and every write. It is not the one of the snapshots, so
 * that a page that is late or given up never ends a snapshot. Opened when first used; a fault closes it and the next call
 * opens another.
 */
export class Acting {
  readonly #settings: RedisSettings
  readonly #closing = new AbortController()
  #topology: Promise<Topology> | null = null
  #scripts = new Scripts()

  constructor(settings: RedisSettings) {
    this.#settings = settings
  }

  /** Rejects with OpsError. */
  async topology(): Promise<Topology> {
    const last = this.#topology
    const opened = await last?.catch(() => null)
    if (this.#closing.signal.aborted) throw new OpsError('closed', 'act', 'redis: this source is closed')
    if (opened && !opened.fault()) return opened
    // Of several that come here at once the first opens another, the others wait for it.
    if (this.#topology === last) {
      opened?.close()
      this.#scripts = new Scripts()
      this.#topology = openTopology(this.#settings, this.#closing.signal)
    }
    return this.#topology ?? this.topology()
  }

  close(): void {
    this.#closing.abort()
    this.#topology?.then(
      (topology) => topology.close(),
      () => {}, // it never opened
    )
    this.#topology = null
  }

  /** Plain commands on the node of a key. Rejects with OpsError, also for an error reply. */
  async ask(op: string, key: string, commands: readonly Command[]): Promise<readonly Reply[]> {
    const link = linkOf(await this.topology(), key, op)
    const replies = await link.run(op, commands, this.#closing.signal)
    for (const reply of replies) if (reply instanceof ReplyError) throw faultOf(op, link, reply)
    return replies
  }

  /** Runs a script that only reads, once for each argument list, on the node of `base`. Rejects with OpsError. */
  async read(
    op: string,
    base: string,
    { script, calls }: { readonly script: Script; readonly calls: readonly (readonly (string | number)[])[] },
  ): Promise<readonly Reply[]> {
    const link = linkOf(await this.topology(), base, op)
    const replies = await this.#scripts.run(link, script, calls, this.#closing.signal)
    if (replies === null) throw new OpsError('refused', op, this.#scripts.refusal ?? 'scripts are refused')
    for (const reply of replies) if (reply instanceof ReplyError) throw faultOf(op, link, reply)
    return replies
  }

  /**
   * Runs a script that writes, in the order of the calls for each node, so many at a time that each write has its own
   * deadline. Stops between two of those when `signal` is aborted. Rejects with OpsError at the first error reply.
   */
  async write(op: string, lua: string, { calls, signal }: Writing): Promise<readonly Reply[]> {
    const topology = await this.topology()
    const replies = new Map<Call, Reply>()
    for (const [link, own] of groupedBy(calls, ({ base }) => linkOf(topology, base, op))) {
      for (const slice of sliced(own, CALLS_AT_ONCE)) {
        if (signal.aborted) throw new OpsError('timeout', op, `redis ${link.address}: given up before all was done`)
        const answers = await this.#eval(op, link, { lua, calls: slice })
        for (const [at, call] of slice.entries()) replies.set(call, answers[at] ?? null)
      }
    }
    return calls.map((call) => replies.get(call) ?? null)
  }

  async #eval(op: string, link: Link, { lua, calls }: Pick<Writing, 'calls'> & { lua: string }) {
    const sha = createHash('sha1').update(lua).digest('hex')
    const send = (some: readonly Call[]) =>
      link.run(
        op,
        some.map(({ base, args }): Command => ['EVALSHA', sha, 1, base, ...args]),
        this.#closing.signal,
      )
    const replies = [...(await send(calls))]
    const unknown = calls.filter((_, at) => isUnknown(replies[at]))
    if (unknown.length > 0) {
      const loaded = await link.run(op, [['SCRIPT', 'LOAD', lua]], this.#closing.signal)
      if (loaded[0] instanceof ReplyError) throw faultOf(op, link, loaded[0])
      const again = await send(unknown)
      for (const [at, call] of unknown.entries()) replies[calls.indexOf(call)] = again[at] ?? null
    }
    for (const reply of replies) if (reply instanceof ReplyError) throw faultOf(op, link, reply)
    return replies
  }
}

interface Writing {
  readonly calls: readonly Call[]
  readonly signal: AbortSignal
}

/** So many calls go in one write, with 2 s for all of them. */
const CALLS_AT_ONCE = 100

function isUnknown(reply: Reply | undefined): boolean {
  return reply instanceof ReplyError && reply.text.startsWith('NOSCRIPT')
}

function linkOf(topology: Topology, key: string, op: string): Link {
  const link = topology.linkOf(key)
  if (!link) throw new OpsError('unreachable', op, `redis: no node of the cluster serves ${key}`)
  return link
}

/** What is missing is named by the server: a command or a key. */
function faultOf(op: string, link: Link, { text }: ReplyError): OpsError {
  if (/NOPERM|can't run this command|can't access at least one of the keys|No permissions/i.test(text)) {
    const why = text.replace(/\s+/g, ' ').slice(0, 200)
    const advice = 'this user may only read; "Rights to act" in server/source/redis/README.md has what is missing'
    return new OpsError('refused', op, `redis ${link.address}: ${advice} (${why})`)
  }
  return replyFault(op, link.address, text)
}
