/**
 * Embedded brokers (`sluice/broker`): for development, tests, demos and a small installation on one machine.
 *
 *   const broker = await redisBroker()
 *   … new Redis(broker.url) …
 *   await broker.close()
 */
export type { Fault } from './faults.ts'
export { type RedisBroker, type RedisBrokerOptions, redisBroker } from './redis/broker.ts'
