import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { LineCounter, parseDocument, stringify } from 'yaml'
import { z } from 'zod'
import { asRecord, explain, type Mistake } from './config-mistakes.ts'
import { readSource } from './config-sources.ts'
import { applyEnv, expand } from './config-values.ts'
import { parseDuration } from './domain/duration.ts'
import type { SourceSettings } from './source/settings.ts'
import { redactUrl } from './source/url.ts'

const duration = (fallback: string, min: number, max: number) =>
  z
    .string({ error: `a duration like "${fallback}"` })
    .default(fallback)
    .transform((text, context) => {
      const ms = parseDuration(text)
      if (ms !== null && ms >= min && ms <= max) return ms
      context.addIssue({ code: 'custom', message: `a duration from ${min} ms to ${max / 1000} s, like "${fallback}"` })
      return z.NEVER
    })

const port = z.number().int().min(0).max(65_535)

/** Every setting once: default, range and meaning. Instants and durations become ms. */
const schema = z.strictObject({
  server: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
      port: port.default(7380).describe('0 = any free port'),
      allowedHosts: z.array(z.string()).default([]).describe('Host names by which it may be asked, besides loopback'),
      insecureNoAuth: z
        .boolean()
        .default(false)
        .describe('Listen beyond loopback although anybody who reaches it may look'),
      stateDir: z.string().min(1).optional().describe('Folder of the ledger and of the tokens for programs'),
      readOnly: z.boolean().default(false).describe('Refuse everything that would change something'),
    })
    .prefault({}),
  collect: z
    .strictObject({
      redis: duration('2s', 500, 600_000),
      rabbitmq: duration('3s', 500, 600_000),
      kafka: duration('3s', 500, 600_000),
      deadline: duration('5s', 1_000, 60_000).describe('After which one refresh of a source has failed'),
    })
    .prefault({}),
  objective: z
    .strictObject({
      queueWait: duration('5m', 1_000, 31 * 86_400_000).describe('No job should wait longer'),
      groupLag: duration('5m', 1_000, 31 * 86_400_000).describe('No record should wait longer for its group'),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  sources: z.record(z.string(), z.unknown()).default({}),
})

type Parsed = z.infer<typeof schema>

/** The configuration in force, all defaults filled in. */
export interface Config extends Omit<Parsed, 'sources' | 'server'> {
  readonly server: Omit<Parsed['server'], 'stateDir'> & { readonly stateDir: string }
  readonly sources: readonly { readonly id: string; readonly settings: SourceSettings; readonly address: string }[]
  /** The file it came from; null = there is none. */
  readonly file: string | null
}

export interface ConfigInput {
  /**
   * From --config; null = SLUICE_CONFIG, else sluice.yaml in the working directory if there is one. A text stands for what
   * would be in a file, and no file is read.
   */
  readonly file: string | null | { readonly text: string }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Dotted path → value, from flags; strongest. */
  readonly flags: Readonly<Record<string, unknown>>
}

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly printed: string }
  | { readonly ok: false; readonly file: string | null; readonly mistakes: readonly Mistake[] }

/** Reads file < environment < flags, and returns either the whole configuration or every mistake in it. */
export function loadConfig({ file, env, flags }: ConfigInput): LoadedConfig {
  const mistakes: Mistake[] = []
  const { path, text } = textOf(file ?? env.SLUICE_CONFIG ?? null, mistakes)
  const written = treeOf(text, mistakes)
  if (mistakes.length > 0) return { ok: false, file: path, mistakes }
  const tree = expand(written, { env, mistakes })
  applyEnv(tree, env, mistakes)
  for (const [path, value] of Object.entries(flags)) if (value !== undefined) setAt(tree, path.split('.'), value)

  const parsed = schema.safeParse(tree)
  if (!parsed.success)
    mistakes.push(...parsed.error.issues.flatMap((issue) => explain(issue, tree, { at: [], known: knownKeys })))
  const sources = Object.entries(asRecord(tree.sources)).flatMap(([id, value]) => readSource(id, value, mistakes))
  if (!parsed.success || mistakes.length > 0) return { ok: false, file: path, mistakes }

  const { sources: _, ...rest } = parsed.data
  if (!isLoopback(rest.server.host) && !rest.server.insecureNoAuth) {
    const found = JSON.stringify(rest.server.host)
    const expected =
      'a loopback address, as anybody who reaches it may look without signing in: use 127.0.0.1, put a proxy with a login in front of it, or set server.insecureNoAuth: true'
    return { ok: false, file: path, mistakes: [{ path: 'server.host', expected, found }] }
  }
  const server = { ...rest.server, stateDir: resolve(rest.server.stateDir ?? defaultStateDir(env)) }
  return { ok: true, config: { ...rest, server, sources, file: path }, printed: stringify(redact(tree)) }
}

/** Where programs of a user keep what must outlive them (XDG base directories); SLUICE_STATE_DIR, as the CLI reads it, comes first. */
export function defaultStateDir(env: ConfigInput['env']): string {
  return env.SLUICE_STATE_DIR || join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'sluice')
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** An empty text where there is no file, or it cannot be read. */
function textOf(named: ConfigInput['file'], mistakes: Mistake[]): { path: string | null; text: string } {
  if (named !== null && typeof named !== 'string') return { path: null, text: named.text }
  const path = resolve(named ?? 'sluice.yaml')
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch (error) {
    if (named === null) return { path: null, text: '' }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    mistakes.push({ path: '(file)', expected: `a readable file at ${path}`, found: code })
    return { path, text: '' }
  }
}

function treeOf(text: string, mistakes: Mistake[]): Record<string, unknown> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  for (const error of document.errors) {
    const { line } = lines.linePos(error.pos[0])
    mistakes.push({ path: `(line ${line})`, expected: 'YAML', found: error.message.split('\n')[0] ?? 'something else' })
  }
  const tree: unknown = mistakes.length > 0 ? {} : (document.toJS({ maxAliasCount: 10 }) ?? {})
  if (typeof tree === 'object' && tree !== null && !Array.isArray(tree)) return { ...tree }
  mistakes.push({ path: '(file)', expected: 'keys such as server and sources', found: typeof tree })
  return {}
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  const section = path.length === 0 ? schema : schema.shape[String(path[0]) as 'server']?.unwrap?.()
  return section && 'shape' in section ? Object.keys(section.shape) : []
}

function setAt(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head = '', ...rest] = path
  if (rest.length === 0) {
    tree[head] = value
    return
  }
  const inner = { ...asRecord(tree[head]) }
  setAt(inner, rest, value)
  tree[head] = inner
}

function redact(value: unknown, key = ''): unknown {
  if (/pass|secret|token/i.test(key) && typeof value === 'string') return '***'
  if (typeof value === 'string') return redactUrl(value)
  if (Array.isArray(value)) return value.map((item) => redact(item, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redact(item, name)]))
}
