import { type Command, InvalidArgumentError } from 'commander'
import { parseDuration } from '../server/domain/duration.ts'
import type { Examples } from './program-controls.ts'

export interface DemoOptions {
  readonly host?: string
  readonly port?: number
  /** Ms. */
  readonly incidentAfter?: number
}

export interface InitOptions {
  readonly file: string
  readonly force?: boolean
}

export interface DoctorOptions {
  readonly config?: string
}

/** What the commands of the first minutes do, given their arguments. */
export interface SetupActions {
  readonly demo: (what: string | undefined, options: DemoOptions) => Promise<void>
  readonly init: (options: InitOptions) => Promise<void>
  readonly doctor: (sources: string[], options: DoctorOptions) => Promise<void>
}

/** Adds the commands of the first minutes: see it, configure it, find out why it does not connect. */
export function addSetupCommands(program: Command, actions: SetupActions, examples: Examples): void {
  const demo = program
    .command('demo')
    .description('start a shop at work on an embedded Redis, and the page that shows it; Ctrl-C leaves nothing')
    .argument('[incident]', 'the word incident: its database melts after 20 s, a fire to practise on')
    .option('--incident-after <time>', 'let the database melt after this time: 2m', timeOf)
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port to listen on, 0 = any', portOf)
    .action((what: string | undefined, options: DemoOptions) => actions.demo(what, options))
  examples(demo, ['sluice demo', 'sluice demo incident', 'sluice demo --incident-after 2m --port 0'])

  const init = program
    .command('init')
    .description('write a sluice.yaml for the brokers that are found here')
    .option('--file <name>', 'where to write it', 'sluice.yaml')
    .option('--force', 'overwrite it')
    .action((options: InitOptions) => actions.init(options))
  examples(init, ['sluice init', 'REDIS_URL=redis://cache:6379/0 sluice init --force'])

  const doctor = program
    .command('doctor')
    .description('check each source step by step, and say what to do where one fails')
    .argument('[source...]', 'only these; none = all that are configured')
    .option('--config <file>', 'YAML file (SLUICE_CONFIG; default sluice.yaml in this folder)')
    .action((sources: string[], options: DoctorOptions) => actions.doctor(sources, options))
  examples(doctor, ['sluice doctor', 'sluice doctor redis-main --json'])
}

export function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 to 65535.')
  return Number(text)
}

function timeOf(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('Expected a time such as 20s or 2m.')
  return ms
}
