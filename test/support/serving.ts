import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { ROUTES, type RouteBody, type RouteName } from '../../server/api/routes.ts'
import { loadConfig } from '../../server/config.ts'
import { formatMistake } from '../../server/config-mistakes.ts'
import { type Serving, serve } from '../../server/main.ts'

export interface TestServing extends Serving {
  /** The body for a path below /api/v1, checked against its schema. */
  get<Name extends RouteName>(name: Name, path?: string): Promise<RouteBody<Name>>
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
  const file = join(folder, 'sluice.yaml')
  writeFileSync(file, stringify({ server: { port: 0 }, log: { level: 'silent' }, sources, ...more }))
  const loaded = loadConfig({ file, env: {}, flags: {} })
  rmSync(folder, { recursive: true })
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
  return { ...serving, get }
}
