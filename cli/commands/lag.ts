import type { ListBody } from '../../server/api/freshness.ts'
import type { GroupBody, GroupRow } from '../../server/api/group.ts'
import { onePath } from '../../server/api/paths.ts'
import { parseDuration } from '../../server/domain/duration.ts'
import { parseReference, type Reference } from '../../server/domain/reference.ts'
import type { Column } from '../columns/column.ts'
import { GROUP_COLUMNS } from '../columns/group-columns.ts'
import { type LagBy, lagColumns, lagRows } from '../columns/lag-columns.ts'
import { isPartial } from '../describe/subject.ts'
import { CliFailure, EXIT, type ExitCode, usage } from '../exit.ts'
import { hasUnknown, lateSources } from '../format/fresh.ts'
import { inert } from '../format/inert.ts'
import { checkFields, printListing } from '../print.ts'
import type { Session } from '../session.ts'

export interface LagOptions {
  readonly by?: LagBy
  readonly max?: LagMax
  readonly exitCode?: boolean
}

/** The lag that is still accepted: so many records, or so long. */
export type LagMax = { readonly records: number } | { readonly ms: number }

/** Groups read one by one for --by: more is a list nobody reads, and a request each. */
const GROUPS_MAX = 100
const LOOK_MS = 4_000
const LOOK_AGAIN_MS = 400

/** How far consumer groups are behind: those named, or all; the worst first. */
export async function lag(session: Session, names: readonly string[], options: LagOptions): Promise<ExitCode> {
  if (!options.by) checkFields(GROUP_COLUMNS, session.fields)
  const chosen = await choose(session, names)
  const { by, max, exitCode } = options
  const items = max ? chosen.items.filter((row) => isOver(row, max) !== false) : chosen.items
  for (const line of lateSources(kafkaOnly(chosen))) session.note(line)
  if (by) await printDetail(session, { chosen: { ...chosen, items }, by })
  else {
    const body = { ...chosen, items }
    const columns = GROUP_COLUMNS as readonly Column<GroupRow>[]
    await printListing(session, { body, rows: items, columns, nameOf: ({ ref }) => ref })
  }
  if (chosen.items.length === 0) session.note('no consumer groups')
  return exitCode ? conditionOf(chosen, max ?? null) : EXIT.done
}

/** `10k`, `2500`, `5m`, `90s`. A bare number or k, M, G counts records; m is minutes, M is millions. */
export function parseLagMax(text: string): LagMax | null {
  const counted = /^(\d+(?:\.\d+)?)(k|M|G)?$/.exec(text)
  if (counted) {
    const scale = { k: 1e3, M: 1e6, G: 1e9 }[counted[2] ?? ''] ?? 1
    return { records: Number(counted[1]) * scale }
  }
  const ms = parseDuration(text)
  return ms === null ? null : { ms }
}

/** True, false, or null when the figure is not known or its source is stale. */
function isOver(row: GroupRow, max: LagMax): boolean | null {
  const value = 'records' in max ? row.lag : row.lagMs
  if (value === null || row.severity === 'unknown') return null
  return value > ('records' in max ? max.records : max.ms)
}

/** 10 when a group is known to be over, 7 when that cannot be told of one, else 0. */
function conditionOf(body: ListBody<GroupRow>, max: LagMax | null): ExitCode {
  const judged = body.items.map((row) => {
    if (max) return isOver(row, max)
    if (row.severity === 'unknown') return null
    return row.severity === 'critical' || row.severity === 'warning'
  })
  if (judged.includes(true)) return EXIT.condition
  return judged.includes(null) || (body.items.length === 0 && hasUnknown(kafkaOnly(body)))
    ? EXIT.unreachable
    : EXIT.done
}

