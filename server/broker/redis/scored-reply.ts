import { DoubleReply, type Reply } from './reply.ts'

/** Members with their scores: flat in RESP2, pairs in RESP3. */
export function scoredReply(members: readonly string[], scores: readonly number[], protocol: 2 | 3): Reply {
  if (protocol === 3) return pairsReply(members, scores)
  const replies: Reply[] = []
  for (let i = 0; i < members.length; i++) {
    replies.push(members[i] as string, new DoubleReply(scores[i] as number))
  }
  return replies
}

/** Always pairs: what the ZMPOP family answers. */
export function pairsReply(members: readonly string[], scores: readonly number[]): Reply {
  const pairs: Reply[] = []
  for (let i = 0; i < members.length; i++) pairs.push([members[i] as string, new DoubleReply(scores[i] as number)])
  return pairs
}
