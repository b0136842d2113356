import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { eventually } from './eventually.ts'
import { closingServer, dripServer, garbageServer, type HostileServer, refusingPort, silentServer } from './hostile.ts'
import { manualClock } from './manual-clock.ts'

const servers: HostileServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

test('the silent server takes a connection, reads, and says nothing', async () => {
  const { client, received, server } = await speakTo(await silentServer())
  client.write('PING\r\n')
  await eventually(() => server.open() === 1 && client.bytesWritten === 6)
  expect(received()).toHaveLength(0)
})

test('the garbage server says the same for the same seed', async () => {
  const [one, two] = [await speakTo(await garbageServer(7)), await speakTo(await garbageServer(7))]
  await eventually(() => one.received().length === 256 && two.received().length === 256)
  expect(one.received()).toEqual(two.received())
  one.client.write('PING\r\n')
  await eventually(() => one.received().length === 256 + 1_024)
})

test('the dripping server never has nothing to say and never comes to an end', async () => {
  const { received } = await speakTo(await dripServer(Buffer.from('+PONG'), 1))
  await eventually(() => received().length > 6)
  expect(received().toString()).toMatch(/^\+PONG\+P/)
})

test('the closing server counts who came and holds nobody', async () => {
  const { client, server } = await speakTo(await closingServer())
  await eventually(() => client.readableEnded)
  expect(server.connections()).toBe(1)
  await eventually(() => server.open() === 0)
})

test('the refusing port refuses', async () => {
  const client = connect(await refusingPort())
  await expect(new Promise((_, reject) => client.once('error', reject))).rejects.toThrow(/ECONNREFUSED/)
})

test('eventually gives what the check gave, and at the end what it threw last', async () => {
  let tries = 0
  expect(await eventually(() => (++tries < 3 ? false : tries))).toBe(3)
  await expect(eventually(() => expect(1).toBe(2), { timeoutMs: 60 })).rejects.toThrow(/not within 60 ms.*to be 2/)
})

test('the manual clock moves only when it is moved, and a jump leaves the monotonic clock alone', () => {
  const clock = manualClock(1_000)
  clock.advance(250)
  clock.jumpTo(0)
  clock.advance(1)
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1, 251])
})

async function speakTo(server: HostileServer): Promise<{ client: Socket; server: HostileServer; received(): Buffer }> {
  servers.push(server)
  const chunks: Buffer[] = []
  const client = connect({ host: server.host, port: server.port })
  client.on('data', (bytes) => chunks.push(bytes))
  // A server that is stopped may reset the connection.
  client.on('error', () => {})
  await new Promise((resolve) => client.once('connect', resolve))
  return { client, server, received: () => Buffer.concat(chunks) }
}
