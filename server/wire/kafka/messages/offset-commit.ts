import { api } from '../message.ts'
import { array, int16, int32, int64, nullableString, string } from '../schema.ts'

export const offsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  minVersion: 2,
  maxVersion: 9,
  flexibleFrom: 8,
  request: {
    groupId: string(),
    /** −1 with an empty member id: from outside, accepted only while the group has no members. */
    generationIdOrMemberEpoch: int32({ absent: -1 }),
    memberId: string(),
    groupInstanceId: nullableString({ from: 7 }),
    retentionTimeMs: int64({ to: 4, absent: -1 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32({ from: 6, absent: -1 }),
        committedMetadata: nullableString(),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32({ from: 3 }),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
  },
})
