import { z } from 'zod'
import { explain, type Mistake } from './config-mistakes.ts'
import { REFERENCE_KINDS } from './domain/reference.ts'
import { Secret } from './domain/secret.ts'
import type { HostPort, SourceSettings, TlsSettings } from './source/settings.ts'
import { parseSourceUrl, redactUrl, type SourceUrl } from './source/url.ts'

const tlsOption = z
  .union([z.boolean(), z.strictObject({ ca: z.string().optional(), serverName: z.string().optional() })])
  .optional()
const names = z.array(z.string().min(1)).max(50_000).optional()
const urls = z.union([z.url(), z.array(z.url()).max(100)]).optional()

/** What each kind takes besides its URL. */
const SHAPES = {
  redis: z.strictObject({
    url: z.string(),
    username: z.string().optional(),
    password: z.string().optional(),
    sentinelPassword: z.string().optional(),
    tls: tlsOption,
    prefixes: z.array(z.string().min(1)).min(1).max(20).optional(),
    sluicePrefixes: z.array(z.string().min(1)).min(1).max(20).optional(),
    queues: names,
  }),
  rabbitmq: z.strictObject({
    url: z.string(),
    username: z.string().optional(),
    password: z.string().optional(),
    management: z.union([z.url(), z.literal(false)]).optional(),
    prometheus: urls,
    tls: tlsOption,
    queues: names,
  }),
  kafka: z.strictObject({
    url: z.string(),
    tls: tlsOption,
    sasl: z
      .strictObject({
        mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
        username: z.string(),
        password: z.string(),
      })
      .optional(),
  }),
} as const

type Kind = keyof typeof SHAPES
type Options<K extends Kind> = z.infer<(typeof SHAPES)[K]>

/** Scheme of the URL → kind of source and its usual port. */
const SCHEMES: Readonly<Record<string, { readonly kind: Kind; readonly port: number; readonly tls: boolean }>> = {
  redis: { kind: 'redis', port: 6379, tls: false },
  rediss: { kind: 'redis', port: 6379, tls: true },
  'redis+sentinel': { kind: 'redis', port: 26_379, tls: false },
  'rediss+sentinel': { kind: 'redis', port: 26_379, tls: true },
  'redis+cluster': { kind: 'redis', port: 6379, tls: false },
  'rediss+cluster': { kind: 'redis', port: 6379, tls: true },
  amqp: { kind: 'rabbitmq', port: 5672, tls: false },
  amqps: { kind: 'rabbitmq', port: 5671, tls: true },
  kafka: { kind: 'kafka', port: 9092, tls: false },
  kafkas: { kind: 'kafka', port: 9093, tls: true },
}

function keysOf(kind: Kind): string[] {
  return Object.keys(SHAPES[kind].shape)
}

/** One entry of `sources`; [] and its mistakes when it is wrong. */
export function readSource(
  id: string,
  value: unknown,
  mistakes: Mistake[],
): { id: string; settings: SourceSettings; address: string }[] {
  const path = `sources.${id}`
  const before = mistakes.length
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/i.test(id) || REFERENCE_KINDS.some((kind) => kind === id)) {
    const expected = 'a name of letters, digits, . _ - that is not one of the words queue, topic, group, run, worker'
    mistakes.push({ path, expected, found: JSON.stringify(id) })
  }
  const text = typeof value === 'object' && value !== null && 'url' in value ? value.url : value
  const scheme = typeof text === 'string' ? (/^([a-z+]+):\/\//i.exec(text)?.[1] ?? '').toLowerCase() : ''
  const known = SCHEMES[scheme]
  if (typeof text !== 'string' || !known) {
    const found = text === undefined ? null : redactUrl(JSON.stringify(text))
    mistakes.push({ path: `${path}.url`, expected: 'redis://…, amqp://… or kafka://…', found })
    return []
  }
  const options = typeof value === 'string' ? { url: value } : value
  const parsed = SHAPES[known.kind].safeParse(options)
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      mistakes.push(...explain(issue, options, { at: ['sources', id], known: () => keysOf(known.kind) }))
    return []
  }
  const url = parseSourceUrl(text, known.port)
  if (typeof url === 'string') {
    mistakes.push({ path: `${path}.url`, expected: `${scheme}://host:port`, found: `a URL that is ${url}` })
    return []
  }
  for (const { host } of url.hosts) {
    if (!isLinkLocal(host)) continue
    mistakes.push({ path: `${path}.url`, expected: 'a broker, not a link-local or metadata address', found: host })
  }
  const settings = SETTINGS[known.kind]({ url, tls: known.tls, options: parsed.data, path, mistakes })
  return mistakes.length > before ? [] : [{ id, settings, address: redactUrl(text) }]
}

