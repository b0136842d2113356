import type { Redis } from 'ioredis'

/** What a server says it has served. */
export interface Served {
  /** Commands that clients sent; what a script called is not counted. */
  readonly commands: number
  readonly bytesOut: number
  readonly bytesIn: number
  /** CPU time of the server, ms. */
  readonly cpuMs: number
}

/** Counts at the server what happens during `work`; the asking itself is left out. Nobody else may be using it. */
export async function metered(admin: Redis, names: readonly string[], work: () => Promise<unknown>): Promise<Served> {
  await read(admin, names)
  const first = await read(admin, names)
  const before = await read(admin, names)
  await work()
  const after = await read(admin, names)
  const difference = (key: keyof Served) => after[key] - before[key] - (before[key] - first[key])
  return {
    commands: difference('commands'),
    bytesOut: difference('bytesOut'),
    bytesIn: difference('bytesIn'),
    cpuMs: difference('cpuMs'),
  }
}

async function read(admin: Redis, names: readonly string[]): Promise<Served> {
  const stats = await admin.info('stats')
  const calls = await admin.info('commandstats')
  const cpu = await admin.info('cpu')
  const number = (text: string, field: string) => Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(text)?.[1] ?? 0)
  const count = (name: string) => Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, 'm').exec(calls)?.[1] ?? 0)
  return {
    commands: names.map(count).reduce((sum, value) => sum + value, 0),
    bytesOut: number(stats, 'total_net_output_bytes'),
    bytesIn: number(stats, 'total_net_input_bytes'),
    cpuMs: (number(cpu, 'used_cpu_user') + number(cpu, 'used_cpu_sys')) * 1000,
  }
}
