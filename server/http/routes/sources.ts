import type { SourceBody, SourceList, SourceRow } from '../../api/source.ts'
import type { Board, Held } from '../../board/board.ts'
import { ageOf } from '../../board/standing.ts'
import { windowOf } from '../../board/window.ts'
import { judgeSource } from '../../rules/source.ts'
import type { Asked } from '../answer.ts'
import { ProblemError } from '../problem-error.ts'
import { asUnknown, freshnessOf, unknownReason } from './lookup.ts'

export function listSources(board: Board, { query }: Asked<'sources'>): SourceList {
  const rows = board.held
    .filter(({ id, kind }) => (query.source ?? id) === id && (query.kind ?? kind) === kind)
    .map((held) => sourceRow(board, held))
  const window = windowOf(rows, { ...query, sort: query.sort ?? 'source' }, (row, field) => Reflect.get(row, field))
  return { ...freshnessOf(board), ...window }
}

export function answerSource(board: Board, { params }: Asked<'source'>): SourceBody {
  const held = board.source(params.source)
  if (!held) {
    const candidates = board.held.map(({ id }) => id).slice(0, 20)
    throw new ProblemError('not-found', `No source is called "${params.source}"`, { candidates })
  }
  return {
    ...freshnessOf(board),
    source: sourceRow(board, held),
    address: held.address,
    nodes: (held.snapshot?.nodes ?? []).map((node) => ({ ...node, alarms: [...node.alarms] })),
    gapList: (held.snapshot?.gaps ?? []).map((gap) => ({ ...gap })),
  }
}

export function sourceRow(board: Board, held: Held): SourceRow {
  const { snapshot, standing, id } = held
  const judgement = judgeSource(snapshot?.nodes ?? [], snapshot?.gaps ?? [])
  const row: SourceRow = {
    ...ageOf(standing, board.clock.monotonicMs()),
    ref: id,
    severity: judgement.severity,
    reasons: [...judgement.reasons],
    systems: (snapshot?.systems ?? []).map(({ name, version, cannotTell }) => ({
      name,
      version,
      cannotTell: { ...cannotTell },
    })),
    queues: snapshot?.queues.length ?? null,
    topics: snapshot?.topics.length ?? null,
    groups: snapshot?.groups.length ?? null,
    workers: snapshot?.workers.length ?? null,
    tookMs: snapshot ? Math.round(snapshot.tookMs * 10) / 10 : null,
    commands: snapshot?.cost.commands ?? null,
    bytesSent: snapshot?.cost.bytesSent ?? null,
    bytesRead: snapshot?.cost.bytesRead ?? null,
  }
  return asUnknown(row, unknownReason(board, held))
}
