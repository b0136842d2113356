import { redisBroker } from '../../server/broker/index.ts'

/** The Redis that the shop of a demo works on. */
export interface DemoBroker {
  readonly url: string
  close(): Promise<void>
}

/** The shop needs a few megabytes; whoever lets it run for a week should not run out of memory either. */
const MEMORY_BYTES = 256 * 1024 * 1024

/**
 * The embedded engine, which keeps nothing; or the Redis of SLUICE_DEMO_REDIS, to see the same on another: then its keys
 * stay there.
 */
export async function openBroker(
  env: Readonly<Record<string, string | undefined>>,
  onFailure: (text: string) => void,
): Promise<DemoBroker> {
  const url = env.SLUICE_DEMO_REDIS
  if (url) return { url, close: async () => undefined }
  return redisBroker({
    maxMemoryBytes: MEMORY_BYTES,
    onFailure: ({ message }) => onFailure(`the embedded engine ended by itself: ${message}`),
  })
}
