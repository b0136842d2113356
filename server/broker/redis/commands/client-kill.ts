import { integerFrom, SYNTAX } from '../arguments.ts'
import type { EngineCall } from '../call.ts'
import type { Client } from '../client.ts'
import { ErrorReply, OK, type Reply } from '../reply.ts'
import { isOfType, typeOf } from './client.ts'

/** CLIENT KILL address, or CLIENT KILL with options: all that match. */
export function killClients(call: EngineCall, args: readonly string[]): Reply {
  const all = [...call.engine.clients.values()]
  if (args.length === 3) {
    const one = all.find(({ link }) => link.remote === args[2])
    if (one === undefined) throw new ErrorReply('ERR No such client')
    kill(call, one)
    return OK
  }
  const matches = optionsOf(call, args)
  const chosen = all.filter((one) => matches.every((match) => match(one)))
  for (const one of chosen) kill(call, one)
  return chosen.length
}

function optionsOf(call: EngineCall, args: readonly string[]): readonly ((one: Client) => boolean)[] {
  const matches: ((one: Client) => boolean)[] = []
  let skipsMe = true
  if (args.length % 2 !== 0) throw new ErrorReply(SYNTAX)
  for (let at = 2; at < args.length; at += 2) {
    const value = args[at + 1] as string
    switch ((args[at] as string).toLowerCase()) {
      case 'id': {
        const id = integerFrom(1, value, 'ERR client-id should be greater than 0')
        matches.push((one) => one.id === id)
        break
      }
      case 'type': {
        const type = typeOf(value)
        matches.push((one) => isOfType(one, type))
        break
      }
      case 'addr':
        matches.push((one) => one.link.remote === value)
        break
      case 'laddr':
        matches.push((one) => one.link.local === value)
        break
      case 'user':
        if (call.engine.users.get(value) === undefined) throw new ErrorReply(`ERR No such user '${value}'`)
        matches.push((one) => one.user?.name === value)
        break
      case 'skipme':
        if (!/^(yes|no)$/i.test(value)) throw new ErrorReply(SYNTAX)
        skipsMe = value.toLowerCase() === 'yes'
        break
      default:
        throw new ErrorReply(SYNTAX)
    }
  }
  if (skipsMe) matches.push((one) => one !== call.client)
  return matches
}

/** The one who asks is answered first. */
function kill(call: EngineCall, one: Client): void {
  if (one === call.client) one.isLeaving = true
  else one.link.end()
}
