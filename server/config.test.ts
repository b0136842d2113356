import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type LoadedConfig, loadConfig } from './config.ts'
import { formatMistake } from './config-mistakes.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function load(yaml: string, env: Record<string, string> = {}, flags: Record<string, unknown> = {}): LoadedConfig {
  const file = join(folder, 'sluice.yaml')
  writeFileSync(file, yaml)
  return loadConfig({ file, env, flags })
}

function mistakes(yaml: string, env: Record<string, string> = {}): string[] {
  const loaded = load(yaml, env)
  return loaded.ok ? [] : loaded.mistakes.map(formatMistake)
}

test('all mistakes are reported at once, each with its path, what was expected and what was found', () => {
  const said = mistakes(`
server: { prot: 8000, host: 5 }
collect: { redis: 2 }
sources:
  redis-main: { url: "localhost" }
  r3: { url: "redis://localhost/x" }
  queue: { url: "kafka://a:1", sasl: { mechanism: plan } }
`)
  expect(said).toEqual([
    'config server.host: expected a string, found 5',
    'config server.prot: expected a known key (did you mean "port"?), found the unknown key "prot"',
    'config collect.redis: expected a duration like "2s", found 2',
    'config sources.redis-main.url: expected redis://…, amqp://… or kafka://…, found "localhost"',
    'config sources.r3.url: expected a database number after the /, found "x"',
    'config sources.queue: expected a name of letters, digits, . _ - that is not one of the words queue, topic, group, run, worker, found "queue"',
    'config sources.queue.sasl.mechanism: expected one of plain, scram-sha-256, scram-sha-512, found "plan"',
    'config sources.queue.sasl.username: expected a string, found nothing',
    'config sources.queue.sasl.password: expected a string, found nothing',
  ])
})

test('flags win over the environment, which wins over the file', () => {
  const loaded = load('server: { port: 1, host: 127.0.0.2 }', { SLUICE_SERVER__PORT: '2' }, { 'server.port': 3 })
  expect(loaded).toMatchObject({ ok: true, config: { server: { port: 3, host: '127.0.0.2' } } })
})

test('a password from the environment may hold any character, also inside a URL', () => {
  const loaded = load('sources: { r: { url: "redis://:${env:PW}@127.0.0.1/2" } }', { PW: 'a@/b#%' })
  expect(loaded.ok && loaded.config.sources[0]?.settings).toMatchObject({ mode: 'standalone', db: 2 })
  const settings = loaded.ok ? loaded.config.sources[0]?.settings : undefined
  expect(settings?.kind === 'redis' && settings.password?.reveal()).toBe('a@/b#%')
})

test('a secret is in nothing that can be printed, also when the configuration is wrong', () => {
  const yaml =
    'sources: { r: { url: "redis://u:s3cr3t@h:99999/" }, k: { url: "kafka://h", sasl: { password: s3cr3t } } }'
  expect(mistakes(yaml)).not.toEqual([])
  expect(mistakes(yaml).join()).not.toContain('s3cr3t')
  const good = load('sources: { r: "redis://u:s3cr3t@h/" }')
  expect(good.ok && JSON.stringify(good.config) + good.printed).not.toContain('s3cr3t')
})

test('a missing environment variable and an unknown setting in the environment are mistakes', () => {
  expect(mistakes('sources: { r: "redis://:${env:NOPE}@h/" }')).toEqual([
    'config sources.r: expected the environment variable NOPE, found nothing',
  ])
  expect(mistakes('{}', { SLUICE_SERVER__PROT: '1' })[0]).toContain('SLUICE_SERVER__PORT')
})

test('listening beyond loopback is refused until it is asked for in so many words', () => {
  expect(mistakes('server: { host: 0.0.0.0 }')[0]).toContain('config server.host: expected a loopback address')
  expect(mistakes('server: { host: 0.0.0.0, insecureNoAuth: true }')).toEqual([])
})

test('Sentinel, Cluster, several Kafka brokers, vhosts and link-local addresses are told by the URL', () => {
  const loaded = load(`
sources:
  s: "redis+sentinel://a:1,b:2/3?master=main"
  c: "rediss+cluster://a,b:7000"
  k: "kafka://a:1,[::1]:2"
  q: "amqp://u:p@h/%2Fbilling"
`)
  expect(loaded.ok && loaded.config.sources.map(({ settings }) => settings)).toMatchObject([
    { mode: 'sentinel', master: 'main', db: 3, nodes: [{ port: 1 }, { port: 2 }] },
    { mode: 'cluster', tls: {}, nodes: [{ port: 6379 }, { port: 7000 }] },
    { kind: 'kafka', brokers: [{ host: 'a' }, { host: '::1', port: 2 }] },
    { amqp: { vhost: '/billing', username: 'u' }, management: { url: 'http://h:15672', username: 'u' } },
  ])
  expect(mistakes('sources: { m: "redis://169.254.169.254/" }')[0]).toContain('link-local')
})

test('what must outlive a server lies in the state folder of its user, unless another is named', () => {
  const stateDir = (yaml: string, env: Record<string, string>) => {
    const loaded = load(yaml, env)
    return loaded.ok && loaded.config.server.stateDir
  }
  expect(stateDir('{}', { HOME: '/home/ana' })).toBe('/home/ana/.local/state/sluice')
  expect(stateDir('{}', { HOME: '/home/ana', XDG_STATE_HOME: '/var/state' })).toBe('/var/state/sluice')
  expect(stateDir('{}', { XDG_STATE_HOME: '/x', SLUICE_STATE_DIR: '/srv/sluice' })).toBe('/srv/sluice')
  expect(stateDir('server: { stateDir: /opt/s }', { SLUICE_STATE_DIR: '/srv/sluice' })).toBe('/opt/s')
  expect(stateDir('{}', { SLUICE_SERVER__STATE_DIR: '/env' })).toBe('/env')
})
