import type { Board } from '../../board/board.ts'
import type { Derivation } from '../../board/derive.ts'
import { parseReference } from '../../domain/reference.ts'

export const TREND_POINTS = 60

type Histories = 'queueHistory' | 'topicHistory' | 'groupHistory'

/** The rows with the points of one series over the last hour: only ever for the rows of one window. */
export function withTrend<Row extends { ref: string; source: string }>(
  board: Board,
  rows: readonly Row[],
  histories: Histories,
  series: string,
): Row[] {
  return rows.map((row) => ({ ...row, trend: trendOf(board, row, { histories, series }) }))
}

export function trendOf(
  board: Board,
  { ref, source }: { ref: string; source: string },
  { histories, series }: { histories: Histories; series: string },
): (number | null)[] | null {
  const history: Derivation[Histories] | undefined = board.source(source)?.derivation[histories]
  return history?.points(tailOf(ref), series, { nowMs: board.clock.nowMs(), count: TREND_POINTS }) ?? null
}

export function tailOf(ref: string): string {
  return parseReference(ref)?.tail ?? ''
}
