/** Kafka's own ConsumerGroupCommand, the yardstick for what we say about groups. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasJar, KAFKA_VERSION } from './kafka.ts'
import { findProgram } from './process.ts'
import { ROOT } from './state.ts'

/** Where the tools' jars are, once fetched; apart from the broker's, which need other versions of shared libraries. */
export function kafkaToolsLibs(): string {
  return join(ROOT, `kafka-tools-${KAFKA_VERSION}`, 'libs')
}

export interface DescribedPartition {
  readonly group: string
  readonly topic: string
  readonly partition: number
  /** Null where the group has committed nothing for this partition. */
  readonly currentOffset: number | null
  readonly logEndOffset: number | null
  readonly lag: number | null
  /** Null where no member owns the partition. */
  readonly consumerId: string | null
}

/**
 * `kafka-consumer-groups --describe --group`. Starts a JVM, some 2 s.
 * @returns one row for each partition the group has an offset or a member for; null when the tool is not on this machine
 * @throws when the tool fails, with what it printed
 */
export async function consumerGroupDescribe(
  bootstrap: string,
  group: string,
): Promise<readonly DescribedPartition[] | null> {
  const output = await consumerGroupCommand(['--bootstrap-server', bootstrap, '--describe', '--group', group])
  return output === null ? null : parseDescribed(output)
}

/** Runs ConsumerGroupCommand and resolves with what it printed; null when it is not on this machine. */
export async function consumerGroupCommand(args: readonly string[]): Promise<string | null> {
  const java = await findProgram('java')
  const libs = kafkaToolsLibs()
  if (java === null || !(await hasJar(libs, `kafka-tools-${KAFKA_VERSION}.jar`))) return null
  const jvm = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-cp', join(libs, '*')]
  const command = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'
  const { stdout } = await promisify(execFile)(java, [...jvm, command, ...args], {
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  })
  if (stdout.trimStart().startsWith('Error:')) throw new Error(stdout.trim())
  return stdout
}

/** The table under the line that begins with GROUP; columns are found by their heading, "-" is "none". */
export function parseDescribed(output: string): readonly DescribedPartition[] {
  const lines = output.split('\n').map((line) => line.trim().split(/\s+/))
  const at = lines.findIndex((words) => words[0] === 'GROUP')
  const heading = lines[at]
  if (heading === undefined) return []
  const cell = (words: readonly string[], name: string) => {
    const text = words[heading.indexOf(name)]
    return text === undefined || text === '-' ? null : text
  }
  const count = (text: string | null) => (text === null ? null : Number(text))
  return lines
    .slice(at + 1)
    .filter((words) => words.length >= heading.indexOf('LAG') && cell(words, 'PARTITION') !== null)
    .map((words) => ({
      group: cell(words, 'GROUP') ?? '',
      topic: cell(words, 'TOPIC') ?? '',
      partition: Number(cell(words, 'PARTITION')),
      currentOffset: count(cell(words, 'CURRENT-OFFSET')),
      logEndOffset: count(cell(words, 'LOG-END-OFFSET')),
      lag: count(cell(words, 'LAG')),
      consumerId: cell(words, 'CONSUMER-ID'),
    }))
}
