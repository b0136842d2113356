import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type RedisBroker, type RedisBrokerOptions, redisBroker } from '../index.ts'

const running: RedisBroker[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((broker) => broker.close()))
})

async function start(options: RedisBrokerOptions = {}): Promise<RedisBroker> {
  const broker = await redisBroker(options)
  running.push(broker)
  return broker
}

/** Sends lines, and gives what comes until the other side has closed. */
function talk(port: number, host: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect(port, host, () => socket.write(text))
    socket.on('data', (chunk) => {
      heard += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(heard))
  })
}

describe('a broker of one line', () => {
  it('answers on both loopback addresses at a free port, in a thread of its own', async () => {
    const broker = await start()
    expect(broker).toMatchObject({
      host: '127.0.0.1',
      mode: 'memory',
      data: null,
      url: `redis://127.0.0.1:${broker.port}`,
    })
    for (const host of ['127.0.0.1', '::1']) {
      expect(await talk(broker.port, host, 'SET k v\r\nGET k\r\nQUIT\r\n')).toBe('+OK\r\n$1\r\nv\r\n+OK\r\n')
    }
  })

  it('says in one sentence that its port is taken', async () => {
    const { port } = await start()
    await expect(redisBroker({ port })).rejects.toThrow(`port ${port} is already taken`)
  })

  it('wants a password before others can reach it, and then asks for it', async () => {
    await expect(redisBroker({ host: '0.0.0.0' })).rejects.toThrow('needs a password')
    const broker = await start({ password: 'p@ss' })
    expect(broker.url).toBe(`redis://:p%40ss@127.0.0.1:${broker.port}`)
    expect(await talk(broker.port, '127.0.0.1', 'GET k\r\nAUTH p@ss\r\nGET k\r\nQUIT\r\n')).toBe(
      '-NOAUTH Authentication required.\r\n+OK\r\n$-1\r\n+OK\r\n',
    )
  })

  it('wants a folder to keep anything in', async () => {
    await expect(redisBroker({ durability: 'always' })).rejects.toThrow('needs a data directory')
  })

  it('misbehaves once when told to', async () => {
    const broker = await start()
    broker.fault({ request: 'get', effect: { kind: 'answer', text: '-LOADING soon\r\n' } })
    expect(await talk(broker.port, '127.0.0.1', 'GET k\r\nGET k\r\nQUIT\r\n')).toBe('-LOADING soon\r\n$-1\r\n+OK\r\n')
  })

  it('closes twice, and listens no more', async () => {
    const broker = await start()
    await Promise.all([broker.close(), broker.close()])
    await expect(talk(broker.port, '127.0.0.1', 'PING\r\n')).rejects.toThrow('ECONNREFUSED')
  })
})
