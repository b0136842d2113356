import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { READS, type ReadBody, type ReadName, ROUTES, type RouteBody, type RouteName } from '../../server/api/routes.ts'
import { WRITES, type WriteBody, type WriteName, type WriteRequest } from '../../server/api/writes.ts'
import { loadConfig } from '../../server/config.ts'
import { formatMistake } from '../../server/config-mistakes.ts'
import { type Serving, serve } from '../../server/main.ts'

export interface TestServing extends Serving {
  /** The body for a path below /api/v1, checked against its schema. */
  get<Name extends RouteName>(name: Name, path?: string): Promise<RouteBody<Name>>
  /** The same for what cannot be followed, signed in. */
  read<Name extends ReadName>(name: Name, path?: string): Promise<ReadBody<Name>>
  /** Writes as a program of this user does, and checks the answer against its schema. @throws when it is a problem */
  post<Name extends WriteName>(name: Name, body: WriteRequest<Name>, path?: string): Promise<WriteBody<Name>>
  /** What a program of this user finds in the state folder. */
  readonly token: string
  readonly stateDir: string
}

const ROOT = join(import.meta.dirname, '..', '..')

/**
 * The real server in this process, on a free port, over the sources given as in `sluice.yaml`.
 * @param webFolder of the built page; `dist/web` when not given
 */
export async function startServing(
  sources: Record<string, unknown>,
  more: Record<string, unknown> = {},
  webFolder: string = join(ROOT, 'dist', 'web'),
): Promise<TestServing> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-serving-'))
  const server = { port: 0, stateDir: join(folder, 'state'), ...(more.server as object | undefined) }
  const text = stringify({ log: { level: 'silent' }, sources, ...more, server })
  const loaded = loadConfig({ file: { text }, env: {}, flags: {} })
  if (!loaded.ok) throw new Error(loaded.mistakes.map(formatMistake).join('\n'))
  const serving = await serve({ config: loaded.config, version: '0.0.0-test', webFolder })
  const get = async <Name extends RouteName>(
    name: Name,
    path: string = ROUTES[name].path,
  ): Promise<RouteBody<Name>> => {
    const response = await fetch(`${serving.url}/api/v1${path}`)
    const body: unknown = await response.json()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`)
    return ROUTES[name].body.parse(body) as RouteBody<Name>
  }
  const { stateDir } = loaded.config.server
  const [serverFile = ''] = readdirSync(join(stateDir, 'servers'))
  const { token } = JSON.parse(readFileSync(join(stateDir, 'servers', serverFile), 'utf8')) as { token: string }
  const authorization = `Bearer ${token}`
  const read = async <Name extends ReadName>(name: Name, path: string = READS[name].path): Promise<ReadBody<Name>> => {
    const response = await fetch(`${serving.url}/api/v1${path}`, { headers: { authorization } })
    const body: unknown = await response.json()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`)
    return READS[name].body.parse(body) as ReadBody<Name>
  }
  const post = async <Name extends WriteName>(
    name: Name,
    body: WriteRequest<Name>,
    path: string = WRITES[name].path,
  ): Promise<WriteBody<Name>> => {
    const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': randomUUID() }
    const asked = { method: 'POST', headers, body: JSON.stringify(body) }
    const response = await fetch(`${serving.url}/api/v1${path}`, asked)
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
    return WRITES[name].body.parse(answer) as WriteBody<Name>
  }
  const close = async () => {
    await serving.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...serving, get, read, post, token, stateDir, close }
}
