import { api } from '../message.ts'
import { array, bool, int16, int32, listOf, nullableArray, nullableString, string, uuid } from '../schema.ts'

/** What an operations field holds when it was not asked for. */
export const OPERATIONS_NOT_ASKED = -2147483648

export const metadata = api({
  key: 3,
  name: 'Metadata',
  minVersion: 1,
  maxVersion: 10,
  flexibleFrom: 9,
  request: {
    /** Null = all topics, [] = none. A name that does not exist may be created by asking for it: ask for all. */
    topics: nullableArray({ topicId: uuid({ from: 10 }), name: string() }, { nullableFrom: 1 }),
    allowAutoTopicCreation: bool({ from: 4 }),
    includeClusterAuthorizedOperations: bool({ from: 8 }),
    includeTopicAuthorizedOperations: bool({ from: 8 }),
  },
  response: {
    throttleTimeMs: int32({ from: 3 }),
    brokers: array({ nodeId: int32(), host: string(), port: int32(), rack: nullableString() }),
    clusterId: nullableString({ from: 2 }),
    controllerId: int32(),
    topics: array({
      errorCode: int16(),
      name: string(),
      topicId: uuid({ from: 10 }),
      isInternal: bool(),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32({ from: 7, absent: -1 }),
        replicaNodes: listOf('int32'),
        isrNodes: listOf('int32'),
        offlineReplicas: listOf('int32', { from: 5 }),
      }),
      topicAuthorizedOperations: int32({ from: 8, absent: OPERATIONS_NOT_ASKED }),
    }),
    /** Bit per operation of the ACL model: 8 = DESCRIBE. */
    clusterAuthorizedOperations: int32({ from: 8, absent: OPERATIONS_NOT_ASKED }),
  },
})
