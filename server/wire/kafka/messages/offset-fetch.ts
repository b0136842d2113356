import { api } from '../message.ts'
import { array, bool, int16, int32, listOf, nullableArray, nullableString, offset, string } from '../schema.ts'

const asked = { name: string(), partitionIndexes: listOf('int32') }

const told = {
  name: string(),
  partitions: array({
    partitionIndex: int32(),
    /** Whatever was committed, also a negative one or one past the end; null = beyond 2^53 − 1. */
    committedOffset: offset(),
    committedLeaderEpoch: int32({ from: 5, absent: -1 }),
    metadata: nullableString(),
    errorCode: int16(),
  }),
}

/** Up to v7 one group a request; from v8 many. Null topics (v2+) = all that the group has a commit for. */
export const offsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  minVersion: 1,
  maxVersion: 9,
  flexibleFrom: 6,
  request: {
    groupId: string({ to: 7 }),
    topics: nullableArray(asked, { to: 7, nullableFrom: 2 }),
    groups: array(
      {
        groupId: string(),
        memberId: nullableString({ from: 9 }),
        memberEpoch: int32({ from: 9, absent: -1 }),
        topics: nullableArray(asked),
      },
      { from: 8 },
    ),
    requireStable: bool({ from: 7 }),
  },
  response: {
    throttleTimeMs: int32({ from: 3 }),
    topics: array(told, { to: 7 }),
    errorCode: int16({ from: 2, to: 7 }),
    groups: array({ groupId: string(), topics: array(told), errorCode: int16() }, { from: 8 }),
  },
})
