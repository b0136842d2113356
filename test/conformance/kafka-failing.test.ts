/** A real Kafka in trouble: killed, stopped, behind SASL, old. Each on a node of its own. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { Secret } from '../../server/domain/secret.ts'
import type { Snapshot } from '../../server/domain/snapshot.ts'
import type { Source } from '../../server/domain/source.ts'
import type { KafkaSettings } from '../../server/source/settings.ts'
import { KAFKA_VERSION, kafka as kafkaKind, kafkaLibs, type StartedKafka, startKafka } from '../brokers/kafka.ts'
import { freePort } from '../brokers/port.ts'
import { findProgram } from '../brokers/process.ts'
import { eventually } from '../support/eventually.ts'
import { commitOffsets, openTestKafka } from '../support/kafka.ts'

const brokers = inject('brokers')

const collect = (source: Source): Promise<Snapshot> =>
  source.collect({ signal: AbortSignal.timeout(5_000), watched: [] })

async function started(options: Parameters<typeof startKafka>[0] = {}): Promise<StartedKafka> {
  const node = await startKafka(options)
  onTestFinished(() => node.stop())
  return node
}

function opened(bootstrap: string, settings: Partial<KafkaSettings> = {}): Source {
  const source = openTestKafka(bootstrap, settings)
  onTestFinished(() => source.close())
  return source
}

async function withOrders(bootstrap: string): Promise<void> {
  const client = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING })
  const [admin, producer] = [client.admin(), client.producer()]
  await admin.connect()
  await producer.connect()
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }], waitForLeaders: true })
  await producer.send({ topic: 'orders', messages: Array.from({ length: 20 }, () => ({ value: 'x' })) })
  await commitOffsets(bootstrap, 'billing', 'orders', [[0, 5]])
  await producer.disconnect()
  await admin.disconnect()
}

/** What `kafka-configs` does: kafkajs cannot. */
async function addScramUser(bootstrap: string): Promise<void> {
  const java = await findProgram('java')
  if (!java) throw new Error('Java is not installed')
  // biome-ignore format: an argument list reads best in pairs
  await promisify(execFile)(java, ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-cp', join(kafkaLibs(KAFKA_VERSION), '*'),
    'kafka.admin.ConfigCommand', '--bootstrap-server', bootstrap, '--alter', '--entity-type', 'users', '--entity-name', 'sluice',
    '--add-config', 'SCRAM-SHA-256=[password=right]'], { timeout: 30_000 })
}

async function failure(
  source: Source,
): Promise<{ readonly code: string; readonly message: string; readonly ms: number }> {
  const beganMs = performance.now()
  const thrown = await collect(source).then(
    () => null,
    (error: { code: string; message: string }) => error,
  )
  if (!thrown) throw new Error('it was read')
  return { code: thrown.code, message: thrown.message, ms: performance.now() - beganMs }
}

describe.skipIf(!brokers.kafka)('a real Kafka', () => {
  it('that is stopped (SIGSTOP) is silent within 5 s, and read again as soon as it goes on', async () => {
    const node = await started()
    await withOrders(node.bootstrap)
    const source = opened(node.bootstrap)
    expect((await collect(source)).groups).toMatchObject([{ name: 'billing', lag: 15 }])
    process.kill(node.pid, 'SIGSTOP')
    // All its threads stand still only a little later.
    await eventually(() => expect(readFileSync(`/proc/${node.pid}/stat`, 'utf8')).toMatch(/\) T /))
    try {
      for (let i = 0; i < 2; i += 1) {
        const { code, ms } = await failure(source)
        expect(code).toBe('timeout')
        expect(ms).toBeLessThan(5_000)
      }
    } finally {
      process.kill(node.pid, 'SIGCONT')
    }
    await eventually(async () => expect((await collect(source)).groups).toMatchObject([{ name: 'billing', lag: 15 }]), {
      timeoutMs: 20_000,
    })
  })

  it('that is killed is unreachable at once', async () => {
    const node = await started()
    const source = opened(node.bootstrap)
    await collect(source)
    process.kill(node.pid, 'SIGKILL')
    await eventually(async () => expect(await failure(source)).toMatchObject({ code: 'unreachable' }))
    expect((await failure(source)).ms).toBeLessThan(1_000)
  })

  it('with SASL lets us in with the right password, and says no to a wrong one and to none', async () => {
    const port = await freePort()
    const jaas = (module: string, rest: string) => `org.apache.kafka.common.security.${module} required ${rest};`
    const node = await started({
      properties: ({ broker, controller }) => [
        'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_PLAINTEXT',
        `listeners=PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller},SECURE://127.0.0.1:${port}`,
        `advertised.listeners=PLAINTEXT://127.0.0.1:${broker},SECURE://127.0.0.1:${port}`,
        'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256',
        `listener.name.secure.plain.sasl.jaas.config=${jaas('plain.PlainLoginModule', 'user_sluice="right" user_limited="right"')}`,
        'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users=User:ANONYMOUS;User:sluice',
        `listener.name.secure.scram-sha-256.sasl.jaas.config=${jaas('scram.ScramLoginModule', '')}`,
      ],
    })
    await withOrders(node.bootstrap)
    const secure = `127.0.0.1:${port}`
    const sasl = (mechanism: 'plain' | 'scram-sha-256', password: string, username = 'sluice') => ({
      sasl: { mechanism, username, password: new Secret(password) },
    })
    await addScramUser(node.bootstrap)
    for (const mechanism of ['plain', 'scram-sha-256'] as const) {
      const { groups, gaps } = await collect(opened(secure, sasl(mechanism, 'right')))
      expect(groups).toMatchObject([{ name: 'billing', lag: 15 }])
      expect(gaps).toEqual([])
    }
    // Without rights Kafka shows an empty cluster and no error: that has to be said.
    const blind = await collect(opened(secure, sasl('plain', 'right', 'limited')))
    expect(blind).toMatchObject({ groups: [], topics: [] })
    expect(blind.gaps).toContainEqual(expect.objectContaining({ what: 'consumer groups and topics', code: 'refused' }))
    for (const settings of [sasl('plain', 'wrong'), sasl('scram-sha-256', 'wrong')]) {
      const { code, message, ms } = await failure(opened(secure, settings))
      expect(code).toBe('refused')
      expect(message).not.toContain('wrong')
      expect(ms).toBeLessThan(5_000)
    }
    expect(await failure(opened(secure))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('whether it wants TLS or SASL'),
    })
  })
})

describe.skipIf(!brokers.kafka)('Kafka 3.9.1', () => {
  it('is read like a new one', async ({ skip }) => {
    const software = await kafkaKind('3.9.1').software()
    if ('why' in software) return skip(software.why)
    const node = await started({ version: '3.9.1' })
    await withOrders(node.bootstrap)
    const snapshot = await collect(opened(node.bootstrap))
    expect(snapshot.gaps).toEqual([])
    expect(snapshot.groups).toMatchObject([
      { name: 'billing', protocol: 'classic', state: 'empty', members: 0, lag: 15 },
    ])
    expect(snapshot.topics.find(({ name }) => name === 'orders')).toMatchObject({ records: 20, added: 20 })
    expect(snapshot.groups[0]?.positions[0]?.lagMsBasis).toBe('exact')
  })
})
