import type { Command, Flag } from './command.ts'
import { ErrorReply } from './reply.ts'

/** Not flagged as writes, and held like those: what a script does nobody knows, and messages go to replicas. */
const MAY_WRITE = ['eval', 'evalsha', 'publish', 'spublish']
const NO_QUEUE = ['exec', 'discard', 'multi', 'watch', 'quit', 'reset']
const FOR_SUBSCRIBERS = [
  ...['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe'],
  ...['ping', 'quit', 'reset'],
]

/** A command as the dispatcher uses it: its flags as booleans, and what INFO commandstats counts. */
export class Entry {
  readonly command: Command
  readonly name: string
  readonly arity: number
  readonly isWrite: boolean
  readonly mayWrite: boolean
  readonly deniesOom: boolean
  readonly isFast: boolean
  readonly needsNoAuth: boolean
  readonly isNoScript: boolean
  readonly isNoMulti: boolean
  /** Runs at once between MULTI and EXEC, or stays possible for a subscriber of RESP2. */
  readonly isNoQueue: boolean
  readonly isForSubscribers: boolean
  /** Those of a container (`client`), by name; null: a plain command. */
  readonly subcommands: Map<string, Entry> | null
  /** Its number among all, for the beat that names what runs. */
  number = 0
  calls = 0
  timedCalls = 0
  timedUsec = 0
  rejectedCalls = 0
  failedCalls = 0

  constructor(command: Command, subcommands: Map<string, Entry> | null = null) {
    this.command = command
    this.name = command.name
    this.arity = command.arity
    this.isWrite = has(command, 'write')
    this.mayWrite = this.isWrite || MAY_WRITE.includes(command.name)
    this.deniesOom = has(command, 'denyoom')
    this.isFast = has(command, 'fast')
    this.needsNoAuth = has(command, 'no_auth')
    this.isNoScript = has(command, 'noscript')
    this.isNoMulti = has(command, 'no_multi')
    this.isNoQueue = NO_QUEUE.includes(command.name)
    this.isForSubscribers = FOR_SUBSCRIBERS.includes(command.name)
    this.subcommands = subcommands
  }

  /** Of all calls, from those that were timed. */
  get usec(): number {
    return this.timedCalls === 0 ? 0 : Math.round((this.timedUsec / this.timedCalls) * this.calls)
  }

  hasArity(length: number): boolean {
    return this.arity >= 0 ? length === this.arity : length >= -this.arity
  }
}

/** All commands there are. */
export class Registry {
  /** By name in lower and in upper case; a name written otherwise is looked up in lower case. */
  readonly #entries = new Map<string, Entry>()
  readonly #all: Entry[] = []

  constructor(commands: readonly Command[]) {
    const parents = new Set(
      commands.map(({ name }) => name.split('|')).flatMap(([name = '', sub]) => (sub ? name : [])),
    )
    for (const command of commands) {
      const isPlain = !command.name.includes('|')
      if (isPlain) this.#add(command.name, new Entry(command, parents.delete(command.name) ? new Map() : null))
    }
    for (const parent of parents) this.#add(parent, containerOf(parent))
    for (const command of commands) {
      const [parent = '', sub] = command.name.split('|')
      if (sub === undefined) continue
      const entry = new Entry(command)
      this.#entries.get(parent)?.subcommands?.set(sub, entry)
      this.#number(entry)
    }
  }

  /** Plain commands and containers. */
  *top(): IterableIterator<Entry> {
    for (const [name, entry] of this.#entries) if (name === entry.name) yield entry
  }
  /** In the order of their numbers. */
  get all(): readonly Entry[] {
    return this.#all
  }

  /** Commands that ran, of all kinds. */
  get calls(): number {
    let calls = 0
    for (const entry of this.#all) calls += entry.calls
    return calls
  }

  /** By the name alone, in any case; a container for `client`, its member for `client|list`. */
  named(name: string): Entry | undefined {
    const [parent = '', sub] = name.toLowerCase().split('|')
    const entry = this.#entries.get(parent)
    return sub === undefined ? entry : entry?.subcommands?.get(sub)
  }

  /** The command of a request, or undefined. Throws ErrorReply for an unknown subcommand. */
  find(args: readonly string[]): Entry | undefined {
    const name = args[0] as string
    const entry = this.#entries.get(name) ?? this.#entries.get(name.toLowerCase())
    if (entry === undefined || entry.subcommands === null || args.length < 2) return entry
    const sub = args[1] as string
    const member = entry.subcommands.get(sub) ?? entry.subcommands.get(sub.toLowerCase())
    if (member === undefined) {
      const parent = entry.name.toUpperCase()
      throw new ErrorReply(`ERR unknown subcommand '${sub.slice(0, 128)}'. Try ${parent} HELP.`)
    }
    return member
  }

  #add(name: string, entry: Entry): Entry {
    this.#entries.set(name, entry)
    this.#entries.set(name.toUpperCase(), entry)
    this.#number(entry)
    return entry
  }

  #number(entry: Entry): void {
    entry.number = this.#all.length
    this.#all.push(entry)
  }
}

/** Where the keys of a request stand, as COMMAND GETKEYS tells. */
export function keysOf({ command }: Entry, args: readonly string[]): readonly string[] {
  if (command.keysOf !== undefined) return command.keysOf(args)
  const [first, last, step] = command.keys
  if (first === 0) return []
  const end = last < 0 ? args.length + last : last
  const keys: string[] = []
  for (let at = first; at <= end; at += step) keys.push(args[at] as string)
  return keys
}

function has(command: Command, flag: Flag): boolean {
  return command.flags.includes(flag)
}

/** CLIENT without a subcommand has too few arguments: nothing ever runs it. */
function containerOf(name: string): Entry {
  const command: Command = { name, arity: -2, flags: [], keys: [0, 0, 0], run: () => null }
  return new Entry(command, new Map())
}
