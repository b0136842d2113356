import { api } from '../message.ts'
import { array, bool, bytes, int16, int32, listOf, nullableString, string } from '../schema.ts'

/** Classic groups only: of a live group of another kind it says `Dead`, up to v5 without an error. */
export const describeGroups = api({
  key: 15,
  name: 'DescribeGroups',
  minVersion: 0,
  maxVersion: 6,
  flexibleFrom: 5,
  request: { groups: listOf('string'), includeAuthorizedOperations: bool({ from: 3 }) },
  response: {
    throttleTimeMs: int32({ from: 1 }),
    groups: array({
      errorCode: int16(),
      errorMessage: nullableString({ from: 6 }),
      groupId: string(),
      groupState: string(),
      protocolType: string(),
      /** The assignor that the members agreed on. */
      protocolData: string(),
      members: array({
        memberId: string(),
        groupInstanceId: nullableString({ from: 4 }),
        clientId: string(),
        clientHost: string(),
        memberMetadata: bytes(),
        /** Filled only while the group is Stable; see `decodeAssignment`. */
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32({ from: 3, absent: -2147483648 }),
    }),
  },
})