async function choose({ api }: Session, names: readonly string[]): Promise<ListBody<GroupRow>> {
  const everything = { offset: 0, limit: Number.POSITIVE_INFINITY }
  if (names.length === 0) return api.list<GroupRow>('groups', { sort: '-lagMs' }, everything)
  const lists = await Promise.all(
    names.map(async (name) => {
      const source = sourceIn(name)
      const filter = groupNameIn(name).slice(0, 256)
      return { name, body: await api.list<GroupRow>('groups', { filter, source, sort: '-lagMs' }, everything) }
    }),
  )
  const found = new Map<string, GroupRow>()
  for (const { name, body } of lists) for (const row of named(name, body.items)) found.set(row.ref, row)
  const [first] = lists
  if (!first) throw usage('name a group')
  return { ...first.body, total: found.size, offset: 0, items: [...found.values()] }
}

/** The groups that one argument names: a glob any number, a name exactly one. */
function named(name: string, rows: readonly GroupRow[]): readonly GroupRow[] {
  if (name.includes('*')) return rows
  const reference = referenceOf(name)
  const same = rows.filter((row) =>
    reference ? row.ref === `group/${reference.source}/${reference.tail}` : row.name === name,
  )
  if (same.length === 1) return same
  const near = (same.length > 1 ? same : rows).slice(0, 8).map((row) => `  ${row.ref}`)
  if (same.length > 1)
    throw new CliFailure(EXIT.notFound, `more than one group is called "${inert(name)}"; which one?`, near)
  const hint = near.length > 0 ? '; did you mean' : '; `sluice list groups` shows what there is'
  throw new CliFailure(EXIT.notFound, `no group is called "${inert(name)}"${hint}`, near)
}

/** `group/source/name` and `source/name`; null for a bare name. */
function referenceOf(name: string): Reference | null {
  return name.includes('/') ? parseReference(name.startsWith('group/') ? name : `group/${name}`) : null
}

function sourceIn(name: string): string | undefined {
  return referenceOf(name)?.source
}

/** What to filter by: a substring that finds the group, or the glob as it was typed. */
function groupNameIn(name: string): string {
  if (name.includes('*')) return `*${name.replace(/^group\//, '')}`
  return referenceOf(name)?.tail ?? name
}

async function printDetail(session: Session, { chosen, by }: { chosen: ListBody<GroupRow>; by: LagBy }): Promise<void> {
  const columns = lagColumns(by)
  checkFields(columns, session.fields)
  if (chosen.items.length > GROUPS_MAX) {
    throw usage(
      `--by ${by} reads each group: name at most ${GROUPS_MAX} of these ${chosen.items.length}, or narrow with --max`,
    )
  }
  const bodies: GroupBody[] = []
  for (const { ref } of chosen.items) bodies.push(await readGroup(session, ref, by))
  for (const { group, positions, positionsTotal } of bodies) {
    if (positions.length < positionsTotal) {
      session.note(`${inert(group.ref)}: the worst ${positions.length} of ${positionsTotal} partitions`)
    }
  }
  const { output } = session
  if (output === 'json' || output === 'yaml' || output === 'jsonl') {
    const body = { ...chosen, items: bodies }
    return printListing(
      { ...session, fields: null },
      { body, rows: bodies, columns: [], nameOf: ({ group }) => group.ref },
    )
  }
  const rows = bodies.flatMap((body) => lagRows(body, by))
  return printListing(session, { body: chosen, rows, columns, nameOf: ({ group }) => group })
}

async function readGroup({ api }: Session, ref: string, by: LagBy): Promise<GroupBody> {
  const reference = parseReference(ref)
  const path = onePath('groups', reference?.source ?? '', reference?.tail ?? '')
  let body = await api.get<GroupBody>(path)
  // Members are read while somebody looks: the next refresh has them.
  for (let waitedMs = 0; by === 'member' && waitedMs < LOOK_MS && isPartial('group', body); waitedMs += LOOK_AGAIN_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
    body = await api.get<GroupBody>(path)
  }
  return body
}

function kafkaOnly<Body extends ListBody<GroupRow>>(body: Body): Body {
  return { ...body, sources: body.sources.filter(({ kind }) => kind === 'kafka') }
}
