import { api } from '../message.ts'
import { array, bool, int16, int32, listOf, nullableString, string, struct, uuid } from '../schema.ts'

/** Share groups (KIP-932). */
export const shareGroupDescribe = api({
  key: 77,
  name: 'ShareGroupDescribe',
  minVersion: 1,
  maxVersion: 1,
  flexibleFrom: 0,
  request: { groupIds: listOf('string'), includeAuthorizedOperations: bool() },
  response: {
    throttleTimeMs: int32(),
    groups: array({
      errorCode: int16(),
      errorMessage: nullableString(),
      groupId: string(),
      groupState: string(),
      groupEpoch: int32(),
      assignmentEpoch: int32(),
      assignorName: string(),
      members: array({
        memberId: string(),
        rackId: nullableString(),
        memberEpoch: int32(),
        clientId: string(),
        clientHost: string(),
        subscribedTopicNames: listOf('string'),
        assignment: struct({
          topicPartitions: array({ topicId: uuid(), topicName: string(), partitions: listOf('int32') }),
        }),
      }),
      authorizedOperations: int32({ absent: -2147483648 }),
    }),
  },
})
