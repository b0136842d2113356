import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'

/** Below the ports that the system gives to outgoing connections: none of those takes a port between our look and a broker's start. */
const RANGE = [20_000, 32_000] as const
const TRIES = 50

/**
 * One free loopback port for each name. All are held at once and then let go, so they differ from each other.
 * @param preferred the port each name would like; null for any. One that is taken is replaced by any other.
 */
export async function freePorts<Name extends string>(
  preferred: Readonly<Record<Name, number | null>>,
): Promise<Record<Name, number>> {
  const held: Server[] = []
  const ports: Partial<Record<Name, number>> = {}
  try {
    for (const name of Object.keys(preferred) as Name[]) {
      let server = preferred[name] === null ? null : await listen(preferred[name])
      for (let tries = 0; server === null && tries < TRIES; tries++) server = await listen(randomInt(...RANGE))
      if (server === null) throw new Error(`no free port on 127.0.0.1 from ${RANGE.join(' to ')}`)
      held.push(server)
      ports[name] = portOf(server)
    }
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  }
  return ports as Record<Name, number>
}

/** One loopback port where nobody listens now. */
export async function freePort(): Promise<number> {
  return (await freePorts({ port: null })).port
}

/** The port a listening TCP server was given. */
export function portOf(server: Server): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server does not listen on a TCP port')
  return address.port
}

function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen({ port, host: '127.0.0.1' }, () => resolve(server))
  })
}
