import { systemClock } from '../../server/clock.ts'
import { type Config, loadConfig } from '../../server/config.ts'
import { type Check, diagnose } from '../../server/doctor.ts'
import { sourcesOf } from '../../server/local-sources.ts'
import { createLog } from '../../server/log.ts'
import { CliFailure, EXIT, type ExitCode } from '../exit.ts'
import { inert } from '../format/inert.ts'
import type { Line } from '../format/line.ts'
import { hint } from '../hint.ts'
import { isBody, paintLines, printBody } from '../print.ts'
import type { DoctorOptions } from '../program-setup.ts'
import type { Session } from '../session.ts'
import { mistakesText } from './config.ts'

/** What was found of one source: what `--json` has. */
interface Diagnosis {
  readonly source: string
  readonly kind: string
  readonly address: string
  readonly checks: readonly Check[]
}

/** All sources together, ms: each step has a deadline of its own besides. */
const DOCTOR_MS = 45_000

/** Checks the sources as the server would use them, without a server; 1 when a step of one failed. */
export async function doctor(
  session: Session,
  wanted: readonly string[],
  { config: file }: DoctorOptions,
): Promise<ExitCode> {
  const { io, note } = session
  const loaded = loadConfig({ file: file ?? null, env: io.env, flags: {} })
  if (!loaded.ok) {
    io.stderr.write(mistakesText(loaded))
    return EXIT.badConfig
  }
  const { config } = loaded
  const sources = await chosenSources(config, wanted, note)
  const signal = AbortSignal.any([io.interrupt, AbortSignal.timeout(DOCTOR_MS)])
  const tools = { clock: systemClock, log: createLog('silent'), signal }
  const found = sources.map(async ({ id, settings, address }): Promise<Diagnosis> => {
    const checks = await diagnose({ id, settings, intervalMs: config.collect[settings.kind] }, tools)
    return { source: id, kind: settings.kind, address, checks }
  })
  // All at once, told in their order.
  const diagnoses: Diagnosis[] = []
  for (const one of found) {
    const diagnosis = await one
    io.interrupt.throwIfAborted()
    diagnoses.push(diagnosis)
    if (!isBody(session.output)) session.write(diagnosisText(session, diagnosis))
  }
  const failed = diagnoses.filter(({ checks }) => checks.some(({ state }) => state === 'failed'))
  if (isBody(session.output)) await printBody(session, { sources: diagnoses, failed: failed.length })
  return failed.length === 0 ? EXIT.done : EXIT.failed
}

async function chosenSources(
  config: Config,
  wanted: readonly string[],
  note: (text: string) => void,
): Promise<Config['sources']> {
  const { tried, sources } = await sourcesOf(config)
  if (sources.length === 0)
    throw new CliFailure(
      EXIT.notFound,
      'there is no source to check: none is configured, and none listens on the usual local ports',
      ['`sluice init` writes a sluice.yaml; `sluice demo` shows a shop at work'],
    )
  if (tried.length > 0) note('no sluice.yaml: these were found on the usual local ports')
  return wanted.length === 0 ? sources : wanted.map((name) => namedSource(sources, name))
}

function namedSource(sources: Config['sources'], name: string): Config['sources'][number] {
  const found = sources.find(({ id }) => id === name)
  if (found) return found
  const known = sources.map(({ id }) => id)
  throw new CliFailure(EXIT.notFound, `there is no source "${inert(name)}": ${hint(name, known, 'there are')}`)
}

const SEVERITIES = { ok: 'fine', warning: 'warning', failed: 'critical', skipped: 'unknown' } as const
const STEP_WIDTH = 8

function diagnosisText({ out }: Session, { source, address, checks }: Diagnosis): string {
  if (!out.isTty) {
    const rows = checks.map(({ step, state, found, remedy }) => [source, step, state, found, remedy ?? ''])
    return rows.map((cells) => `${cells.map(inert).join('\t')}\n`).join('')
  }
  const lines: Line[] = [
    [
      { text: inert(source), tone: 'strong' },
      { text: `  ${inert(address)}`, tone: 'dim' },
    ],
  ]
  for (const { step, state, found, remedy } of checks) {
    if (state === 'skipped') continue
    lines.push([
      { text: `  ${out.glyphs.severity[SEVERITIES[state]]} `, tone: SEVERITIES[state] },
      { text: `${step.padEnd(STEP_WIDTH)} ` },
      { text: inert(found) },
    ])
    if (remedy !== null) lines.push([{ text: `${' '.repeat(STEP_WIDTH + 5)}${inert(remedy)}`, tone: 'strong' }])
  }
  return `${paintLines(lines, out)}\n`
}
