import type { Channel, ChannelModel } from 'amqplib'
import { OpsError } from '../../domain/errors.ts'
import { type Queue, UNKNOWN_QUEUE } from '../../domain/queue.ts'
import type { Cost, Gap } from '../../domain/snapshot.ts'
import type { RabbitmqSettings } from '../settings.ts'
import { closeConnection, openChannel, openConnection, socketOf, translated, versionOf, within } from './amqp.ts'
import type { Reading } from './reader.ts'

const COMMAND_TIMEOUT_MS = 2_000
const CHANNELS_MAX = 8
const GAPS_MAX = 10

/** The type of a queue is not told by AMQP. */
const SYSTEM = 'rabbitmq'
const WHY = 'Told by the management API only'

type Asked = { readonly name: string; readonly ready: number; readonly consumers: number }

/**
 * Asks configured queues by passive declare: ready messages and consumers, exact and of now, and nothing else. For
 * when the management API cannot be reached. Not for streams, of which AMQP counts neither.
 */
export class PassiveReader {
  readonly #settings: RabbitmqSettings
  #connection: ChannelModel | null = null
  #commands = 0
  #bytesSent = 0
  #bytesRead = 0

  constructor(settings: RabbitmqSettings) {
    this.#settings = settings
  }

  get cost(): Cost {
    const socket = this.#connection && socketOf(this.#connection)
    return {
      commands: this.#commands,
      bytesSent: this.#bytesSent + (socket?.bytesWritten ?? 0),
      bytesRead: this.#bytesRead + (socket?.bytesRead ?? 0),
    }
  }

  /** Throws OpsError when not one queue could be asked. */
  async read(signal: AbortSignal): Promise<Reading> {
    const { queues: names } = this.#settings
    if (names.length === 0) {
      throw new OpsError('invalid', 'read', 'neither a management URL nor queues to ask by AMQP are configured')
    }
    const connection = this.#connection ?? (await this.#connect(signal))
    const asked: Asked[] = []
    const failed: { name: string; error: OpsError }[] = []
    const waiting = [...names]
    const lanes = Array.from({ length: Math.min(CHANNELS_MAX, names.length) }, async () => {
      let channel: Channel | null = null
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        try {
          channel ??= await openChannel(connection, signal)
          this.#commands++
          const answer = await within(channel.checkQueue(name), { signal, timeoutMs: COMMAND_TIMEOUT_MS })
          asked.push({ name, ready: answer.messageCount, consumers: answer.consumerCount })
        } catch (error) {
          // 404 and 403 close the channel; the next queue gets a new one.
          channel = null
          const translation = translated(error)
          failed.push({ name, error: translation })
          if (translation.code === 'timeout' || translation.code === 'unreachable' || signal.aborted) break
        }
      }
      await channel?.close().catch(() => undefined)
    })
    await Promise.all(lanes)
    const [first] = failed
    if (asked.length === 0 && first) {
      if (first.error.code !== 'not-found') await this.#drop()
      throw first.error
    }
    return this.#reading(asked, failed)
  }

  async close(): Promise<void> {
    await this.#drop()
  }

  #reading(asked: readonly Asked[], failed: readonly { name: string; error: OpsError }[]): Reading {
    const { vhost } = this.#settings.amqp
    const gaps: Gap[] = failed.slice(0, GAPS_MAX).map(({ name, error }) => {
      return { what: `queue ${name}`, code: error.code, message: error.message }
    })
    if (failed.length > GAPS_MAX) {
      gaps.push({ what: `${failed.length - GAPS_MAX} more queues`, code: 'not-found', message: 'as the others' })
    }
    const queues: Queue[] = asked.map(({ name, ready, consumers }) => {
      return {
        ...UNKNOWN_QUEUE,
        name,
        vhost: vhost === '/' ? null : vhost,
        system: SYSTEM,
        depth: ready,
        oldestAgeMs: ready === 0 ? 0 : null,
        consumers,
      }
    })
    const cannotTell = {
      active: WHY,
      added: WHY,
      finished: WHY,
      redelivered: WHY,
      oldestAgeMs: WHY,
      dead: WHY,
      delayed: WHY,
    }
    const version = this.#connection ? versionOf(this.#connection) : null
    return { systems: [{ name: SYSTEM, version, cannotTell }], nodes: [], queues, topics: [], gaps }
  }

  async #connect(signal: AbortSignal): Promise<ChannelModel> {
    this.#commands++
    const connection = await openConnection(this.#settings.amqp, signal)
    connection.on('close', () => this.#forget(connection))
    this.#connection = connection
    return connection
  }

  async #drop(): Promise<void> {
    const connection = this.#connection
    if (!connection) return
    this.#forget(connection)
    await closeConnection(connection)
  }

  #forget(connection: ChannelModel): void {
    if (this.#connection !== connection) return
    const { bytesSent, bytesRead } = this.cost
    this.#bytesSent = bytesSent
    this.#bytesRead = bytesRead
    this.#connection = null
  }
}
