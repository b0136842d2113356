import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'
import { configText, envProposals } from './init-config.ts'

function load(env: Record<string, string>) {
  const text = configText(envProposals(env))
  return { text, loaded: loadConfig({ file: { text }, env, flags: {} }) }
}

test('what the environment names becomes sources that the server accepts, and no secret is in the text', () => {
  const { text, loaded } = load({
    REDIS_URL: 'rediss://app:s3cr3t@cache:6380/2',
    CLOUDAMQP_URL: 'amqps://u:s3cr3t@rabbit/vhost',
    KAFKA_BROKERS: 'k1:9092,k2:9092',
    KAFKA_USERNAME: 'ana',
    KAFKA_PASSWORD: 's3cr3t@/:',
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
  })
  expect(text).not.toContain('s3cr3t')
  expect(loaded).toMatchObject({ ok: true })
  const sources = loaded.ok ? loaded.config.sources : []
  expect(sources.map(({ settings }) => settings)).toMatchObject([
    { kind: 'redis', nodes: [{ host: 'cache', port: 6380 }], db: 2, username: 'app' },
    { kind: 'rabbitmq', amqp: { host: 'rabbit', vhost: 'vhost' } },
    { kind: 'kafka', brokers: [{ host: 'k1' }, { host: 'k2' }], sasl: { mechanism: 'scram-sha-512', username: 'ana' } },
  ])
})

test('with nothing found the text is a configuration too, with examples as comments', () => {
  const { text, loaded } = load({ REDIS_URL: 'http://not-a-redis', KAFKA_BROKERS: 'a b' })
  expect(loaded).toMatchObject({ ok: true, config: { sources: [] } })
  expect(text).toContain('# redis-main:')
})
