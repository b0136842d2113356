import { api } from '../message.ts'
import {
  array,
  int8,
  int16,
  int32,
  int64,
  listOf,
  nullableArray,
  nullableBytes,
  nullableString,
  string,
} from '../schema.ts'

/** Up to v12, the last that names topics by name. */
export const fetch = api({
  key: 1,
  name: 'Fetch',
  minVersion: 4,
  maxVersion: 12,
  flexibleFrom: 12,
  request: {
    clusterId: nullableString({ from: 12, tag: 0 }),
    replicaId: int32({ absent: -1 }),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32(),
    isolationLevel: int8(),
    sessionId: int32({ from: 7 }),
    /** −1 = no fetch session. */
    sessionEpoch: int32({ from: 7, absent: -1 }),
    topics: array({
      topic: string(),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32({ from: 9, absent: -1 }),
        fetchOffset: int64(),
        lastFetchedEpoch: int32({ from: 12, absent: -1 }),
        logStartOffset: int64({ from: 5, absent: -1 }),
        /** The first batch of the first partition that has one is returned whole, however small this is. */
        partitionMaxBytes: int32(),
      }),
    }),
    forgottenTopicsData: array({ topic: string(), partitions: listOf('int32') }, { from: 7 }),
    rackId: string({ from: 11 }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16({ from: 7 }),
    sessionId: int32({ from: 7 }),
    responses: array({
      topic: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        highWatermark: int64(),
        lastStableOffset: int64(),
        logStartOffset: int64({ from: 5, absent: -1 }),
        abortedTransactions: nullableArray({ producerId: int64(), firstOffset: int64() }),
        preferredReadReplica: int32({ from: 11, absent: -1 }),
        records: nullableBytes(),
      }),
    }),
  },
})
