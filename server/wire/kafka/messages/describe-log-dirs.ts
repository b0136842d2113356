import { api } from '../message.ts'
import { array, bool, int16, int32, int64, listOf, nullableArray, string } from '../schema.ts'

export const describeLogDirs = api({
  key: 35,
  name: 'DescribeLogDirs',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 2,
  request: {
    /** Null = all topics. */
    topics: nullableArray({ topic: string(), partitions: listOf('int32') }),
  },
  response: {
    throttleTimeMs: int32(),
    errorCode: int16({ from: 3 }),
    results: array({
      errorCode: int16(),
      logDir: string(),
      topics: array({
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          partitionSize: int64(),
          offsetLag: int64(),
          /** A copy on its way to another directory: not counted twice. */
          isFutureKey: bool(),
        }),
      }),
      totalBytes: int64({ from: 4, absent: -1 }),
      usableBytes: int64({ from: 4, absent: -1 }),
    }),
  },
})
