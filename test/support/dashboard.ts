import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { ROUTES, type RouteBody, type RouteName } from '../../server/api/routes.ts'
import { WRITES, type WriteBody, type WriteName, type WriteRequest } from '../../server/api/writes.ts'
import { eventually } from './eventually.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** The program `sluice serve` in a process of its own, so that it can be killed. */
export interface Dashboard {
  readonly url: string
  readonly signInUrl: string
  readonly token: string
  get<Name extends RouteName>(name: Name, path?: string): Promise<RouteBody<Name>>
  /** As a program of this user. @throws Error whose message holds the problem */
  post<Name extends WriteName>(name: Name, body: WriteRequest<Name>, path?: string): Promise<WriteBody<Name>>
  /** Ends it, and resolves when it is gone. */
  end(signal: NodeJS.Signals): Promise<void>
}

/** @param folder of its configuration and state: a second one on the same folder goes on where the first ended */
export async function startDashboard(folder: string, sources: Record<string, unknown>): Promise<Dashboard> {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'sluice.yaml')
  const stateDir = join(folder, 'state')
  writeFileSync(file, stringify({ server: { port: 0, stateDir }, log: { level: 'error' }, sources }))
  const args = ['--import', 'tsx', join(ROOT, 'cli', 'main.ts'), 'serve', '--config', file]
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const found = (pattern: RegExp) => pattern.exec(stderr)?.[1] ?? Promise.reject(new Error(`it said: ${stderr}`))
  const url = await eventually(() => found(/Sluice serves (http:\S+)/), { timeoutMs: 30_000 })
  const signInUrl = await eventually(() => found(/(http:\S+#token=\S+)/))
  const token = tokenIn(stateDir, url)
  return {
    ...{ url, signInUrl, token },
    get: async (name, path = ROUTES[name].path) => {
      const body = await asked(`${url}/api/v1${path}`, {})
      return ROUTES[name].body.parse(body) as RouteBody<typeof name>
    },
    post: async (name, body, path = WRITES[name].path) => {
      const headers = { ...jsonHeaders(token), 'idempotency-key': randomUUID() }
      const answer = await asked(`${url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      return WRITES[name].body.parse(answer) as WriteBody<typeof name>
    },
    end: (signal) => ended(child, signal),
  }
}

export function jsonHeaders(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
}

async function asked(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) })
  const body: unknown = await response.json()
  if (!response.ok) throw new Error(`${url}: ${response.status} ${JSON.stringify(body)}`)
  return body
}

function tokenIn(stateDir: string, url: string): string {
  for (const name of readdirSync(join(stateDir, 'servers'))) {
    const file = JSON.parse(readFileSync(join(stateDir, 'servers', name), 'utf8')) as { url: string; token: string }
    if (file.url === url) return file.token
  }
  throw new Error(`no token for ${url}`)
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
