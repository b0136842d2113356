import { readFileSync } from 'node:fs'
import type { Mistake } from './config-mistakes.ts'

interface ExpandContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly mistakes: Mistake[]
}

/** Fields that hold a URL: what is put into them is escaped, so that a password may hold any character. */
const URL_KEYS = new Set(['url', 'management', 'prometheus'])

/** Puts `${env:NAME}` and `${file:/path}` (its first line's text) in place, in every string of the tree. */
export function expand(tree: Record<string, unknown>, context: ExpandContext): Record<string, unknown> {
  return expandValue(tree, [], context) as Record<string, unknown>
}

function expandValue(value: unknown, path: readonly string[], context: ExpandContext): unknown {
  if (typeof value === 'string') return expandText(value, path, context)
  if (Array.isArray(value)) return value.map((item, index) => expandValue(item, [...path, String(index)], context))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, expandValue(item, [...path, key], context)]),
  )
}

function expandText(text: string, path: readonly string[], { env, mistakes }: ExpandContext): string {
  const escaped = path.some((key) => URL_KEYS.has(key)) && text.includes('://') ? encodeURIComponent : String
  return text.replace(/\$\{(env|file):([^}]*)\}/g, (whole, kind: string, name: string) => {
    if (kind === 'env') {
      const found = env[name]
      if (found !== undefined) return escaped(found)
      mistakes.push({ path: path.join('.'), expected: `the environment variable ${name}`, found: null })
      return whole
    }
    try {
      return escaped(readFileSync(name, 'utf8').replace(/\r?\n$/, ''))
    } catch {
      mistakes.push({ path: path.join('.'), expected: `a readable file ${name}`, found: null })
      return whole
    }
  })
}

/** `SLUICE_SERVER__PORT=7381` sets server.port; only the sections with scalars can be set so. */
export function applyEnv(tree: Record<string, unknown>, env: ExpandContext['env'], mistakes: Mistake[]): void {
  for (const [name, text] of Object.entries(env)) {
    const found = /^SLUICE_([A-Z]+)__([A-Z_]+)$/.exec(name)
    if (!found || text === undefined) continue
    const section = SCALARS[(found[1] ?? '').toLowerCase()]
    const key = section?.find((word) => word.toLowerCase() === (found[2] ?? '').replaceAll('_', '').toLowerCase())
    if (!key) {
      const known = Object.entries(SCALARS).flatMap(([name, keys]) => keys.map((one) => envName(name, one)))
      mistakes.push({ path: name, expected: `one of ${known.join(', ')}`, found: 'an unknown setting' })
      continue
    }
    const sectionName = (found[1] ?? '').toLowerCase()
    const value = /^\d+$/.test(text) ? Number(text) : text === 'true' ? true : text === 'false' ? false : text
    tree[sectionName] = { ...(tree[sectionName] as object | undefined), [key]: value }
  }
}

const SCALARS: Readonly<Record<string, readonly string[]>> = {
  server: ['host', 'port', 'insecureNoAuth', 'stateDir', 'readOnly'],
  collect: ['redis', 'rabbitmq', 'kafka', 'deadline'],
  objective: ['queueWait', 'groupLag'],
  log: ['level'],
}

function envName(section: string, key: string): string {
  return `SLUICE_${section}__${key.replace(/[A-Z]/g, (letter) => `_${letter}`)}`.toUpperCase()
}
