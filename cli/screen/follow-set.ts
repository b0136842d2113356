import type { Api } from '../api.ts'
import { type Follower, follow } from '../follow.ts'

/** Typing a filter changes the paths with every letter; the server is asked when the fingers rest. */
const REST_MS = 150

/**
 * Follows one set of paths at a time. A new set opens before the old one closes, so that nothing stands still between.
 */
export class FollowSet {
  readonly #api: Api
  readonly #follower: Follower
  #current: { readonly paths: readonly string[]; readonly stop: AbortController } | null = null
  #wanted: readonly string[] = []
  #timer: NodeJS.Timeout | null = null

  constructor(api: Api, follower: Follower) {
    this.#api = api
    this.#follower = follower
  }

  /** Follows these paths from now on. */
  set(paths: readonly string[]): void {
    if (same(paths, this.#wanted)) return
    this.#wanted = paths
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#open(paths), this.#current ? REST_MS : 0)
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#current?.stop.abort()
    this.#current = null
  }

  #open(paths: readonly string[]): void {
    this.#timer = null
    const before = this.#current
    const stop = new AbortController()
    this.#current = { paths, stop }
    const isCurrent = () => this.#current?.stop === stop
    void follow(
      this.#api,
      paths,
      {
        onResult: (path, body) => {
          before?.stop.abort()
          if (isCurrent()) this.#follower.onResult(path, body)
        },
        onProblem: (path, failure) => {
          before?.stop.abort()
          if (isCurrent()) this.#follower.onProblem(path, failure)
        },
        onLink: (link) => {
          if (link.state === 'lost') before?.stop.abort()
          if (isCurrent()) this.#follower.onLink(link)
        },
      },
      stop.signal,
    )
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((path, at) => path === b[at])
}
