import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * `npm run bench [name …]`: measures beside a peer in the same run and prints counts, times and ratios. Counts of
 * commands and bytes are exact; times are those of this machine and never a gate.
 */
const BENCHES = ['redis', 'rabbitmq', 'kafka', 'board', 'jobs', 'engine'] as const

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !BENCHES.some((bench) => bench === name))
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are ${BENCHES.join(', ')}`)
  process.exit(2)
}
for (const name of asked.length > 0 ? asked : BENCHES) {
  const file = join(import.meta.dirname, `${name}.ts`)
  if (!existsSync(file)) continue
  console.log(`\n── ${name}`)
  const { run } = (await import(pathToFileURL(file).href)) as { run: () => Promise<void> }
  await run()
}
