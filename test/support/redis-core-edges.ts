/** Commands of connection, server, keys, expiry, transactions and scripting, picked by hand: each entry is one sequence for both servers. */
import type { Request } from './redis-twins.ts'

/** Words parted by blanks, commands by `;`. `_` stands for an empty word. */
function lines(text: string): Request[] {
  return text.split(';').map((line) =>
    line
      .trim()
      .split(' ')
      .map((word) => (word === '_' ? '' : word)),
  )
}

export const coreEdges: Readonly<Record<string, readonly Request[]>> = {
  'what is no command': lines(
    `foo; foo bar baz; FOO ${'a'.repeat(200)}; foo ${'b '.repeat(60).trim()}; _; get; get a b; set a; config; config foo; object; object foo k; client foo bar; memory; script foo; xinfo; xinfo foo; pubsub foo; acl foo; command foo; slowlog foo; latency foo; GeT k; cOnFiG gEt maxclients; config|get hz; client|id`,
  ),
  PING: lines('ping; ping a; ping a b; echo a; echo; echo a b; PING _'),
  SELECT: lines(
    'select 1; set k 1; select 0; get k; select 16; select -1; select a; select 99999999999; select; select 1 2; select 1; del k; select 0',
  ),
  HELLO: lines(
    'hello 9; hello a; hello 3 foo; hello 2 auth; hello 2 auth default x; hello 2 setname; hello 1; hello -1; auth a b c; auth a b; auth a',
  ),
  'CLIENT names': lines(
    'client getname; client setname a; client getname; client setname _; client getname; client setname é; client setname; client no-evict on; client no-evict x; client no-evict; client reply x; client getredir; client tracking off; client tracking x; client trackinginfo; client unblock 99999; client unblock x; client unblock 1 foo; client kill id 99999; client kill id x; client kill id 0; client kill foo; client kill addr 1.2.3.4:5; client kill type foo; client kill type master; client kill user foo; client kill skipme foo; client kill id 1 foo; client kill id 1 foo bar; client pause; client pause x; client pause -1; client pause 1 foo; client unpause; client list type foo; client list foo; client list id x; client list id; client list type; client info x; client list id 999999',
  ),
  CONFIG: lines(
    'config get maxmemory-policy; config get foo; config get; config set; config set foo; config set foo bar; config set maxclients 10000 maxclients 10000; config set maxclients; config set maxclients x; config set maxmemory abc; config set maxmemory -1; config set maxmemory 1constructor; config set maxmemory 5__proto__; config set constructor 1; config set __proto__ 1; config set maxmemory 100mb; config get maxmemory; config set maxmemory 1gb; config get maxmemory; config set maxmemory 0; config set activerehashing 1; config set activerehashing no; config get activerehashing; config set activerehashing yes; config set databases 3; config set dir /tmp; config set dbfilename x; config set hash-max-ziplist-entries 512; config get HASH-max-ziplist-entries; config get hash-max-listpack-entries; config set loglevel foo; config set loglevel WARNING; config get loglevel; config set loglevel notice; config set slowlog-max-len 128; config set slowlog-log-slower-than -1; config get slowlog-log-slower-than; config set slowlog-log-slower-than 10000; config resetstat; config resetstat x; config rewrite; config set proto-max-bulk-len 10zb; config set proto-max-bulk-len 2mb; config get proto-max-bulk-len; config set proto-max-bulk-len 512mb',
  ),
  'server words': lines(
    'time x; role; role x; lastsave x; wait 0 0; wait a b; wait 0 -1; wait 0; swapdb 0 16; swapdb a 0; swapdb 0 a; swapdb 0 0; swapdb -1 0; flushall foo; flushdb sync; flushdb async; flushdb a b; flushall async; dbsize; dbsize x; memory usage k; set k v; memory usage k samples; memory usage k samples x; memory usage k samples -1; memory usage k foo 1; memory purge; slowlog get -2; slowlog get x; slowlog get 0; slowlog reset; slowlog len; slowlog get 1 2; latency latest; latency history x; latency reset; latency reset a; command count x; command getkeys; command getkeys get; command getkeys get k; command getkeys foo bar; command getkeys ping x; command getkeys mset a 1 b 2; command getkeys eval x 2 a b c; command getkeys eval x; command getkeys eval x 5 a; command getkeys zunionstore d 2 a b; command getkeys xread count 1 streams a b 0 0; command getkeys sort k store d; command list filterby foo bar; command list filterby pattern x*y; command list filterby module x; command list foo; command info foo; command docs foo; monitor x; bgsave foo; save x; acl whoami; acl whoami x; acl users; acl list; acl getuser default; acl getuser foo; acl cat foo; acl deluser default; acl deluser foo; acl genpass 0; acl genpass x; acl genpass 5000; info foo; object help x',
  ),
  'users with passwords': lines(
    'acl setuser a on >x ~* &* +@all; acl getuser a; acl list; acl users; auth a y; auth a x; acl whoami; auth default x; acl setuser a off; auth a x; acl whoami; acl setuser a on nopass; auth a z; auth default x; acl deluser a b; acl getuser a',
  ),
  'keys that are there and are not': lines(
    'set a 1; lpush l 1; exists a a b l; touch a b l; type a; type l; type no; del a a b; unlink l; unlink l; rename a b; rename no no; set a 1; rename a a; rename a b; get b; renamenx no b; renamenx b b; set c 1; renamenx b c; renamenx b d; randomkey x; keys; keys d*; keys [d-e]; keys c; keys \\c; del c; keys *; object encoding no; object encoding d; object refcount d; object refcount no; object freq no; object freq d; object encoding; object idletime no',
  ),
  MOVE: lines(
    'set k 1; move k 0; move k 16; move k a; move no 1; move k -1; move k 1; move k 1; select 1; get k; move k 0; select 0; get k; set k 2; select 1; set k 3; move k 0; del k; select 0',
  ),
  COPY: lines(
    'set k 1 ex 100; copy k k; copy k l; copy k l; copy k l replace; ttl l; copy k m db 16; copy k m db x; copy k k db 1; copy k k db 1; copy k k replace db 1; copy k m foo; copy k m db; copy no m; rpush r a b; copy r s; rpush r c; lrange s 0 -1; hset h f v; copy h i; hset h f w; hget i f; zadd z 1 a; copy z y; zadd z 2 a; zscore y a; sadd t a; copy t u; srem t a; smembers u; select 1; flushdb; select 0; persist k; copy k l replace; ttl l',
  ),
  SCAN: lines(
    'scan 0; scan x; scan -1; scan 18446744073709551615 count 1; scan 18446744073709551616; scan 0 count 0; scan 0 count -1; scan 0 count x; scan 0 foo; scan 0 match; scan 0 type foo; scan 0 type; set a 1; scan 0 match a; scan 0 match b; scan 0 type STRING; scan 0 type list; scan 0 count 10 match * type string',
  ),
  'expiry and its conditions': lines(
    'expire no 1; set k v; ttl k; pttl k; expiretime k; pexpiretime k; ttl no; pttl no; expiretime no; pexpiretime no; expire k 100 xx; expire k 100 gt; expire k 100 lt; ttl k; expire k 200 lt; expire k 200 gt; ttl k; expire k 300 nx; persist k; persist k; expire k 100 nx; expire k 90 xx lt; ttl k; expire k 10 nx xx; expire k 10 nx gt; expire k 10 gt lt; expire k 10 foo; expire k 10 xx foo; expire k x; expire k; expire k 1.5; expire k 9223372036854775807; expire k -9223372036854775808; pexpire k 9223372036854775807; expireat k 9223372036854775807; pexpireat k 9223372036854775807; pexpiretime k; expireat k 33177117420; expiretime k; pexpiretime k; pexpireat k 33177117420123; expiretime k; pexpireat k 33177117420523; expiretime k; expire k 0; exists k; set k v; expire k -1; exists k; set k v; pexpireat k 1; exists k; set k v; expireat k 1; exists k; EXPIRE k 9223372036854775807; set k v; Expire k 9223372036854775807',
  ),
  'what keeps an expiry': lines(
    'set k 1 ex 100; incr k; ttl k; append k x; ttl k; getset k y; ttl k; set k z ex 100; set k z; ttl k; setex l 100 v; rename l m; ttl m; set n 1; rename n m; ttl m; lpush q 1; expire q 100; lpop q; lpush q 1; ttl q',
  ),
  transactions: lines(
    'exec; discard; multi; multi; set k v; get k; exec; multi; foo; exec; multi; get; set k w; exec; get k; multi; discard; discard; multi; incr k; lpush k 1; set k 5; incr k; exec; watch; watch k; multi; watch k; set k 1; exec; watch k; set k 2; multi; get k; exec; watch k; unwatch; set k 3; multi; get k; exec; unwatch; multi; select 1; set z 1; select 0; exec; multi; save; exec; multi; exec; multi; exec x; exec; multi; blpop no 0; brpop no 0; blmove a b left right 0; bzpopmin z 0; xread block 0 streams s $; wait 0 0; exec; multi; reset; exec; multi; ping; echo a; client getname; exec',
  ),
  'SWAPDB and WATCH': lines(
    'set k 1; watch k; swapdb 0 1; multi; get k; exec; swapdb 0 1; get k; del k; watch k; flushall; multi; ping; exec; set k 1; watch k; flushdb; multi; ping; exec',
  ),
  'scripts and their arguments': lines(
    'eval; eval x; eval x x; eval x -1; eval x 1; eval return(1) 0; evalsha x 0; evalsha ffffffffffffffffffffffffffffffffffffffff 0; evalsha ffffffffffffffffffffffffffffffffffffffff x; script load return(7); evalsha 2a2c0ef5c0e67b3d9e5e3d6bbd4a4f0f2c7d6e2b 0; script exists; script exists x y; script flush foo; script flush sync; script flush async x; script kill; evalsha_ro x 0; evalsha_ro ffffffffffffffffffffffffffffffffffffffff 0; eval_ro return(redis.call("set","k","v")) 0; eval return(redis.call("multi")) 0; eval return(redis.call("blpop","k","0")) 0; eval return(redis.pcall("foo")) 0; eval return(redis.call("get")) 0; eval redis.call("select","1")redis.call("set","k","1")return(1) 0; get k; select 1; get k; del k; select 0; script load (',
  ),
  'flags of a script': lines(
    'eval #!lua%flags=no-writes\nreturn(redis.pcall("set","k","v")) 0; eval #!lua%flags=no-writes\nreturn(redis.call("del","k")) 0; eval #!lua%flags=no-writes\nreturn(redis.pcall("publish","c","m")) 0; eval #!lua%flags=no-writes\nreturn(redis.pcall("get","k")) 0; eval #!lua\nreturn(redis.call("set","k","v")) 0; eval_ro #!lua\nreturn(1) 0; eval_ro #!lua%flags=allow-oom\nreturn(1) 0; eval_ro #!lua%flags=no-writes,allow-oom\nreturn(1) 0; eval_ro return(redis.pcall("spublish","c","m")) 0; eval #!lua%flags=foo\nreturn(1) 0; eval #!lua%foo=bar\nreturn(1) 0; eval #!lua 0; script load #!lua%flags=no-writes\nreturn(redis.pcall("set","k","v")); evalsha a6524bc76d6ed0cbf5d90691da0ecab06da23160 0; config set maxmemory 1; eval #!lua\nreturn(1) 0; eval_ro #!lua\nreturn(1) 0; eval #!lua%flags=no-writes\nreturn(1) 0; eval #!lua%flags=allow-oom\nreturn(redis.call("set","k","v")) 0; eval return(redis.call("set","k","v")) 0; eval redis.call("del","none")return(redis.call("set","k","v")) 0; config set maxmemory 0',
  ).map((request) => request.map((word) => word.replaceAll('%', ' '))),
  'waiting in a script': lines(
    'eval return(redis.call("xread","block","0","streams","s","$")) 0; eval return(redis.pcall("XREAD","count","1","BLOCK","x","streams","s")) 0; eval return(redis.pcall("xread","streams","s","0","block")) 0; xgroup create s g $ mkstream; eval return(redis.call("xreadgroup","group","g","c","block","0","streams","s",">")) 0; eval return(redis.pcall("xreadgroup","group","g","c","block","1")) 0; multi; eval return(redis.pcall("xread","block","0","streams","s","$")) 0; xread block 0 streams s $; exec; eval return(redis.pcall("xread","streams","s","0")) 0',
  ),
  'pub/sub in RESP3 or after it': lines(
    'publish c m; spublish c m; publish c; pubsub channels; pubsub numpat; pubsub numsub; pubsub numsub a b; pubsub shardnumsub a; pubsub shardchannels; pubsub channels a b; pubsub numpat x; punsubscribe; unsubscribe; sunsubscribe; subscribe a; unsubscribe a; psubscribe a*; punsubscribe a*; ssubscribe s; sunsubscribe s',
  ),
  'RESET and QUIT': lines('select 3; client setname x; multi; reset; client getname; get k; quit'),
}
