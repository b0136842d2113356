import type { Secret } from '../domain/secret.ts'

/** What each kind of source needs to connect: the validated form of `sources.<id>` in the configuration. */
export type SourceSettings = RedisSettings | RabbitmqSettings | KafkaSettings

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** TLS on the connection. `ca` is PEM text; null = the system's trust store. */
export interface TlsSettings {
  readonly ca: string | null
  /** Name to verify instead of the host; null = the host. */
  readonly serverName: string | null
}

export interface RedisSettings {
  readonly kind: 'redis'
  readonly mode: 'standalone' | 'sentinel' | 'cluster'
  /** Standalone: one. Sentinel: the sentinels. Cluster: some of the nodes. */
  readonly nodes: readonly HostPort[]
  /** Sentinel: the name of the master group; null otherwise. */
  readonly master: string | null
  readonly db: number
  readonly username: string | null
  readonly password: Secret | null
  readonly sentinelPassword: Secret | null
  readonly tls: TlsSettings | null
  /** BullMQ prefixes to look for; default ["bull"]. */
  readonly prefixes: readonly string[]
  /** Prefixes of Sluice's own job runtime to look for; default ["sluice"]. */
  readonly sluicePrefixes: readonly string[]
  /** BullMQ queue names, for databases too large to scan; null = discover them by SCAN. */
  readonly queues: readonly string[] | null
}

export interface RabbitmqSettings {
  readonly kind: 'rabbitmq'
  readonly amqp: HostPort & {
    readonly vhost: string
    readonly username: string
    readonly password: Secret
    readonly tls: TlsSettings | null
  }
  /** The management API: origin and base path without a slash at the end; null = not used. */
  readonly management: {
    readonly url: string
    readonly username: string
    readonly password: Secret
    readonly tls: TlsSettings | null
  } | null
  /** Prometheus endpoints, one per node (`http://127.0.0.1:15692`); null = port 15692 of the management host. */
  readonly prometheus: readonly string[] | null
  /** Queues of the AMQP vhost to ask for passively when the management API cannot be reached. */
  readonly queues: readonly string[]
}

export interface KafkaSettings {
  readonly kind: 'kafka'
  readonly brokers: readonly HostPort[]
  readonly tls: TlsSettings | null
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: Secret
  } | null
}
