import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisBroker, redisBroker } from '../../server/broker/index.ts'
import { type StartedRedis, startRedis } from '../brokers/redis.ts'
import { eventually } from '../support/eventually.ts'
import { openRaw, type RawRedis } from '../support/raw-resp.ts'

let redis: StartedRedis
let embedded: RedisBroker
beforeAll(async () => {
  redis = await startRedis()
  embedded = await redisBroker()
})
afterAll(async () => {
  await embedded?.close()
  await redis?.stop()
})

/** Clients a to d; `>` waits, and is answered by a later line. */
const scenarios: Readonly<Record<string, readonly string[]>> = {
  'of several keys at once the first that changed': [
    'a> bzpopmin x y 0',
    'b> blmpop 0 2 p q left',
    'd: multi',
    'd: zadd y 1 a',
    'd: zadd x 1 b',
    'd: rpush q 1',
    'd: rpush p 2',
    'd: exec',
    'd: exists x y p q',
  ],
  'the first that waits is served first': ['a> blpop k 0', 'b> blpop k 0', 'd: rpush k 1 2 3', 'd: lrange k 0 -1'],
  'one push serves as many as it has items': [
    'a> blpop k 0',
    'b> brpop k 0',
    'c> blpop k 0',
    'd: rpush k 1 2',
    'd: rpush k 3',
  ],
  'the key that came first is served first, whatever the order in the command': [
    'a> blpop x y 0',
    'd: multi',
    'd: rpush y 1',
    'd: rpush x 2',
    'd: exec',
    'd: lrange y 0 -1',
  ],
  'a transaction that takes back what it gave wakes nobody': [
    'a> blpop k 0',
    'd: multi',
    'd: rpush k 1',
    'd: del k',
    'd: exec',
    'd: rpush k 2',
  ],
  'a key of another type wakes nobody': ['a> blpop k 0', 'd: set k 1', 'd: del k', 'd: rpush k 2'],
  'a sorted set does not serve who waits for a list': [
    'a> blpop k 0',
    'b> bzpopmin k 0',
    'd: zadd k 1 m',
    'd: rpush k x',
  ],
  'a move hands on to who waits at its end': [
    'a> blmove x y left right 0',
    'b> blpop y 0',
    'd: rpush x 1',
    'd: exists x y',
  ],
  'a chain of moves ends where it began': [
    'a> brpoplpush x y 0',
    'b> brpoplpush y x 0',
    'd: rpush x 1',
    'd: lrange x 0 -1',
    'd: lrange y 0 -1',
  ],
  'a target of another type is an error for who waited': [
    'a> blmove x w left right 0',
    'd: set w 1',
    'd: rpush x 1',
    'd: lrange x 0 -1',
  ],
  'many at once': ['a> blmpop 0 2 x y right count 2', 'd: rpush y 1 2 3', 'd: lrange y 0 -1'],
  'the lowest and the highest': [
    'a> bzpopmin k 0',
    'b> bzpopmax k 0',
    'c> bzmpop 0 1 k min count 2',
    'd: zadd k 1 a 2 b 3 c 4 d',
    'd: zrange k 0 -1',
  ],
  'RENAME wakes': ['a> blpop k 0', 'd: rpush other 1', 'd: rename other k', 'd: exists k'],
  'ZUNIONSTORE and ZRANGESTORE wake': [
    'a> bzpopmin k 0',
    'b> bzpopmin j 0',
    'd: zadd z 1 m 2 n',
    'd: zunionstore k 1 z',
    'd: zrangestore j z 1 1',
  ],
  'LINSERT, LMOVE and RPOPLPUSH feed who waits': [
    'a> blpop k 0',
    'd: rpush l 1',
    'd: lmove l k left left',
    'b> blpop k 0',
    'd: rpush l 2',
    'd: rpoplpush l k',
  ],
  'who waits several times for one key is served once': ['a> blpop k k k 0', 'd: rpush k 1 2', 'd: lrange k 0 -1'],
  'a script feeds who waits': ['a> blpop k 0', "d: eval return(redis.call('rpush','k','1','2')) 0", 'd: lrange k 0 -1'],
  'a push of many from the left is taken after all of it is there': [
    'a> blpop k 0',
    'd: lpush k 1 2 3',
    'd: lrange k 0 -1',
  ],
  'the end of the time of a stream is heard by who reads for a group': [
    'd: xgroup create s g $ mkstream',
    'a> xreadgroup group g c block 0 streams s >',
    'd: pexpire s 20',
  ],
  'the end of the time of a string wakes nobody': ['a> blpop k 0.5', 'd: set k 1 px 20'],
  'XREAD of several streams answers from the one that changed first': [
    'a> xread block 0 streams x y $ $',
    'd: multi',
    'd: xadd y 1-1 f 1',
    'd: xadd x 2-1 f 2',
    'd: exec',
  ],
  'XREADGROUP of several streams answers from the one that changed first': [
    'd: xgroup create x g $ mkstream',
    'd: xgroup create y g $ mkstream',
    'a> xreadgroup group g c block 0 streams x y > >',
    'd: multi',
    'd: xadd y 1-1 f 1',
    'd: xadd x 2-1 f 2',
    'd: exec',
    'd: xpending x g',
    'd: xpending y g',
  ],
  'XREADGROUP hears that a string took the place of its stream': [
    'd: xgroup create x g $ mkstream',
    'd: xgroup create y g $ mkstream',
    'a> xreadgroup group g c block 0 streams x y > >',
    'd: set y 1',
  ],
  'XREADGROUP hears of the end of any of its streams': [
    'd: xgroup create x g $ mkstream',
    'd: xgroup create y g $ mkstream',
    'a> xreadgroup group g c block 0 streams x y > >',
    'd: del y',
  ],
  'XREADGROUP hears of the end of any of its groups': [
    'd: xgroup create x g $ mkstream',
    'd: xgroup create y g $ mkstream',
    'a> xreadgroup group g c block 0 streams x y > >',
    'd: xgroup destroy y g',
  ],
  'XREAD hears nothing of a string in the place of its stream': [
    'd: xadd y 1-1 f 1',
    'a> xread block 0 streams x y $ $',
    'd: set y 1',
    'd: xadd x 2-1 f 2',
  ],
  'XREAD of one stream twice answers from the first id': [
    'd: xadd x 1-1 f 1',
    'a> xread block 0 streams x x 7-1 5-1',
    'd: xadd x 6-1 f 1',
    'd: xadd x 8-1 f 1',
  ],
  'SPOP, SMOVE and the like wake nobody': ['a> blpop k 0', 'd: sadd s 1', 'd: smove s k 1', 'd: del k', 'd: rpush k v'],
}

