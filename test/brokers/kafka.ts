/** A real Kafka: one KRaft node from the artifacts the project publishes on Maven Central, run by this machine's Java. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ask } from './ask.ts'
import type { KafkaAddress } from './brokers.ts'
import { type BrokerKind, type Site, type Spawned, startPrivate } from './node.ts'
import { findProgram, launch } from './process.ts'
import { ROOT } from './state.ts'

type KafkaPort = 'broker' | 'controller'

export const KAFKA_VERSION = '4.3.1'
/** Versions the recipe was run with; another one may need other settings. */
export const KAFKA_VERSIONS: readonly string[] = ['4.3.1', '3.9.1']
/** The shared broker of each version has a port of its own, so that both can run. */
const PORTS: Readonly<Record<string, number>> = { '4.3.1': 29092, '3.9.1': 29192 }

/** Where the broker's jars are, once fetched. */
export function kafkaLibs(version: string): string {
  return join(ROOT, `kafka-${version}`, 'libs')
}

export function kafka(version = KAFKA_VERSION): BrokerKind<KafkaPort> {
  const port = PORTS[version] ?? 29292
  return {
    name: 'kafka',
    ports: { broker: port, controller: port + 1 },
    startTimeoutMs: 60_000,
    async software() {
      if ((await findProgram('java')) === null) return { why: 'Java is not installed' }
      if (!(await hasJar(kafkaLibs(version), `kafka_2.13-${version}.jar`))) {
        return { why: `Kafka ${version} has not been fetched: npm run brokers -- install kafka@${version}` }
      }
      return { version }
    },
    spawn: (site) => spawnKafka(site, version, []),
    answers: ({ broker }) => answersApiVersions(broker),
  }
}

export function kafkaAddress(ports: Readonly<Record<KafkaPort, number>>): KafkaAddress {
  return { bootstrap: `127.0.0.1:${ports.broker}` }
}

export interface StartedKafka extends KafkaAddress {
  readonly pid: number
  /** Ends the node and removes its folder. Safe to call twice, and after the node was killed. */
  stop(): Promise<void>
}

export interface KafkaOptions {
  readonly version?: string
  /** More lines of `server.properties`; a later line wins over ours. Listeners need the ports, which differ per try. */
  readonly properties?: readonly string[] | ((ports: Readonly<Record<KafkaPort, number>>) => readonly string[])
}

/** A Kafka of your own, empty, on free ports; takes some 4 s to start, so prefer topics of your own on the shared one. */
export async function startKafka({
  version = KAFKA_VERSION,
  properties = [],
}: KafkaOptions = {}): Promise<StartedKafka> {
  const kind = kafka(version)
  const software = await kind.software()
  if ('why' in software) throw new Error(software.why)
  const linesFor = (ports: Site<KafkaPort>['ports']) =>
    typeof properties === 'function' ? properties(ports) : properties
  const node = await startPrivate({
    ...kind,
    spawn: (site: Site<KafkaPort>) => spawnKafka(site, version, linesFor(site.ports)),
  })
  return { ...kafkaAddress(node.ports), pid: node.pid, stop: node.stop }
}

export async function hasJar(folder: string, jar: string): Promise<boolean> {
  return (await readdir(folder).catch((): string[] => [])).includes(jar)
}

async function spawnKafka(site: Site<KafkaPort>, version: string, more: readonly string[]): Promise<Spawned> {
  const { folder } = site
  const java = await findProgram('java')
  if (java === null) throw new Error('Java is not installed')
  await mkdir(folder, { recursive: true })
  const properties = join(folder, 'server.properties')
  const log4j2 = join(folder, 'log4j2.properties')
  const log4j = join(folder, 'log4j.properties')
  await Promise.all([
    writeFile(properties, [...propertiesOf(site), ...more, ''].join('\n')),
    writeFile(log4j2, LOG4J2),
    writeFile(log4j, LOG4J),
  ])
  const jvm = [
    '-Xms128m',
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-Djava.awt.headless=true',
    '-cp',
    join(kafkaLibs(version), '*'),
  ]
  const logging = [`-Dlog4j2.configurationFile=${log4j2}`, `-Dlog4j.configuration=file:${log4j}`]
  const format = ['kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', CLUSTER, '-c', properties]
  // The C1 compiler alone: this Java lives for a second.
  const quick = ['-XX:TieredStopAtLevel=1', '-XX:-UsePerfData']
  await promisify(execFile)(java, [...quick, ...jvm, ...logging, ...format], { cwd: folder, timeout: 30_000 })
  const logFile = join(folder, 'kafka.log')
  const args = ['-XX:-UsePerfData', ...jvm, ...logging, 'kafka.Kafka', properties]
  const pid = launch({ command: java, args, cwd: folder, env: process.env, logFile })
  return { pid, helpers: [], logFile, graceMs: 10_000 }
}

/** Any 16 bytes, in URL-safe base64. */
const CLUSTER = 'c2x1aWNlLXRlc3RzLTAwMQ'

function propertiesOf({ folder, ports }: Site<KafkaPort>): readonly string[] {
  const [plaintext, controller] = [`127.0.0.1:${ports.broker}`, `127.0.0.1:${ports.controller}`]
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@${controller}`,
    `listeners=PLAINTEXT://${plaintext},CONTROLLER://${controller}`,
    `advertised.listeners=PLAINTEXT://${plaintext}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `log.dirs=${join(folder, 'data')}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=5',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=5',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    'log.cleaner.dedupe.buffer.size=16777216',
  ]
}

/** Kafka 4 logs through log4j 2, Kafka 3 through log4j 1; each ignores the other's file. */
const LOG4J2 = `rootLogger.level=WARN
rootLogger.appenderRef.c.ref=C
appender.c.type=Console
appender.c.name=C
`
const LOG4J = `log4j.rootLogger=WARN,C
log4j.appender.C=org.apache.log4j.ConsoleAppender
log4j.appender.C.layout=org.apache.log4j.SimpleLayout
`

/**
 * ApiVersions v0: `size int32, api_key int16 = 18, api_version int16, correlation_id int32, client_id nullable string`;
 * the answer begins `size int32, correlation_id int32, error_code int16`.
 */
async function answersApiVersions(port: number): Promise<boolean> {
  const request = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])
  const answer = await ask(port, request, { isWhole: (bytes) => bytes.length >= 10 })
  return answer.readInt32BE(4) === 1 && answer.readInt16BE(8) === 0
}
