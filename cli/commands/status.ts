import type { ControlList } from '../../server/api/control.ts'
import type { OverviewBody } from '../../server/api/overview.ts'
import { listPath, OVERVIEW_PATH } from '../../server/api/paths.ts'
import type { SourceList } from '../../server/api/source.ts'
import type { CellContext } from '../columns/column.ts'
import { SOURCE_COLUMNS } from '../columns/source-columns.ts'
import { controlWords } from '../describe/preview.ts'
import { EXIT, type ExitCode, usage } from '../exit.ts'
import { phaseCell, phaseGlyph } from '../format/control-words.ts'
import { hasUnknown } from '../format/fresh.ts'
import { SEVERITY_TONE } from '../format/glyphs.ts'
import { inert } from '../format/inert.ts'
import type { Line } from '../format/line.ts'
import { tableLines, tableText } from '../format/table.ts'
import { isDocument, paintLines, printBody } from '../print.ts'
import type { Session } from '../session.ts'

/** The verdict, what burns, and one line for each source. As JSON it is the overview, whole. */
export async function status(session: Session, { exitCode }: { exitCode?: boolean }): Promise<ExitCode> {
  if (session.fields) throw usage('--fields: status has no columns; use `sluice list sources --fields …`')
  const { api, output, out } = session
  const isRows = output !== 'name' && output !== 'jsonl' && !isDocument(output)
  const [overview, sources, controls] = await Promise.all([
    api.get<OverviewBody>(OVERVIEW_PATH),
    isRows ? api.get<SourceList>(listPath('sources', { limit: 200 })) : null,
    isRows && out.isTty ? livingControls(session) : [],
  ])
  if (output === 'name') session.write(overview.sources.map(({ source }) => `${inert(source)}\n`).join(''))
  else if (!sources) await printBody(session, overview)
  else {
    const context: CellContext = { exact: false, nowMs: overview.asOfMs, glyphs: out.glyphs }
    if (output === 'plain' || !out.isTty) session.write(statusText(overview, sources, context))
    else {
      const columns = SOURCE_COLUMNS.filter(({ show }) => show === 'always' || (output === 'wide' && show === 'wide'))
      const table = tableLines(columns, sources.items, { ...context, width: output === 'wide' ? null : out.width })
      const empty = sources.items.length === 0
      session.write(
        paintLines([...verdictLines(overview, context), ...controls, ...(empty ? [] : [[], ...table])], out),
      )
    }
  }
  return exitCode ? conditionOf(overview) : EXIT.done
}

/** What is paused, throttled or limited by a person: the first guess when something stands still. */
async function livingControls({ api, out: { glyphs } }: Session): Promise<Line[]> {
  try {
    const body = await api.get<ControlList>(listPath('controls', { state: 'living', limit: CONTROLS_SHOWN }))
    const lines = body.items.map((row): Line => {
      const phase = phaseCell(row, glyphs)
      return [
        { text: '  ' },
        { ...phase, text: phaseGlyph(row.phase, row.order, glyphs) },
        { text: ` ${inert(row.target)}`, tone: 'strong' },
        { text: `  ${controlWords(row, body.asOfMs)}` },
      ]
    })
    const more = body.total - body.items.length
    return more > 0 ? [...lines, [{ text: `    and ${more} more: sluice controls list`, tone: 'dim' }]] : lines
  } catch {
    // The verdict is told even where this is not: it is the server's own judgement.
    return []
  }
}

const CONTROLS_SHOWN = 10

/** 10 when something is known to be wrong, 7 when that cannot be told, 0 when all is seen and nothing is wrong. */
export function conditionOf(overview: OverviewBody): ExitCode {
  const { severity } = overview.verdict
  if (severity === 'critical' || severity === 'warning') return EXIT.condition
  return hasUnknown(overview) || severity === 'unknown' ? EXIT.unreachable : EXIT.done
}

function verdictLines({ verdict, fires, firesTotal }: OverviewBody, { glyphs }: CellContext): Line[] {
  const tone = SEVERITY_TONE[verdict.severity]
  const lines: Line[] = [
    [
      { text: `${glyphs.severity[verdict.severity]} `, tone },
      { text: inert(verdict.sentence), tone: 'strong' },
    ],
  ]
  for (const fire of fires) {
    const mark = { text: `  ${glyphs.severity[fire.severity]} `, tone: SEVERITY_TONE[fire.severity] }
    lines.push([mark, { text: inert(fire.ref), tone: 'strong' }, { text: `  ${inert(fire.reasons.join('; '))}` }])
  }
  if (firesTotal > fires.length)
    lines.push([{ text: `    and ${firesTotal - fires.length} more: sluice list queues --faults`, tone: 'dim' }])
  return lines
}

/** For pipes: the verdict as a row of its own, then the sources. */
function statusText({ verdict }: OverviewBody, sources: SourceList, context: CellContext): string {
  const columns = SOURCE_COLUMNS.filter(({ show }) => show === 'always')
  return `${verdict.severity}\t${inert(verdict.sentence)}\n${tableText(columns, sources.items, context)}`
}
