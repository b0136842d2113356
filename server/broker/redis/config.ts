import { RESP_LIMITS } from '../../wire/resp.ts'
import { ALIASES, SETTINGS, type Setting } from './config-names.ts'
import { matchesGlob } from './glob.ts'
import { ErrorReply } from './reply.ts'

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1000],
  ['kb', 1024],
  ['m', 1000 ** 2],
  ['mb', 1024 ** 2],
  ['g', 1000 ** 3],
  ['gb', 1024 ** 3],
])

/** What CONFIG GET tells and CONFIG SET changes. */
export class Config {
  readonly #values = new Map<string, string>()
  /** Read often. */
  maxMemoryBytes = 0
  slowerThanUsec = 0
  slowLogMax = 0
  clientsMax = 0
  limits = RESP_LIMITS
  /** Output that waits for one client. */
  readonly outputBytesMax = 256 * 1024 * 1024
  /** The same for one that has not said who it is. */
  readonly outputBytesMaxUnauthenticated = 1024 * 1024
  /** Told when `requirepass` is set. */
  onPassword: (password: string) => void = () => {}

  constructor({ password, maxMemoryBytes }: { readonly password: string; readonly maxMemoryBytes: number }) {
    for (const [name, setting] of Object.entries(SETTINGS)) this.#values.set(name, setting.value)
    this.#values.set('requirepass', password)
    this.#values.set('maxmemory', String(maxMemoryBytes))
    this.#read()
  }

  /** For what is only known once it listens, or has a data directory. */
  tell(name: string, value: string): void {
    this.#values.set(name, value)
  }

  get port(): string {
    return this.#values.get('port') ?? ''
  }

  /** Name, value, name, value of all that match one of the globs. */
  get(patterns: readonly string[]): readonly string[] {
    const found: string[] = []
    const aliases = Object.entries(ALIASES).map(([alias, name]) => [alias, this.#values.get(name) ?? ''] as const)
    for (const [name, value] of [...this.#values, ...aliases]) {
      const asked = patterns.find((pattern) => matchesGlob(pattern.toLowerCase(), name))
      // A name without stars is told as it was asked.
      if (asked !== undefined) found.push(/[*?[]/.test(asked) ? name : asked, value)
    }
    return found
  }

  /** Name, value, name, value: all or none. Throws ErrorReply. */
  set(pairs: readonly string[]): void {
    const changes = new Map<string, string>()
    for (let at = 0; at < pairs.length; at += 2) {
      const given = pairs[at] as string
      const lower = given.toLowerCase()
      const name = own(ALIASES, lower) ?? lower
      const setting = own(SETTINGS, name)
      if (setting === undefined || at + 1 === pairs.length) {
        throw new ErrorReply(`ERR Unknown option or number of arguments for CONFIG SET - '${given}'`)
      }
      const value = accepted(setting, pairs[at + 1] as string, (why) => refused(given, why))
      if (changes.has(name)) throw refused(given, 'duplicate parameter')
      changes.set(name, value)
    }
    for (const [name, value] of changes) this.#values.set(name, value)
    this.#read()
    const password = changes.get('requirepass')
    if (password !== undefined) this.onPassword(password)
  }

  #read(): void {
    const number = (name: string) => Number(this.#values.get(name))
    this.maxMemoryBytes = number('maxmemory')
    this.slowerThanUsec = number('slowlog-log-slower-than')
    this.slowLogMax = number('slowlog-max-len')
    this.clientsMax = number('maxclients')
    this.limits = { ...RESP_LIMITS, bulkBytesMax: number('proto-max-bulk-len') }
  }
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function refused(name: string, why: string): ErrorReply {
  return new ErrorReply(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`)
}

function accepted(setting: Setting, value: string, refuse: (why: string) => ErrorReply): string {
  const word = value.toLowerCase()
  switch (setting.kind) {
    case 'fixed':
      throw refuse("can't set immutable config")
    case 'protected':
      throw refuse("can't set protected config")
    case 'text':
      return value
    case 'flag':
      if (word !== 'yes' && word !== 'no') throw refuse("argument must be 'yes' or 'no'")
      return word
    case 'word':
      if (!setting.words.includes(word)) {
        throw refuse(`argument(s) must be one of the following: ${setting.words.join(', ')}`)
      }
      return word
    case 'number':
      if (!/^-?\d{1,19}$/.test(value)) throw refuse("argument couldn't be parsed into an integer")
      return within(Number(value), setting, refuse)
    case 'bytes': {
      const [, digits, unit = ''] = /^(\d{1,19})([a-z]*)$/.exec(word) ?? []
      const factor = UNITS.get(unit)
      if (digits === undefined || factor === undefined) throw refuse('argument must be a memory value')
      return within(Number(digits) * factor, setting, refuse)
    }
  }
}

function within(
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
  refuse: (why: string) => ErrorReply,
): string {
  if (value < min || value > max) throw refuse(`argument must be between ${min} and ${max} inclusive`)
  return String(value)
}
