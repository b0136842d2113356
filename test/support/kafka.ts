/** What tests of Kafka need besides kafkajs: our source, raw commits. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Source } from '../../server/domain/source.ts'
import { openKafka } from '../../server/source/kafka/open.ts'
import type { KafkaSettings } from '../../server/source/settings.ts'
import { Frames } from '../../server/wire/kafka/frames.ts'
import { decodeResponse, encodeRequest } from '../../server/wire/kafka/message.ts'
import { findCoordinator } from '../../server/wire/kafka/messages/find-coordinator.ts'
import { offsetCommit } from '../../server/wire/kafka/messages/offset-commit.ts'
import { eventually } from './eventually.ts'

const nothing = () => {}

/** Our source on these brokers (`host:port,…`), with real time and no log. */
export function openTestKafka(bootstrap: string, settings: Partial<KafkaSettings> = {}): Source {
  const brokers = bootstrap.split(',').map((address) => {
    const [host = '', port = ''] = address.split(':')
    return { host, port: Number(port) }
  })
  return openKafka(
    { kind: 'kafka', brokers, tls: null, sasl: null, ...settings },
    {
      id: 'kafka-test',
      clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    },
  )
}

export interface GroupCommit {
  readonly group: string
  readonly topic: string
  readonly offsets: readonly (readonly [partition: number, offset: number])[]
}

/** Commits offsets from outside the group, as `kafka-consumer-groups --reset-offsets` does; also ones no client would. */
export async function commitOffsets(
  bootstrap: string,
  group: string,
  topic: string,
  offsets: GroupCommit['offsets'],
): Promise<void> {
  await commitAll(bootstrap, [{ group, topic, offsets }])
}

/** Many groups, over a few connections at once: the broker gathers commits for some ms before it writes them. */
export async function commitAll(bootstrap: string, commits: readonly GroupCommit[]): Promise<void> {
  const waiting = [...commits]
  const worker = async () => {
    const line = await openLine(bootstrap)
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) await commitOne(line, next)
    } finally {
      line.close()
    }
  }
  await makeOffsetsTopic(bootstrap)
  await Promise.all(Array.from({ length: Math.min(32, commits.length) }, worker))
}

/** A new broker has no offsets topic until somebody asks for a coordinator. */
async function makeOffsetsTopic(bootstrap: string): Promise<void> {
  const line = await openLine(bootstrap)
  try {
    await line.ask(
      encodeRequest(findCoordinator, { version: 4, correlation: 1, client: 'test' }, { coordinatorKeys: ['any'] }),
    )
  } finally {
    line.close()
  }
}

type Line = Awaited<ReturnType<typeof openLine>>

async function commitOne(line: Line, { group, topic, offsets }: GroupCommit): Promise<void> {
  const partitions = offsets.map(([partitionIndex, committedOffset]) => ({
    partitionIndex,
    committedOffset,
    committedMetadata: '',
  }))
  const body = { groupId: group, topics: [{ name: topic, partitions }] }
  await eventually(async () => {
    const answer = await line.ask(encodeRequest(offsetCommit, { version: 8, correlation: 1, client: 'test' }, body))
    const { topics } = decodeResponse(offsetCommit, 8, answer.subarray(4))
    const codes = topics.flatMap((each) => each.partitions.map(({ errorCode }) => errorCode))
    // 14, 15, 16 until the coordinator is there.
    if (codes.some((code) => code !== 0)) throw new Error(`OffsetCommit: ${codes.join(' ')}`)
  })
}

async function openLine(bootstrap: string) {
  const [host = '', port = ''] = bootstrap.split(':')
  const socket = connect({ host, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  const frames = new Frames(1 << 20)
  return {
    ask: (request: Uint8Array) =>
      new Promise<Uint8Array>((resolve, reject) => {
        socket.once('error', reject)
        socket.on('data', function take(chunk) {
          const [frame] = frames.push(chunk)
          if (!frame) return
          socket.off('data', take).off('error', reject)
          resolve(frame)
        })
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}
