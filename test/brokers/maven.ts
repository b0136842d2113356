/** Fetching jars from Maven Central, once, into a folder under `.brokers/`. */
import { execFile } from 'node:child_process'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasJar, KAFKA_VERSION, kafkaLibs } from './kafka.ts'
import { kafkaToolsLibs } from './kafka-tools.ts'
import { findProgram } from './process.ts'

/** A cold fetch is some 45 MB and took 5 s; a registry that has not delivered by then is not reachable. */
const FETCH_TIMEOUT_MS = 300_000
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies'

export function hasKafka(version = KAFKA_VERSION): Promise<boolean> {
  return hasJar(kafkaLibs(version), `kafka_2.13-${version}.jar`)
}

export function hasKafkaTools(): Promise<boolean> {
  return hasJar(kafkaToolsLibs(), `kafka-tools-${KAFKA_VERSION}.jar`)
}

/** What was done, or null when the jars were there. Throws with the reason when they cannot be had. */
export async function fetchKafka(version = KAFKA_VERSION): Promise<string | null> {
  if (await hasKafka(version)) return null
  await fetchJars(join(kafkaLibs(version), '..'), [['org.apache.kafka', 'kafka_2.13', version], ...loggingOf(version)])
  return `fetched Kafka ${version}`
}

/** Kafka's console tools, which are an artifact of their own. */
export async function fetchKafkaTools(): Promise<string | null> {
  if (await hasKafkaTools()) return null
  const tools: Coordinates = ['org.apache.kafka', 'kafka-tools', KAFKA_VERSION]
  await fetchJars(join(kafkaToolsLibs(), '..'), [tools, ...loggingOf(KAFKA_VERSION)])
  return `fetched kafka-tools ${KAFKA_VERSION}`
}

type Coordinates = readonly [group: string, artifact: string, version: string]

/** Kafka's own POM names no logging binding, and without one it says nothing at all when it cannot start. */
function loggingOf(version: string): readonly Coordinates[] {
  if (version.startsWith('3.')) return [['org.slf4j', 'slf4j-reload4j', '1.7.36']]
  const log4j = 'org.apache.logging.log4j'
  return [
    [log4j, 'log4j-slf4j-impl', '2.24.3'],
    [log4j, 'log4j-core', '2.24.3'],
  ]
}

/** Fills `<folder>/libs`, all or nothing: an interrupted fetch leaves no half set of jars behind. */
async function fetchJars(folder: string, artifacts: readonly Coordinates[]): Promise<void> {
  const maven = await findProgram('mvn')
  if (maven === null || (await findProgram('java')) === null) throw new Error('Java or Maven is not installed')
  const partial = join(folder, 'libs.part')
  await rm(partial, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const pom = join(folder, 'pom.xml')
  await writeFile(pom, pomOf(artifacts))
  const args = ['-q', '-B', '-f', pom, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${partial}`]
  try {
    await promisify(execFile)(maven, args, { timeout: FETCH_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 })
  } catch (error) {
    throw new Error(`Maven could not fetch ${artifacts[0]?.join(':')}: ${firstError(error)}`)
  }
  await rm(join(folder, 'libs'), { recursive: true, force: true })
  await rename(partial, join(folder, 'libs'))
}

function firstError(error: unknown): string {
  const output = (error as { stdout?: string }).stdout ?? ''
  return output.split('\n').find((line) => line.includes('[ERROR]')) ?? String(error)
}

function pomOf(artifacts: readonly Coordinates[]): string {
  const dependencies = artifacts.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  )
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>sluice</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
${dependencies.join('\n')}
</dependencies></project>
`
}
