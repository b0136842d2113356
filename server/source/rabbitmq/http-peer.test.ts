import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import {
  closingServer,
  dripServer,
  garbageServer,
  type HostileServer,
  refusingPort,
  silentServer,
} from '../../../test/support/hostile.ts'
import { Secret } from '../../domain/secret.ts'
import { HttpPeer } from './http-peer.ts'

const PASSWORD = 'correct-horse'
const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function serving(answer: RequestListener): Promise<Server & { readonly url: string }> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(server, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function peerOf(url: string): HttpPeer {
  const peer = new HttpPeer({ url, login: { username: 'ann', password: new Secret(PASSWORD) }, tls: null })
  closers.unshift(() => peer.close())
  return peer
}

async function hostile(starting: Promise<HostileServer>): Promise<{ peer: HttpPeer; server: HostileServer }> {
  const server = await starting
  closers.push(() => server.stop())
  return { peer: peerOf(`http://127.0.0.1:${server.port}`), server }
}

const asked = (timeoutMs = 400) => ({ signal: new AbortController().signal, timeoutMs })

test('asks with name and password and takes a zipped answer, over one kept connection', async () => {
  const seen: (string | undefined)[] = []
  const sockets = new Set<unknown>()
  const { url } = await serving((request, response) => {
    seen.push(request.headers.authorization, request.url)
    sockets.add(request.socket)
    response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(5_000)))
  })
  const peer = peerOf(`${url}/base/`)
  expect(await peer.get('/api/a', asked())).toHaveLength(5_000)
  await peer.get('/api/queues/%2F/..', asked())
  const login = `Basic ${Buffer.from(`ann:${PASSWORD}`).toString('base64')}`
  expect(seen).toEqual([login, '/base/api/a', login, '/base/api/queues/%2F/..'])
  expect(sockets.size).toBe(1)
  expect(peer.cost.commands).toBe(2)
})

test('counts the bytes on the wire, not those they unfold to', async () => {
  let sent = 0
  const { url } = await serving((request, response) => {
    response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(100_000)))
    request.socket.once('close', () => {
      sent = request.socket.bytesWritten
    })
  })
  const peer = peerOf(url)
  await peer.get('/', asked())
  await peer.get('/', asked())
  const { bytesRead, bytesSent } = peer.cost
  peer.close()
  await eventually(() => sent > 0)
  expect(bytesRead).toBe(sent)
  expect(bytesSent).toBeGreaterThan(100)
  expect(bytesRead).toBeLessThan(2_000)
})

test.each([
  [401, '{"error":"not_authorized","reason":"Login failed"}', 'refused', /401 Login failed/],
  [403, '', 'refused', /403/],
  [404, '{"error":"Object Not Found","reason":"Not Found"}', 'not-found', /Not Found/],
  [302, '', 'malformed', /redirect.*not followed/],
  [500, '<html>', 'unreachable', /500/],
  [405, '', 'unsupported', /405/],
])('status %i is the error %s', async (status, body, code, message) => {
  let requests = 0
  const { url } = await serving((_, response) => {
    requests++
    response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' }).end(body)
  })
  await expect(peerOf(url).get('/', asked())).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  expect(requests).toBe(1)
})

test('a zipped bomb is refused at the limit, not unfolded', async () => {
  const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024))
  const { url } = await serving((_, response) => response.setHeader('content-encoding', 'gzip').end(bomb))
  await expect(peerOf(url).get('/', asked(5_000))).rejects.toMatchObject({ code: 'malformed', message: /larger than/ })
})

test('an answer without end is cut at the limit', async () => {
  const { url } = await serving((_, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(256 * 1024))) {}
    }
    response.on('drain', more)
    more()
  })
  await expect(peerOf(url).get('/', asked(10_000))).rejects.toMatchObject({ code: 'malformed', message: /larger than/ })
})

test('broken gzip is malformed', async () => {
  const { url } = await serving((_, response) => response.setHeader('content-encoding', 'gzip').end('nonsense'))
  await expect(peerOf(url).get('/', asked())).rejects.toMatchObject({ code: 'malformed' })
})

test('hostile servers: a named error within the deadline, no secret in it, no socket left', async () => {
  for (const [starting, codes] of [
    [silentServer(), ['timeout']],
    [garbageServer(1), ['malformed']],
    [dripServer(Buffer.from('HTTP/1.1 200 OK\r\nx-a: b\r\n')), ['timeout']],
    [closingServer(), ['unreachable']],
  ] as const) {
    const { peer, server } = await hostile(starting)
    const startedMs = performance.now()
    const failure = await peer.get('/', asked()).catch((error: unknown) => error)
    expect(codes).toContain((failure as { code: string }).code)
    expect(performance.now() - startedMs).toBeLessThan(1_500)
    expect(`${(failure as Error).stack}${JSON.stringify(failure)}`).not.toContain(PASSWORD)
    // The closing server never reads, so it does not see our end of the connection go.
    if (codes[0] !== 'unreachable') await eventually(() => server.open() === 0)
  }
})

test('nobody listening is unreachable', async () => {
  const { port } = await refusingPort()
  await expect(peerOf(`http://127.0.0.1:${port}`).get('/', asked())).rejects.toMatchObject({
    code: 'unreachable',
    message: `127.0.0.1:${port}: connection refused`,
  })
})

test('a kept connection that the server ended in the meantime costs one more try, not an error', async () => {
  const server = await serving((request, response) => {
    response.end('ok', () => request.socket.destroySoon())
  })
  server.keepAliveTimeout = 60_000
  const peer = peerOf(server.url)
  for (let round = 0; round < 20; round++) expect(await peer.get('/', asked(2_000))).toBe('ok')
})

test('a server that drops all its kept connections is unreachable, by an error of ours', async () => {
  let isDropping = false
  const { url } = await serving((request, response) => {
    if (isDropping) request.socket.destroy()
    else setTimeout(() => response.end('ok'), 20)
  })
  const peer = peerOf(url)
  await Promise.all([peer.get('/', asked(2_000)), peer.get('/', asked(2_000))])
  isDropping = true
  await expect(peer.get('/', asked(2_000))).rejects.toMatchObject({ name: 'OpsError', code: 'unreachable' })
})

test('the signal ends a request, closing ends all of them and refuses new ones', async () => {
  const { peer, server } = await hostile(silentServer())
  const gone = peer.get('/', { signal: AbortSignal.timeout(50), timeoutMs: 60_000 })
  await expect(gone).rejects.toMatchObject({ code: 'timeout' })
  const waiting = peer.get('/', asked(60_000))
  await eventually(() => server.connections() === 2)
  peer.close()
  await expect(waiting).rejects.toMatchObject({ code: 'closed' })
  await expect(peer.get('/', asked())).rejects.toMatchObject({ code: 'closed' })
  await eventually(() => server.open() === 0)
})