async function transcript(port: number, protocol: string, lines: readonly string[]): Promise<readonly string[]> {
  const clients = new Map<string, RawRedis>()
  for (const name of 'abcd') clients.set(name, await openRaw(port))
  const answers: Promise<string>[] = []
  try {
    for (const [name, client] of clients) await client.ask([['HELLO', protocol, 'SETNAME', name]])
    const watcher = clients.get('d')!
    await watcher.ask([['FLUSHALL']])
    for (const line of lines) {
      const answer = clients.get(line[0]!)!.ask([line.slice(3).split(' ')])
      answers.push(answer.then(([reply]) => `${line} ${JSON.stringify(reply)}`))
      if (line[1] === ':') await answer
      else await waits(watcher, line[0]!)
    }
    return await Promise.all(answers)
  } finally {
    for (const client of clients.values()) client.close()
  }
}

/** Until the client of that name is listed as one that waits. */
async function waits(watcher: RawRedis, name: string): Promise<void> {
  await eventually(async () => {
    const [list = ''] = await watcher.ask([['CLIENT', 'LIST']])
    expect(list).toMatch(new RegExp(`name=${name} .*flags=b`))
  })
}

describe.each(['2', '3'])('in RESP%s', (protocol) => {
  it.each(Object.entries(scenarios))('%s', async (_, lines) => {
    expect(await transcript(embedded.port, protocol, lines)).toEqual(await transcript(redis.port, protocol, lines))
  })
})
