/** Commands picked by hand, each line one sequence: what a seed seldom meets, and what once went wrong. */
import type { Step } from './redis-twins.ts'

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i))
const pairs = (count: number, value: string) => range(0, count).flatMap((i) => [`f${i}`, value])
const scored = (count: number) => range(0, count).flatMap((i) => [i, `m${i}`])
const LONG = 'x'.repeat(65)

/** Words parted by blanks, commands by `;`. */
function lines(text: string): Step[] {
  return text.split(';').map((line) => [line.trim().split(' ')])
}
function steps(...requests: (readonly string[])[]): Step[] {
  return requests.map((request) => [request])
}

export const EDGE_KEYS = ['k', 'a', 'b', 'c', 'd', 'w']

export const typeEdges: Readonly<Record<string, readonly Step[]>> = {
  'SET keeps and clears what it should': lines(
    'set k v ex 100; set k w keepttl; ttl k; set k x; ttl k; set k y nx get; set a y nx get; set b y xx get; set k z xx get; rpush w 1; set w v get; set w v nx; set w v xx; type w; set k v PX 1 EX 1; set k v EX 1 KEEPTTL; set k v KEEPTTL EX 1; set k v NX XX; set k v nx nx; set k v get get; SET k v EX 100 EX 200; ttl k',
  ),
  'SET refuses times': lines(
    'set k v ex 0; set k v px -5; set k v ex 9223372036854775807; set k v px 9223372036854775807; set k v exat 9223372036854775807; set k v pxat 0; setex k 0 v; setex k 9223372036854775 v; psetex k 9223372036854775807 v; getex k ex 0; get k; set k v; getex k ex 0; getex k ex x; getex missing ex x; set k v pxat 1; get k; exists k',
  ),
  'the last times of all': lines(
    'set k v pxat 9223372036854775807; get k; pexpiretime k; set a v exat 9223372036854775; get a; psetex b 9223370000000000000 v; get b; setex c 9223370000000000 v; get c; set d v; getex d pxat 9223372036854775807; pexpiretime d; getex d exat 9223372036854776; get d',
  ),
  'GETEX and GETDEL': lines(
    'set k v; getex k ex 100; ttl k; getex k persist; ttl k; getex k persist; getex k exat 1; exists k; getdel k; set k v; getdel k; exists k; rpush w 1; getdel w; getex w; getex k px 100 persist; getex k persist px 100; getset w 1; getset k 1; getset k 2',
  ),
  'INCR at the ends of 64 bits': lines(
    'set k 9223372036854775806; incr k; incr k; get k; set k -9223372036854775808; decr k; decrby k -9223372036854775808; incrby k -1; incrby k 9223372036854775807; get k; incrby k 9223372036854775807; decrby a 9223372036854775807; decrby a 1; decrby a 1; set k 9007199254740991; incr k; incr k; incrby k 3; set k 999999999999999; incr k; incrby k 999999999999999; incrby k 1x; set k 01; incr k; set k -0; incr k; set b 1.0; incr b; incrby b',
  ),
  'INCRBYFLOAT prints long doubles': lines(
    'incrbyfloat k 0.1; incrbyfloat k 0.2; incrbyfloat k 1e-17; incrbyfloat k -0.3; set k 3.0e3; incrbyfloat k 200; set k 1e20; incrbyfloat k 1; incrbyfloat k 1e-5; incrbyfloat k 0x10; incrbyfloat k 0x1p-2; incrbyfloat a 1e300; incrbyfloat a 1e4932; incrbyfloat a 1e5000; incrbyfloat a inf; incrbyfloat a nan; incrbyfloat b 17179869184.123456789; incrbyfloat b -17179869184; incrbyfloat b 0.000000000000000049; set c inf; incrbyfloat c 1; set c 5.; incrbyfloat c .5; set c 1.23456789012345678901; incrbyfloat c 0; incrbyfloat c -1.23456789012345678901; incrbyfloat d -0; incrbyfloat d 1e-4940; set d 18446744073709551615; incrbyfloat d 0.5; incrbyfloat d 0.5',
  ),
  'GETRANGE and SETRANGE at the edges': lines(
    'set k abcdef; getrange k 0 -1; getrange k -3 -1; getrange k -1 -3; getrange k 3 1; getrange k -100 2; getrange k 0 100; getrange k 6 9; getrange k -100 -50; setrange k 8 x; get k; setrange a 0 x; setrange b 5 x; setrange k -1 x; strlen k; substr k 0 2; getrange k 9223372036854775807 1; getrange k 0 9223372036854775807; getrange k -9223372036854775808 -1',
  ),
  'what makes a string raw': lines(
    `append k 10; append k 0; object encoding k; incr k; object encoding k; set a ${'v'.repeat(44)}; object encoding a; set a ${'v'.repeat(45)}; object encoding a; setrange a 0 w; set b 5; incrbyfloat b 1; object encoding b; set b 6; object encoding b; setbit c 1 1; object encoding c; set d 5; getbit d 1; bitfield d get u8 0; object encoding d; append b x; rename b d; set k 5; append k x; del k; set k 5; object encoding k`,
  ),
  LCS: lines(
    'mset a ohmytext b mynewtext; lcs a b; lcs a b len; lcs a b idx; lcs a b idx minmatchlen 4; lcs a b idx minmatchlen 4 withmatchlen; lcs a b idx len; lcs a missing; lcs a missing len; lcs a missing idx; rpush w 1; lcs a w; lcs a b foo; lcs a b minmatchlen; lcs a b minmatchlen x; lcs a b minmatchlen 3; mset a aaaa b aa; lcs a b idx withmatchlen; mset a abcabc b cab; lcs a b idx; lcs b a idx',
  ),
  'bits beyond the end': lines(
    'setbit k 7 1; setbit k 100 1; strlen k; bitcount k; bitcount k 0 0; bitcount k -1 -1; bitcount k 0 100 bit; bitcount k 95 110 bit; bitcount k 5 1; bitcount k 0; bitcount k 0 1 x; bitcount missing 0 x; bitpos k 1 1; bitpos k 0; bitpos k 1 8 15 bit; bitpos k 0 0 6 bit; bitpos k 0 0 -1 bit; bitpos k 1 9 11 byte; setbit k 100 0; bitpos k 1 1; bitpos missing 1; bitpos missing 0; bitpos k 2; bitpos k 1 x; getbit k 4294967295; getbit k 1000',
  ),
  'BITPOS of zeros in a string of ones': steps(
    ['SET', 'k', '\xff\xff\xff'],
    ...[
      ['0'],
      ['0', '0'],
      ['0', '0', '-1'],
      ['0', '3'],
      ['0', '0', '2', 'BYTE'],
      ['0', '8', '15', 'BIT'],
      ['1', '23', '23', 'BIT'],
    ].map((rest) => ['BITPOS', 'k', ...rest]),
    ['SET', 'k', ''],
    ['BITPOS', 'k', '0'],
    ['BITPOS', 'k', '1'],
    ['BITCOUNT', 'k'],
    ['BITPOS', 'k', '0', '0', '-1'],
  ),
  'BITOP of different lengths': steps(
    ['MSET', 'a', '\xff\x0f\xaa', 'b', '\xf0', 'c', ''],
    ...['AND', 'OR', 'XOR'].flatMap((name) => [
      ['BITOP', name, 'd', 'a', 'b'],
      ['GET', 'd'],
      ['BITOP', name, 'd', 'b', 'missing', 'a'],
      ['GET', 'd'],
    ]),
    ['BITOP', 'NOT', 'd', 'a'],
    ['GET', 'd'],
    ['EXPIRE', 'd', '100'],
    ['BITOP', 'AND', 'd', 'c', 'missing'],
    ['EXISTS', 'd'],
  ),
  'BITFIELD overflows': lines(
    'bitfield k set u8 0 255 incrby u8 0 10; bitfield k overflow sat incrby u8 0 1000 overflow fail incrby u8 0 1 get u8 0; bitfield k overflow sat incrby i8 8 -200 incrby i8 8 500; bitfield k overflow fail incrby i64 0 9223372036854775807 incrby i64 0 9223372036854775807; bitfield k overflow wrap incrby i64 64 9223372036854775807 incrby i64 64 1; bitfield k overflow sat incrby i64 64 -9223372036854775808 incrby i64 64 -1; bitfield k set u63 3 9223372036854775807 get u63 3 incrby u63 3 1; bitfield k set u4 2 -1; bitfield k overflow sat set u4 2 -1; bitfield k overflow fail set i4 2 100; bitfield a overflow fail set u4 100 16; strlen a; bitfield k get u16 1000; bitfield b get u8 0; exists b; bitfield k set i5 #2 -3 get i5 #2; bitfield k get u8; bitfield k set u8 0; bitfield k overflow; bitfield k foo; bitfield k get u8 0 foo',
  ),
  'a hash that outgrows its listpack': steps(
    ['HSET', 'k', ...pairs(512, 'x'.repeat(64))],
    ['OBJECT', 'ENCODING', 'k'],
    ['HSET', 'a', ...pairs(513, '1')],
    ['HSET', 'b', 'f', LONG],
    ['HSET', 'b', 'f', '1'],
    ['HSETNX', 'c', LONG, '1'],
    ['HSET', 'd', 'f', '1'],
    ['HSETNX', 'd', 'f', LONG],
    ['OBJECT', 'ENCODING', 'd'],
    ['HINCRBY', 'd', LONG, '1'],
    ['OBJECT', 'ENCODING', 'd'],
    ['HDEL', 'a', ...range(0, 500).map((i) => `f${i}`)],
    ['HSCAN', 'a', '0', 'MATCH', 'f12?', 'COUNT', '100'],
    ['HKEYS', 'k'],
    ['HVALS', 'd'],
  ),
  'HINCRBY and HINCRBYFLOAT': lines(
    'hincrby k f 9223372036854775807; hincrby k f 1; hincrby k f x; hset k g abc; hincrby k g 1; hincrbyfloat k g 1; hincrbyfloat k f 0.5; hincrby k f 1; hincrbyfloat k h 0.1; hincrbyfloat k h 0.2; hincrbyfloat k h nan; hincrbyfloat k h inf; hincrbyfloat k h x; set w 1; hincrby w f 1; hincrbyfloat w f 1; hset k i inf; hincrbyfloat k i 1; hset k j 01; hincrby k j 1; hincrbyfloat k j 1; hset k l; hset k l 1 m; hmset k l; hincrbyfloat a f 3.0; hincrbyfloat k h 1e4932; hincrbyfloat k h 9e4932',
  ),
  'lists at the edges': steps(
    ['RPUSH', 'k', ...range(0, 300)],
    ...[
      ['0', '-1'],
      ['-3', '-1'],
      ['290', '500'],
      ['5', '3'],
      ['-500', '2'],
      ['300', '301'],
    ].map((ends) => ['LRANGE', 'k', ...ends]),
    ['LINSERT', 'k', 'BEFORE', '150', 'x'],
    ['LINSERT', 'k', 'AFTER', '299', 'y'],
    ['LINSERT', 'k', 'AFTER', 'none', 'y'],
    ['LINSERT', 'missing', 'AFTER', 'none', 'y'],
    ['LINSERT', 'k', 'foo', 'none', 'y'],
    ['LSET', 'k', '-1', 'last'],
    ['LSET', 'k', '302', 'last'],
    ['LSET', 'missing', '0', 'last'],
    ['LSET', 'k', 'x', 'last'],
    ['LREM', 'k', '-1', 'x'],
    ['LTRIM', 'k', '10', '-10'],
    ['LPOP', 'k', '3'],
    ['RPOP', 'k', '0'],
    ['RPOP', 'k', '-1'],
    ['RPOP', 'missing', '0'],
    ['RPOP', 'missing'],
    ['LPOP', 'k', '1', '2'],
    ['LMOVE', 'k', 'k', 'LEFT', 'RIGHT'],
    ['RPOPLPUSH', 'k', 'a'],
    ['LTRIM', 'k', '5', '1'],
    ['EXISTS', 'k'],
    ['RPOPLPUSH', 'a', 'a'],
    ['SET', 'w', '1'],
    ['RPOPLPUSH', 'a', 'w'],
    ['RPOPLPUSH', 'missing', 'w'],
    ['LRANGE', 'a', '0', '-1'],
  ),
  LPOS: lines(
    'rpush k a b c 1 2 3 c c; lpos k c; lpos k c rank 2; lpos k c rank -1; lpos k c count 0; lpos k c count 2 rank -1; lpos k c count 1 maxlen 2; lpos k x; lpos k x count 1; lpos missing c; lpos missing c count 1; lpos k c rank 0; lpos k c count -1; lpos k c maxlen -1; lpos k c rank; lpos k c foo 1; lpos k c rank -9223372036854775808; lpos k c rank 9223372036854775807; lpos k c rank -9223372036854775808 count 0; lpos k c rank -2 count 5 maxlen 7',
  ),
  LMPOP: lines(
    'rpush k 1 2 3 4; lmpop 1 k left; lmpop 2 missing k right count 2; lmpop 2 a b left; lmpop 0 k left; lmpop 5 k left; lmpop 1 k; lmpop 1 k up; lmpop 1 k left count 0; lmpop 1 k left count; lmpop 1 k left count 1 count 2; lmpop 1 k left foo 2; lmpop 1 k left count 10; set w 1; lmpop 1 w left; lmpop 2 missing w left; exists k',
  ),
  'sets of integers and others': steps(
    ['SADD', 'k', ...range(0, 512)],
    ['OBJECT', 'ENCODING', 'k'],
    ['SADD', 'k', '512'],
    ['SADD', 'a', '3', '-1', '2', '9223372036854775807', '-9223372036854775808'],
    ['SMEMBERS', 'a'],
    ['SADD', 'a', '3', 'x'],
    ['SREM', 'a', 'x'],
    ['SADD', 'b', '1', '01'],
    ['SADD', 'c', '1', '2', '3'],
    ['SPOP', 'k', '500'],
    ['DEL', 'k'],
    ['SADD', 'k', 'x', '1'],
    ['SREM', 'k', 'x'],
    ['SPOP', 'k', '5'],
    ['SDIFFSTORE', 'd', 'b', 'c'],
    ['SINTERSTORE', 'd', 'a', 'c'],
    ['OBJECT', 'ENCODING', 'd'],
    ['SUNIONSTORE', 'd', 'a', 'b', 'c'],
    ['OBJECT', 'ENCODING', 'd'],
    ['SDIFFSTORE', 'd', 'b', 'a', 'c', 'c', 'c', 'c', 'c'],
    ['OBJECT', 'ENCODING', 'd'],
    ['SMOVE', 'c', 'd', '1'],
    ['SMOVE', 'c', 'c', '2'],
    ['SMOVE', 'c', 'c', '1'],
    ['SMOVE', 'missing', 'c', '1'],
    ['SET', 'w', '1'],
    ['SMOVE', 'c', 'w', 'none'],
    ['SMOVE', 'missing', 'w', 'none'],
    ['SINTER', 'missing', 'w'],
    ['SUNION', 'missing', 'w'],
    ['SDIFF', 'missing', 'w'],
    ['SINTERCARD', '2', 'missing', 'w'],
    ['SINTERCARD', '3', 'a', 'b'],
    ['SINTERCARD', '1', 'a', 'LIMIT', '2', 'LIMIT', '1'],
    ['SINTERCARD', '0', 'a'],
    ['SINTERCARD', 'x', 'a'],
    ['SINTERCARD', '1', 'a', 'LIMIT'],
    ['SDIFFSTORE', 'c', 'a', 'a'],
    ['EXISTS', 'c'],
  ),
  'ZADD options': lines(
    'zadd k 1 a; zadd k nx 2 a; zadd k xx 2 a 3 b; zadd k gt 1 a 5 c; zadd k lt 1 a; zadd k ch 5 a 6 d; zadd k gt ch 4 a 7 d; zadd k incr 1 a; zadd k nx incr 1 a; zadd k xx incr 1 z; zadd k gt incr -1 a; zadd k lt incr -1 a; zadd k incr 1 a 2 b; zadd k nx xx 1 a; zadd k gt lt 1 a; zadd k nx gt 1 a; zadd k 1; zadd k 1 a 2; zadd k x a; zadd k nan a; zadd k 1 a x b; zrange k 0 -1 withscores; zadd k inf a -inf b; zincrby k -inf a; zincrby k inf b; zadd a xx 1 a; exists a; zadd a xx incr 1 a; set w 1; zadd w 1 a; zadd w x a; zincrby w 1 a; zadd k nx 1; zadd k ch; zadd k 1e400 a; zadd k 0x1F h; zscore k h; zadd k -0 z; zscore k z; zadd k 1 z 2 z 3 z; zscore k z; zadd k +5 y; zadd k inf',
  ),
  'a sorted set that outgrows its listpack': steps(
    ['ZADD', 'k', ...scored(128)],
    ['OBJECT', 'ENCODING', 'k'],
    ['ZADD', 'k', '1', 'm0'],
    ['ZADD', 'a', ...scored(129)],
    ['ZREMRANGEBYRANK', 'a', '5', '-5'],
    ['OBJECT', 'ENCODING', 'a'],
    ['ZADD', 'b', '1', LONG],
    ['ZADD', 'b', '-0', 'z'],
    ['ZSCORE', 'b', 'z'],
    ['ZUNIONSTORE', 'c', '2', 'a', 'missing'],
    ['OBJECT', 'ENCODING', 'c'],
    ['ZUNIONSTORE', 'c', '2', 'k', 'a'],
    ['OBJECT', 'ENCODING', 'c'],
    ['ZRANGESTORE', 'd', 'c', '0', '-1'],
    ['OBJECT', 'ENCODING', 'd'],
    ['ZRANGESTORE', 'd', 'c', '5', '10'],
    ['OBJECT', 'ENCODING', 'd'],
    ['ZADD', 'c', ...range(0, 2_000).flatMap((i) => [String((Number(i) * 7919) % 1_000), `n${i}`])],
    ...[
      ['(10', '(20'],
      ['-inf', '5'],
      ['990', '+inf'],
      ['20', '10'],
    ].map((ends) => ['ZRANGEBYSCORE', 'c', ...ends, 'WITHSCORES']),
    ['ZRANGE', 'c', '500', '520'],
    ['ZREVRANGE', 'c', '1000', '1010', 'WITHSCORES'],
    ['ZREMRANGEBYSCORE', 'c', '100', '(900'],
    ['ZCARD', 'c'],
    ['ZRANK', 'c', 'n1999'],
    ['ZREVRANK', 'c', 'n1999'],
    ['ZSCAN', 'b', '0'],
  ),
  'ranges by score': lines(
    'zadd k 1 a 2 b 3 c 4 d 5 e; zrange k (1 3 byscore; zrange k 3 (1 byscore rev; zrange k -inf +inf byscore limit 1 2; zrange k +inf -inf byscore rev limit 1 2; zrange k 1 5 byscore limit 0 0; zrange k 1 5 byscore limit -1 2; zrange k 1 5 byscore limit 4 -5; zrange k 0 -1 limit 0 1; zrange k 0 -1 limit 0 -1; zrange k 0 -1 limit -1 -1; zrange k 1 3 rev limit 7 -1; zrange k 0 -1 limit -1 2; zrange k 1 5 byscore limit -1 -1; zrangestore d k 0 -1 limit -1 -1; zrevrange k 0 -1 limit -1 -1; zrange k 0 -1 rev withscores; zrange k 1 2 byscore bylex; zrange k 1 2 byscore byscore; zrange k 1 2 rev rev; zrevrangebyscore k +inf (2 withscores limit 1 1; zrangebyscore k (5 5; zrangebyscore k x 5; zcount k (1 (5; zcount k 5 1; zcount k nan 1; zremrangebyscore k (1 2; zremrangebyscore k x 1; zremrangebyrank k -2 -1; zrange k 0 -1; zrange missing x 1; zrange missing 0 1 byscore; set w 1; zrange w 0 1; zrange w x 1; zcount w x 1; zrangestore d k 10 20; zrangestore w k 0 -1; type w; zrangestore d k 0 -1 withscores; zrangestore d missing 0 -1',
  ),
  'ranges by bytes': steps(
    ['ZADD', 'k', ...['', 'a', 'aa', 'b', '\xff', 'foo', 'c'].flatMap((member) => ['0', member])],
    ...[
      ['-', '+'],
      ['[a', '[b'],
      ['(a', '(b'],
      ['[', '[a'],
      ['(', '(a'],
      ['[b', '[a'],
      ['+', '-'],
      ['[\xff', '+'],
      ['-', '(\xff'],
      ['a', 'b'],
      ['-x', '+'],
    ].flatMap(([from = '', to = '']) => [
      ['ZRANGEBYLEX', 'k', from, to],
      ['ZREVRANGEBYLEX', 'k', to, from],
      ['ZLEXCOUNT', 'k', from, to],
      ['ZRANGE', 'k', to, from, 'BYLEX', 'REV', 'LIMIT', '1', '2'],
    ]),
    ['ZRANGE', 'k', '-', '+', 'BYLEX', 'WITHSCORES'],
    ['ZREMRANGEBYLEX', 'k', '[a', '(b'],
    ['ZREMRANGEBYLEX', 'k', 'x', '(b'],
  ),
  'sorted sets together': lines(
    'zadd a 1 x 2 y 3 z; zadd b 10 y 20 z 30 q; sadd c x y; zunion 2 a b withscores; zinter 3 a b c withscores; zinter 2 a b weights 2 0.5 aggregate max withscores; zunionstore d 2 a b weights 1; zunionstore d 2 a b weights 1 x; zunionstore d 0 a; zunionstore d x a; zunionstore d 3 a b; zinterstore d 2 a b aggregate foo; zdiff 2 a c withscores; zdiff 2 a a; zdiff 1 missing; zdiffstore d 2 a c; zdiff 2 a b weights 1 2; zinterstore d 2 a missing; exists d; zadd a inf i; zadd b -inf i; zunion 2 a b withscores; zunion 1 a weights 0 withscores; set w 1; zunion 2 a w; zunion 2 missing w; zunionstore d 1 w; zunionstore d 1 c withscores; zintercard 2 a b; zintercard 2 a b limit 1; zintercard 2 a b limit -1; zintercard 0 a; zintercard 1 a foo; zunion 1 a withscores withscores aggregate min aggregate max; zunionstore a 2 a b; zdiffstore a 1 a',
  ),
  'taking from sorted sets': lines(
    'zadd k 1 a 2 b 3 c 4 d 5 e 6 f; zpopmin k; zpopmax k; zpopmin k 0; zpopmin k 2; zpopmax k -1; zpopmin k x; zpopmin k 1 2; zpopmin missing; zpopmin missing 0; zmpop 2 missing k min; zmpop 1 k max count 5; exists k; zmpop 1 k max; zmpop 0 k max; zmpop 1 k foo; zmpop 1 k min count 0; set w 1; zpopmin w; zpopmin w 0; zmpop 1 w min; zmpop 2 missing w min; bzpopmin w 0.01; bzpopmin k x; bzpopmin k -1; bzmpop 0.01 1 k min; bzpopmin k 0.01; zadd k 1 a; bzpopmax missing k 0.01; zadd k 1 a 2 b; bzmpop 0.01 2 missing k max count 2; bzmpop x 1 k min; bzmpop 0.01 0 k min',
  ),
  'blocking on what is there': lines(
    'rpush k 1 2 3 4 5 6; blpop a k 0.01; brpop k 0.01; blmove k a left right 0.01; brpoplpush k a 0.01; blmpop 0.01 2 b k left count 2; exists k; blpop k 0.01; brpop k b 0.01; blmove k b left left 0.01; brpoplpush k b 0.01; blmpop 0.01 1 k left; set w 1; blpop w 0.01; blpop missing w 0.01; blmove w k left left 0.01; blmove a w left left 0.01; blpop a x; blpop a -1; blpop a inf; blpop a 1e17; blmove a b up left 0.01; blmpop x 1 a left; blmpop 0.01 0 a left',
  ),
  'counts by chance': lines(
    'hset a f 1; sadd b m; zadd c 1 m; hrandfield a 0; hrandfield a 1 withvalues; hrandfield a -3 withvalues; hrandfield a 5; hrandfield missing; hrandfield missing 1; hrandfield a x; hrandfield a 1 foo; hrandfield a 4611686018427387904 withvalues; hrandfield a 9223372036854775807; srandmember b; srandmember b 0; srandmember b -3; srandmember b 5; srandmember missing; srandmember missing 1; srandmember b 1 2; srandmember b x; zrandmember c; zrandmember c -2 withscores; zrandmember c 2 withscores; zrandmember missing; zrandmember missing 1; zrandmember c 1 foo; zrandmember c -9223372036854775808; spop b 0; spop b -1; spop b x; spop b 1 2; spop missing; spop missing 1; spop b; exists b; set w 1; spop w; spop w 1; srandmember w 1; hrandfield w 1; zrandmember w 1',
  ),
  'scans of small ones': lines(
    'hset a f 1 g 2; sadd b 1 2 3; zadd c 1 m 2.5 n; hscan a 0; hscan a 0 match f*; hscan a 0 count 1; sscan b 0 count 1; zscan c 0 match [m]; zscan c 0; hscan missing 0; hscan missing 0 foo; hscan missing x; hscan a x; hscan a 0 count 0; hscan a 0 count; hscan a 0 foo 1; hscan a 0 match; set w 1; hscan w 0; sscan w 0; zscan w 0; hscan a -1x; hscan a 18446744073709551616; sscan b 0 type set',
  ),
}
