import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Examples } from './program-controls.ts'
import { portOf } from './program-setup.ts'

export interface BrokerOptions {
  readonly host?: string
  readonly port?: number
  readonly data?: string
  readonly durability?: 'memory' | 'interval' | 'always'
  readonly password?: string
  /** Bytes. */
  readonly maxmemory?: number
  readonly acceptDamage?: boolean
}

export interface BrokerActions {
  readonly broker: (kind: string, options: BrokerOptions) => Promise<void>
}

/** Adds `sluice broker`: an embedded broker in the foreground. */
export function addBrokerCommand(program: Command, actions: BrokerActions, examples: Examples): void {
  const broker = program
    .command('broker')
    .description('run an embedded broker: for development, tests and a small installation on one machine')
    .argument('<kind>', 'redis')
    .option('--port <number>', 'port to listen on, 0 = any (default 6379)', portOf)
    .option('--host <address>', 'address to listen on; any but loopback needs a password')
    .option('--data <folder>', 'keep the data there; without it nothing is kept')
    .addOption(
      new Option('--durability <mode>', 'of what is kept: memory, interval (default) or always').choices([
        'memory',
        'interval',
        'always',
      ]),
    )
    .option('--password <text>', 'of the default user (SLUICE_BROKER_PASSWORD, which other users cannot see)')
    .option('--maxmemory <size>', 'refuse writes above: 256mb, 2gb, 0 = no limit (default 1gb)', sizeOf)
    .option('--accept-damage', 'start although a file in the folder is damaged, without what cannot be read')
    .action((kind: string, options: BrokerOptions) => actions.broker(kind, options))
  examples(broker, ['sluice broker redis', 'sluice broker redis --port 7000 --data ./redis --durability always'])
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3],
])

function sizeOf(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,12})([a-z]*)$/.exec(text.toLowerCase()) ?? []
  const factor = UNITS.get(unit)
  if (digits === undefined || factor === undefined) throw new InvalidArgumentError('Expected a size such as 256mb.')
  return Number(digits) * factor
}
