import type { Command } from '../command.ts'
import { streamClaims } from './stream-claim.ts'
import { streamEntries } from './stream-entries.ts'
import { streamGroups } from './stream-groups.ts'
import { streamInfo } from './stream-info.ts'
import { streamReads } from './stream-read.ts'

/** Everything about streams. */
export const streams: readonly Command[] = [
  ...streamEntries,
  ...streamReads,
  ...streamGroups,
  ...streamClaims,
  ...streamInfo,
]