interface Reading {
  readonly url: SourceUrl
  readonly tls: boolean
  readonly options: unknown
  readonly path: string
  readonly mistakes: Mistake[]
}

const SETTINGS: Readonly<Record<Kind, (reading: Reading) => SourceSettings>> = {
  redis: ({ url, tls, options: raw, path, mistakes }) => {
    const options = raw as Options<'redis'>
    const mode = url.scheme.endsWith('+sentinel')
      ? 'sentinel'
      : url.scheme.endsWith('+cluster')
        ? 'cluster'
        : 'standalone'
    const db = url.path === null ? 0 : Number(url.path)
    if (!Number.isInteger(db) || db < 0 || db > 65_535) {
      mistakes.push({ path: `${path}.url`, expected: 'a database number after the /', found: JSON.stringify(url.path) })
    }
    const master = url.search.get('master') ?? null
    if (mode === 'sentinel' && master === null) {
      mistakes.push({ path: `${path}.url`, expected: 'the name of the group as ?master=…', found: null })
    }
    return {
      kind: 'redis',
      mode,
      nodes: url.hosts,
      master,
      db,
      username: options.username ?? url.username,
      password: secretOf(options.password) ?? url.password,
      sentinelPassword: secretOf(options.sentinelPassword),
      tls: tlsOf(options.tls, tls),
      prefixes: options.prefixes ?? ['bull'],
      sluicePrefixes: options.sluicePrefixes ?? ['sluice'],
      queues: options.queues ?? null,
    }
  },
  rabbitmq: ({ url, tls, options: raw }) => {
    const options = raw as Options<'rabbitmq'>
    const { host, port } = firstHost(url)
    const username = options.username ?? url.username ?? 'guest'
    const password = secretOf(options.password) ?? url.password ?? new Secret('guest')
    const security = tlsOf(options.tls, tls)
    const management =
      options.management === false ? null : new URL(options.management ?? `http://${bracket(host)}:15672`)
    const login = management && management.username !== ''
    return {
      kind: 'rabbitmq',
      amqp: { host, port, vhost: url.path ?? '/', username, password, tls: security },
      management: management && {
        url: `${management.origin}${management.pathname.replace(/\/+$/, '')}`,
        username: login ? decodeURIComponent(management.username) : username,
        password: login ? new Secret(decodeURIComponent(management.password)) : password,
        tls: management.protocol === 'https:' ? (security ?? { ca: null, serverName: null }) : null,
      },
      prometheus: options.prometheus === undefined ? null : [options.prometheus].flat(),
      queues: options.queues ?? [],
    }
  },
  kafka: ({ url, tls, options: raw }) => {
    const { tls: security, sasl } = raw as Options<'kafka'>
    return {
      kind: 'kafka',
      brokers: url.hosts,
      tls: tlsOf(security, tls),
      sasl: sasl ? { ...sasl, password: new Secret(sasl.password) } : null,
    }
  },
}

function tlsOf(option: z.infer<typeof tlsOption>, byScheme: boolean): TlsSettings | null {
  if (option === undefined || typeof option === 'boolean') {
    return (option ?? byScheme) ? { ca: null, serverName: null } : null
  }
  return { ca: option.ca ?? null, serverName: option.serverName ?? null }
}

function secretOf(text: string | undefined): Secret | null {
  return text === undefined ? null : new Secret(text)
}

function firstHost(url: SourceUrl): HostPort {
  return url.hosts[0] ?? { host: '127.0.0.1', port: 5672 }
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Addresses that only a machine's own metadata service has: never a broker (trust: no SSRF). */
function isLinkLocal(host: string): boolean {
  return /^169\.254\./.test(host) || /^fe80:/i.test(host) || /^metadata\./i.test(host)
}
