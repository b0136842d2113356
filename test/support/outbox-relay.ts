/** A relay process for tests: its argument is settings as JSON. Prints a line at every batch. */
import { writeSync } from 'node:fs'
import { createJobs, createOutbox } from '../../server/runtime/index.ts'
import { openStore, type StoreAddress } from './outbox-stores.ts'

export interface RelaySettings {
  readonly url: string
  readonly store: StoreAddress
  readonly batch: number
  readonly leaseMs: number
}

const settings = JSON.parse(process.argv[2] ?? '{}') as RelaySettings
const store = openStore(settings.store)
const jobs = createJobs({ redis: settings.url })
const outbox = createOutbox({ jobs, dialect: store.dialect })
const relay = outbox.relay({
  ...{ database: store.database, batch: settings.batch, leaseMs: settings.leaseMs, pollMs: 20 },
  onEvent: (event) => writeSync(1, `${JSON.stringify(event)}\n`),
})
relay.start()
