import { api } from '../message.ts'
import { array, int8, int16, int32, int64, offset, string } from '../schema.ts'

/** Special timestamps of ListOffsets. */
export const LATEST = -1
export const EARLIEST = -2

export const listOffsets = api({
  key: 2,
  name: 'ListOffsets',
  minVersion: 1,
  maxVersion: 7,
  flexibleFrom: 6,
  request: {
    replicaId: int32({ absent: -1 }),
    /** 0 = the end is the high watermark, 1 = the last stable offset. */
    isolationLevel: int8({ from: 2 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        currentLeaderEpoch: int32({ from: 4, absent: -1 }),
        timestamp: int64(),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32({ from: 2 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        timestamp: int64({ absent: -1 }),
        /** −1 = no such record; null = beyond 2^53 − 1. */
        offset: offset({ absent: -1 }),
        leaderEpoch: int32({ from: 4, absent: -1 }),
      }),
    }),
  },
})
