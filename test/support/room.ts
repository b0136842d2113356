import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Board } from '../../server/board/board.ts'
import { type ControlRoom, openControlRoom } from '../../server/board/control-room.ts'
import type { Clock } from '../../server/domain/clock.ts'
import type { MemorySource } from './memory-source.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

export interface TestRoom extends ControlRoom {
  /** Reads the sources, as a collector would. */
  collect(): void
  readonly folder: string
}

/** A control room around sources in memory; its ledger lies in a folder that is removed with it, unless one is given. */
export async function openRoom(
  clock: Clock,
  sources: readonly MemorySource[],
  given: { readonly folder?: string; readonly ids?: readonly string[] } = {},
): Promise<TestRoom> {
  const folder = given.folder ?? mkdtempSync(join(tmpdir(), 'sluice-room-'))
  const ids = given.ids ?? sources.map(({ id }) => id)
  const board = new Board({
    clock,
    objective: { queueWaitMs: 60_000, groupLagMs: 60_000 },
    sources: ids.map((id) => ({ id, kind: 'redis' as const, address: 'redis://h', intervalMs: 60_000 })),
  })
  const collect = () => {
    for (const source of sources) board.accept(source.snapshot(), { intervalMs: 60_000, nextTryAtMs: 0 })
  }
  const actable = sources.map((source) => ({ id: source.id, controls: source, jobs: source, refresh: () => {} }))
  const room = await openControlRoom({ board, folder, clock, log: SILENT, sources: actable })
  const close = async () => {
    await room.close()
    if (given.folder === undefined) rmSync(folder, { recursive: true })
  }
  return { ...room, collect, folder, close }
}
