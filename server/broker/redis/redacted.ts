import type { Entry } from './registry.ts'

const REDACTED = '(redacted)'

/** The words of a request as others may see them, in SLOWLOG and MONITOR: without passwords, as Redis hides them. */
export function redacted({ name }: Entry, args: readonly string[]): readonly string[] {
  switch (name) {
    case 'auth':
      return args.map((arg, at) => (at === 0 ? arg : REDACTED))
    case 'acl|setuser':
      return args.map((arg, at) => (at < 2 ? arg : REDACTED))
    case 'hello':
      return withoutLogin(args)
    case 'config|set':
      return args.map((arg, at) => (args[at - 1]?.toLowerCase() === 'requirepass' ? REDACTED : arg))
    default:
      return args
  }
}

/** HELLO version [AUTH user password] [SETNAME name] */
function withoutLogin(args: readonly string[]): readonly string[] {
  const shown = [...args]
  for (let at = 2; at < args.length; at++) {
    const word = args[at]?.toLowerCase()
    if (word === 'auth') shown.fill(REDACTED, at + 1, at + 3)
    at += word === 'auth' ? 2 : word === 'setname' ? 1 : 0
  }
  return shown
}
