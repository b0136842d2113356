import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../domain/clock.ts'

/** A signed-in browser is asked again after this long without a word, ms. */
const IDLE_MS = 12 * 3_600_000
const SESSIONS_MAX = 100
const TRIES_PER_MINUTE = 10

/**
 * Mode `local`: whoever can read the terminal that started the server, or the files of its user, is that user. A one-time
 * token in the printed URL becomes a cookie; programs of this machine send a token that lies in a file only its user reads.
 * A token that was used is followed by another, for the next browser: it is in that file only.
 */
export class Access {
  /** For `Authorization: Bearer`, as long as the server runs. */
  readonly bearerToken = newToken()
  /** The user that everybody who signs in here is. */
  readonly actor: string
  readonly #clock: Clock
  readonly #bearer = digest(this.bearerToken)
  readonly #onRenewed: (token: string) => void
  #oneTimeToken = newToken()
  readonly #sessions = new Map<string, { usedAtMs: number }>()
  #tries: number[] = []

  /**
   * @param actor who signs in here: the user of the operating system
   * @param onRenewed told of the token that follows one that was used, for the next browser
   */
  constructor({
    actor,
    clock,
    onRenewed = () => {},
  }: { readonly actor: string; readonly clock: Clock; readonly onRenewed?: (token: string) => void }) {
    this.#onRenewed = onRenewed
    this.actor = actor
    this.#clock = clock
  }

  /** For `POST /session`, once; then there is another. */
  get oneTimeToken(): string {
    return this.#oneTimeToken
  }

  /** Who asks; null = nobody that is known. */
  identify(request: IncomingMessage): string | null {
    const { authorization } = request.headers
    if (authorization !== undefined) {
      const token = /^Bearer ([\w-]{1,256})$/i.exec(authorization)?.[1]
      return token !== undefined && timingSafeEqual(digest(token), this.#bearer) ? this.actor : null
    }
    const cookie = cookieOf(request)
    const key = cookie === null ? null : digest(cookie).toString('hex')
    const session = key === null ? undefined : this.#sessions.get(key)
    if (!session) return null
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - session.usedAtMs > IDLE_MS) {
      this.#sessions.delete(key ?? '')
      return null
    }
    session.usedAtMs = nowMs
    return this.actor
  }

  /**
   * Exchanges the one-time token.
   * @returns the Set-Cookie header; `refused`: it is not that token, or was used; `too-many`: too many tries in a minute
   */
  signIn(token: string, request: IncomingMessage): { readonly cookie: string } | 'refused' | 'too-many' {
    const nowMs = this.#clock.monotonicMs()
    this.#tries = this.#tries.filter((atMs) => nowMs - atMs < 60_000)
    if (this.#tries.length >= TRIES_PER_MINUTE) return 'too-many'
    this.#tries.push(nowMs)
    if (!timingSafeEqual(digest(token), digest(this.#oneTimeToken))) return 'refused'
    this.#oneTimeToken = newToken()
    this.#onRenewed(this.#oneTimeToken)
    const value = newToken()
    this.#sessions.set(digest(value).toString('hex'), { usedAtMs: nowMs })
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > SESSIONS_MAX && oldest !== undefined) this.#sessions.delete(oldest)
    return { cookie: `${cookieName(request)}=${value}; HttpOnly; SameSite=Strict; Path=/` }
  }
}

/** Cookies know no ports: two servers of one machine need two names. */
function cookieName(request: IncomingMessage): string {
  return `sluice_${request.socket.localPort ?? 0}`
}

function cookieOf(request: IncomingMessage): string | null {
  const wanted = `${cookieName(request)}=`
  const found = (request.headers.cookie ?? '').split(';').filter((part) => part.trim().startsWith(wanted))
  // Two of one name: somebody tries something.
  return found.length === 1 ? (found[0]?.trim().slice(wanted.length) ?? null) : null
}

function newToken(): string {
  return randomBytes(32).toString('base64url')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
