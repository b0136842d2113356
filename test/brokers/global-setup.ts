/**
 * Vitest's global setup of the tests that use real brokers: starts each whose software is here, stops what it started.
 * It installs nothing. With SLUICE_BROKERS=required an absent broker fails the run instead of skipping its tests.
 */
import type { TestProject } from 'vitest/node'
import { BROKER_NAMES, type BrokerName, type Brokers } from './brokers.ts'
import { kafka, kafkaAddress } from './kafka.ts'
import type { BrokerKind } from './node.ts'
import { onEnd } from './process.ts'
import { rabbitmq, rabbitmqAddress } from './rabbitmq.ts'
import { isEmbedded, redis, redisAddress } from './redis.ts'
import { abandonShared, type Ensured, ensureShared, leaveShared } from './shared.ts'

type Outcome<Port extends string> = { readonly shared: Ensured<Port> } | { readonly why: string }

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const release = onEnd(abandonAll)
  const [ofRedis, ofRabbitmq, ofKafka] = await Promise.all([begin(redis), begin(rabbitmq), begin(kafka())])
  const outcomes: readonly (readonly [BrokerName, Outcome<string>])[] = [
    ['redis', ofRedis],
    ['rabbitmq', ofRabbitmq],
    ['kafka', ofKafka],
  ]
  const brokers: Brokers = {
    redis: 'shared' in ofRedis ? redisAddress(ofRedis.shared.ports) : null,
    rabbitmq: 'shared' in ofRabbitmq ? rabbitmqAddress(ofRabbitmq.shared.ports) : null,
    kafka: 'shared' in ofKafka ? kafkaAddress(ofKafka.shared.ports) : null,
    absent: outcomes.flatMap(([name, outcome]) => ('why' in outcome ? [{ name, why: outcome.why }] : [])),
  }
  project.provide('brokers', brokers)
  console.log(['', 'brokers of this test run', ...outcomes.map(lineOf), ''].join('\n'))
  const teardown = async () => {
    await Promise.all(outcomes.map(([name, outcome]) => ('shared' in outcome ? leaveShared(name) : null)))
    release()
  }
  const lacking = isEmbedded ? [...brokers.absent, { name: 'redis', why: 'only the embedded engine' }] : brokers.absent
  if (process.env.SLUICE_BROKERS === 'required' && lacking.length > 0) {
    await teardown()
    throw new Error(`required but absent: ${lacking.map(({ name, why }) => `${name} (${why})`).join(', ')}`)
  }
  return teardown
}

/** An interrupted run has no teardown. */
function abandonAll(): void {
  for (const name of BROKER_NAMES) abandonShared(name)
}

async function begin<Port extends string>(kind: BrokerKind<Port>): Promise<Outcome<Port>> {
  try {
    return { shared: await ensureShared(kind.name, kind, { kept: false }) }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  }
}

function lineOf([name, outcome]: readonly [BrokerName, Outcome<string>]): string {
  if ('why' in outcome) return `  ${name.padEnd(9)} absent: ${outcome.why}`
  const { version, ports, isNew } = outcome.shared
  const port = Object.values(ports)[0]
  return `  ${name.padEnd(9)} ${version} on 127.0.0.1:${port}${isNew ? '' : ' (was running)'}`
}
