import { createHash, timingSafeEqual } from 'node:crypto'
import { ErrorReply } from './reply.ts'

/** Who may connect. Everybody who may, may do everything: commands and keys are not told apart. */
export class User {
  readonly name: string
  isOn = false
  needsNoPassword = false
  /** SHA-256, hex. */
  readonly passwords = new Set<string>()

  constructor(name: string) {
    this.name = name
  }

  accepts(password: string): boolean {
    if (!this.isOn) return false
    if (this.needsNoPassword) return true
    const given = Buffer.from(sha256(password))
    let isRight = false
    for (const known of this.passwords) if (timingSafeEqual(Buffer.from(known), given)) isRight = true
    return isRight
  }

  /** As in ACL LIST. */
  describe(): string {
    const secrets = this.needsNoPassword ? ['nopass'] : [...this.passwords].map((hash) => `#${hash}`)
    return ['user', this.name, this.isOn ? 'on' : 'off', ...secrets, '~*', '&*', '+@all'].join(' ')
  }
}

const USERS_MAX = 1_000
const ALL_RIGHTS = ['~*', 'allkeys', '&*', 'allchannels', '+@all', 'allcommands']

export class Users {
  readonly default: User
  readonly #users = new Map<string, User>()

  /** @param password of the default user; '' = none is needed */
  constructor(password: string) {
    this.default = new User('default')
    this.default.isOn = true
    this.#users.set('default', this.default)
    this.requirePassword(password)
  }

  /** Whoever has not said who it is; null: must say. */
  get anybody(): User | null {
    return this.default.isOn && this.default.needsNoPassword ? this.default : null
  }
  /** By name. */
  get all(): readonly User[] {
    return [...this.#users.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }
  get(name: string): User | undefined {
    return this.#users.get(name)
  }
  delete(name: string): boolean {
    return this.#users.delete(name)
  }

  /** CONFIG SET requirepass. */
  requirePassword(password: string): void {
    this.default.passwords.clear()
    this.default.needsNoPassword = password === ''
    if (password !== '') this.default.passwords.add(sha256(password))
  }

  /** ACL SETUSER. All rules or none are taken. Throws ErrorReply for one that asks for less than everything. */
  change(name: string, rules: readonly string[]): void {
    if (!this.#users.has(name) && this.#users.size >= USERS_MAX) throw new ErrorReply('ERR too many users')
    for (const rule of rules) checkRule(rule)
    const user = this.#users.get(name) ?? new User(name)
    for (const rule of rules) applyRule(user, rule)
    this.#users.set(name, user)
  }
}

function checkRule(rule: string): void {
  const word = rule.toLowerCase()
  if (['on', 'off', 'nopass', 'resetpass', 'reset', ...ALL_RIGHTS].includes(word)) return
  if (/^[<>]/.test(rule) || /^[#!][0-9a-f]{64}$/.test(rule)) return
  throw new ErrorReply(
    `ERR Error in ACL SETUSER modifier '${rule}': this engine gives every user all commands and keys`,
  )
}

function applyRule(user: User, rule: string): void {
  const word = rule.toLowerCase()
  if (word === 'on' || word === 'off') user.isOn = word === 'on'
  if (word === 'reset') user.isOn = false
  if (word === 'nopass') user.needsNoPassword = true
  if (['nopass', 'resetpass', 'reset'].includes(word)) user.passwords.clear()
  if (word === 'resetpass' || word === 'reset' || /^[>#]/.test(rule)) user.needsNoPassword = false
  if (rule[0] === '>') user.passwords.add(sha256(rule.slice(1)))
  if (rule[0] === '#') user.passwords.add(rule.slice(1))
  if (rule[0] === '<') user.passwords.delete(sha256(rule.slice(1)))
  if (rule[0] === '!') user.passwords.delete(rule.slice(1))
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex')
}
