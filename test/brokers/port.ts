import { createServer, type Server } from 'node:net'

/**
 * One free loopback port for each name. All are held at once and then let go, so they differ from each other.
 * @param preferred the port each name would like; null for any. One that is taken is replaced by one the system chooses.
 */
export async function freePorts<Name extends string>(
  preferred: Readonly<Record<Name, number | null>>,
): Promise<Record<Name, number>> {
  const held: Server[] = []
  const ports: Partial<Record<Name, number>> = {}
  try {
    for (const name of Object.keys(preferred) as Name[]) {
      const server = (await listen(preferred[name] ?? 0)) ?? (await listen(0))
      if (server === null) throw new Error('no free port on 127.0.0.1')
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
