/** What the tests get from `inject('brokers')`: the real brokers of this run, and which could not be had. */

export interface RedisAddress {
  /** `redis://127.0.0.1:26479`, without a database number. */
  readonly url: string
  readonly host: string
  readonly port: number
}

export interface RabbitmqAddress {
  /** `amqp://guest:guest@127.0.0.1:26672`, without a vhost. */
  readonly amqpUrl: string
  /** `http://127.0.0.1:27672`, without credentials or path. */
  readonly managementUrl: string
  /** `http://127.0.0.1:27692`, without path; asks for no credentials. */
  readonly prometheusUrl: string
  readonly username: string
  readonly password: string
}

export interface KafkaAddress {
  /** `127.0.0.1:29092`, one PLAINTEXT listener. */
  readonly bootstrap: string
}

export type BrokerName = 'redis' | 'rabbitmq' | 'kafka'

export const BROKER_NAMES: readonly BrokerName[] = ['redis', 'rabbitmq', 'kafka']

/** Null where the broker's software is not on this machine or it would not start; `absent` then says why. */
export interface Brokers {
  readonly redis: RedisAddress | null
  readonly rabbitmq: RabbitmqAddress | null
  readonly kafka: KafkaAddress | null
  readonly absent: readonly { readonly name: BrokerName; readonly why: string }[]
}

declare module 'vitest' {
  interface ProvidedContext {
    brokers: Brokers
  }
}
