/** The Redis that the shop of a demo works on. */
export interface DemoBroker {
  readonly url: string
  close(): Promise<void>
}

/** The embedded engine; or the Redis of SLUICE_DEMO_REDIS, for people who work on the demo: its keys stay there. */
export async function openBroker(env: Readonly<Record<string, string | undefined>>): Promise<DemoBroker> {
  const url = env.SLUICE_DEMO_REDIS
  if (url) return { url, close: async () => undefined }
  throw new Error('the embedded engine is not there yet: set SLUICE_DEMO_REDIS=redis://…')
}
