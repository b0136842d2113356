import { api } from '../message.ts'
import { array, bool, int8, int16, int32, listOf, nullableString, string, struct, uuid } from '../schema.ts'

const assignment = { topicPartitions: array({ topicId: uuid(), topicName: string(), partitions: listOf('int32') }) }

/** Groups of the consumer protocol (KIP-848). 3.9 advertises it and may still answer 35 per group. */
export const consumerGroupDescribe = api({
  key: 69,
  name: 'ConsumerGroupDescribe',
  minVersion: 0,
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
        instanceId: nullableString(),
        rackId: nullableString(),
        memberEpoch: int32(),
        clientId: string(),
        clientHost: string(),
        subscribedTopicNames: listOf('string'),
        subscribedTopicRegex: nullableString(),
        assignment: struct(assignment),
        targetAssignment: struct(assignment),
        memberType: int8({ from: 1, absent: -1 }),
      }),
      authorizedOperations: int32({ absent: -2147483648 }),
    }),
  },
})
