import { Secret } from '../domain/secret.ts'
import type { HostPort } from './settings.ts'

/** A source's URL taken apart: several hosts are allowed, as brokers are clusters. */
export interface SourceUrl {
  readonly scheme: string
  readonly username: string | null
  readonly password: Secret | null
  readonly hosts: readonly HostPort[]
  /** Percent-decoded, without the leading slash; null when there is none. */
  readonly path: string | null
  readonly search: ReadonlyMap<string, string>
}

/**
 * Reads `scheme://user:password@host:port,host:port/path?key=value`.
 * Returns the reason in words when it is not one; the reason never repeats the text, as that may hold a password.
 */
export function parseSourceUrl(text: string, portDefault: number): SourceUrl | string {
  const found = /^([a-z][a-z0-9+.-]*):\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(text)
  if (!found) return 'not of the form scheme://host:port'
  const [, scheme = '', userInfo, authority = '', path, search] = found
  const hosts: HostPort[] = []
  for (const part of authority.split(',')) {
    const host = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(part)
    if (!host) return 'not of the form host:port after //'
    const port = host[3] === undefined ? portDefault : Number(host[3])
    if (port < 1 || port > 65_535) return 'a port between 1 and 65535 was expected'
    hosts.push({ host: host[1] ?? host[2] ?? '', port })
  }
  try {
    const colon = userInfo?.indexOf(':') ?? -1
    const username = userInfo === undefined ? '' : decodeURIComponent(colon < 0 ? userInfo : userInfo.slice(0, colon))
    const password = userInfo === undefined || colon < 0 ? '' : decodeURIComponent(userInfo.slice(colon + 1))
    return {
      scheme: scheme.toLowerCase(),
      username: username === '' ? null : username,
      password: password === '' ? null : new Secret(password),
      hosts,
      path: path === undefined || path === '' ? null : decodeURIComponent(path),
      search: new Map(new URLSearchParams(search ?? '')),
    }
  } catch {
    return 'a % that is not an escape'
  }
}

/** The same URL with its password, if any, as `***`: safe to print. */
export function redactUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@/]*):[^@/]*@/i, '$1:***@')
}
