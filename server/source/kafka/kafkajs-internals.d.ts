/** The parts of kafkajs 2.2.4 that it does not export: what `connection.ts` relies on, pinned by `connection.test.ts`. */
declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net'
  import type { ConnectionOptions, TLSSocket } from 'node:tls'

  interface InternalLogger {
    namespace(name: string): InternalLogger
    debug(message: string, extra?: object): void
    info(message: string, extra?: object): void
    warn(message: string, extra?: object): void
    error(message: string, extra?: object): void
  }

  interface SocketRequest {
    host: string
    port: number
    ssl: ConnectionOptions | null
    onConnect: () => void
  }

  class Connection {
    constructor(options: {
      host: string
      port: number
      clientId: string
      logger: InternalLogger
      socketFactory: (request: SocketRequest) => Socket | TLSSocket
      ssl: ConnectionOptions | null
      sasl: { mechanism: string; username: string; password: string } | null
      connectionTimeout: number
      requestTimeout: number
      enforceRequestTimeout: boolean
    })
    connect(): Promise<boolean>
    authenticate(): Promise<void>
    isAuthenticated(): boolean
    setVersions(versions: Record<number, { minVersion: number; maxVersion: number }>): void
    setSupportAuthenticationProtocol(isSupported: boolean): void
    /** Called with every chunk of the socket. */
    processData(chunk: Uint8Array): void
    readonly requestQueue: { destroy(): void }
  }
  // biome-ignore lint/style/noDefaultExport: kafkajs's files are CommonJS: module.exports is the default
  export default Connection
}

declare module 'kafkajs/src/network/socketFactory.js' {
  import type { Socket } from 'node:net'
  import type { SocketRequest } from 'kafkajs/src/network/connection.js'

  const socketFactory: () => (request: SocketRequest) => Socket
  // biome-ignore lint/style/noDefaultExport: kafkajs's files are CommonJS: module.exports is the default
  export default socketFactory
}
