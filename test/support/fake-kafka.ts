/**
 * A Kafka broker that says what a test tells it to, over a real socket: for answers that are hard to get from a real
 * one. What a real one says is tested in `test/conformance/kafka.test.ts`.
 */
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { APIS } from '../../server/wire/kafka/apis.ts'
import { Frames } from '../../server/wire/kafka/frames.ts'
import { type Api, decodeRequest, decodeRequestHeader, encodeResponse } from '../../server/wire/kafka/message.ts'
import { Reader } from '../../server/wire/kafka/reader.ts'
import { portOf } from '../brokers/port.ts'

export interface Asked {
  readonly api: string
  readonly version: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the fields of the message that it expects
  readonly body: any
}

/** A body; `silence`: no answer, ever; `close`: the connection ends. */
export type Answer = object | 'silence' | 'close'

export interface FakeKafka {
  readonly host: string
  readonly port: number
  readonly bootstrap: string
  /** All that was asked so far, in order. */
  readonly asked: readonly Asked[]
  /** May be replaced at any time. */
  answer: (asked: Asked) => Answer
  open(): number
  stop(): Promise<void>
}

export interface FakeKafkaOptions {
  /** The newest version that it admits to, by API; the newest that we know otherwise; null = it lacks the API. */
  readonly versions?: Readonly<Record<string, number | null>>
  readonly tls?: { readonly key: string; readonly cert: string } | null
  /** 0 = a free one. */
  readonly port?: number
}

export async function startFakeKafka(
  answer: FakeKafka['answer'],
  { versions = {}, tls = null, port: wanted = 0 }: FakeKafkaOptions = {},
): Promise<FakeKafka> {
  const sockets = new Set<Socket>()
  const asked: Asked[] = []
  const apiKeys = APIS.filter(({ name }) => versions[name] !== null).map(({ key, name, minVersion, maxVersion }) => ({
    apiKey: key,
    minVersion,
    maxVersion: versions[name] ?? maxVersion,
  }))
  const serve = (socket: Socket) => {
    const frames = new Frames(1 << 24)
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      for (const frame of frames.push(chunk)) take(frame, socket)
    })
  }
  const server = tls ? createTlsServer(tls, serve) : createServer(serve)
  server.on('tlsClientError', () => {})
  const take = (frame: Uint8Array, socket: Socket) => {
    const reader = new Reader(frame)
    const { key, version, correlation } = decodeRequestHeader(reader)
    const api = APIS.find((each) => each.key === key) as Api
    const one = { api: api.name, version, body: decodeRequest(api, version, reader) }
    asked.push(one)
    const said = api.name === 'ApiVersions' ? { apiKeys } : fake.answer(one)
    if (said === 'close') socket.destroy()
    else if (said !== 'silence') socket.write(encodeResponse(api, { version, correlation }, said))
  }
  await new Promise<void>((resolve) => server.listen({ port: wanted, host: '127.0.0.1' }, resolve))
  const port = portOf(server)
  const fake: FakeKafka = {
    host: '127.0.0.1',
    port,
    bootstrap: `127.0.0.1:${port}`,
    asked,
    answer,
    open: () => sockets.size,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  return fake
}
