import { wrongArity } from './arguments.ts'
import type { Client } from './client.ts'
import type { Engine } from './engine.ts'
import type { Entry } from './registry.ts'
import { ErrorReply } from './reply.ts'

export const OOM = "OOM command not allowed when used memory > 'maxmemory'."
const NOAUTH = new ErrorReply('NOAUTH Authentication required.')
const NO_MULTI = new ErrorReply('ERR Command not allowed inside a transaction')
const QUOTED_BYTES = 128

/** Why a request is not run, in the order in which Redis looks at it; null: it is. */
export function refusalOf(engine: Engine, client: Client, entry: Entry, args: readonly string[]): ErrorReply | null {
  if (!entry.hasArity(args.length)) return wrongArity(entry.name)
  if (client.user === null && !entry.needsNoAuth) return NOAUTH
  if (client.queue !== null && entry.isNoMulti) return NO_MULTI
  if (engine.isOverMemory && (carriesOut(client, entry, 'deniesOom') || (client.queue !== null && !entry.isNoQueue)))
    return new ErrorReply(OOM)
  const refusal = engine.journal === null ? null : engine.journal.refusal
  if (refusal !== null && carriesOut(client, entry, 'isWrite')) return new ErrorReply(refusal)
  if (client.protocol === 2 && client.isSubscriber && !entry.isForSubscribers) {
    const only = '(P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET'
    return new ErrorReply(`ERR Can't execute '${entry.name}': only ${only} are allowed in this context`)
  }
  return null
}

/** Whether the command is of this kind; EXEC is what any command of its transaction is. */
function carriesOut({ queue }: Client, entry: Entry, kind: 'isWrite' | 'deniesOom'): boolean {
  if (entry.name !== 'exec' || queue === null) return entry[kind]
  return queue.some((queued) => queued.entry[kind])
}

export function unknownCommand(args: readonly string[]): ErrorReply {
  let quoted = ''
  for (let at = 1; at < args.length && quoted.length < QUOTED_BYTES; at++) {
    quoted += `'${args[at]?.slice(0, QUOTED_BYTES - quoted.length)}' `
  }
  const name = args[0]?.slice(0, QUOTED_BYTES)
  return new ErrorReply(`ERR unknown command '${name}', with args beginning with: ${quoted}`)
}
