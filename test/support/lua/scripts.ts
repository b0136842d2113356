/** Random Lua scripts from a seed: expressions, tables, strings, closures, loops, pcall and errors. The same seed gives the same script. */
export function randomScript(seed: number): string {
  const g = new Grammar(seed)
  const body = Array.from({ length: 2 + g.below(6) }, () => g.statement(3)).join('\n')
  return `local a, b, c, s, t, f = 1, 2.5, -3, 'str', {1, 2, 3, x = 'y'}, function(v, ...) return v, ... end\nlocal out = {}\n${body}\nout[#out + 1] = tostring(${g.expression(3)})\nreturn out`
}

class Grammar {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** xorshift-like: mulberry32 */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let x = this.#state
    x = Math.imul(x ^ (x >>> 15), x | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296
  }
  below(n: number): number {
    return Math.floor(this.#next() * n)
  }
  #pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  statement(depth: number): string {
    const e = () => this.expression(depth)
    const inner = () => (depth <= 1 ? `a = ${this.expression(1)}` : this.statement(depth - 1))
    switch (this.below(13)) {
      case 0:
        return `a = ${e()}`
      case 1:
        return `b, c = ${e()}, ${e()}`
      case 2:
        return `t[${this.key()}] = ${e()}`
      case 3:
        return `if ${e()} then ${inner()} else ${inner()} end`
      case 4:
        return `for i = ${this.below(4)}, ${this.below(6)}${this.#pick(['', ', 2', ', -1', ', 0.5'])} do a = i ${inner()} end`
      case 5:
        return `for i, v in ipairs(t) do out[#out + 1] = tostring(v) ${this.#pick(['', 'break'])} end`
      case 6:
        return `do local a = ${e()} ${inner()} out[#out + 1] = type(a) end`
      case 7:
        return `out[#out + 1] = tostring(${e()})`
      case 8:
        return `do local ok, err = pcall(function() ${inner()} return ${e()} end) out[#out + 1] = tostring(ok) .. tostring(err) end`
      case 9:
        return `local n = 0 while n < 3 do n = n + 1 ${inner()} end`
      case 10:
        return `do local ok, err = pcall(error, ${e()}) out[#out + 1] = type(err) .. tostring(err) end`
      case 11:
        return `f = function(v, ...) local u = ${this.expression(depth - 1)} return v, ... end`
      default:
        return `repeat local z = ${e()} until true`
    }
  }

  key(): string {
    return this.#pick(['1', '2', '4', "'k'", 'a', 's', '#t + 1', '1.5'])
  }

  expression(depth: number): string {
    if (depth <= 0) return this.atom()
    const e = () => this.expression(depth - 1)
    switch (this.below(20)) {
      case 0:
      case 1:
      case 2:
        return `(${e()} ${this.#pick(['+', '-', '*', '/', '%', '^'])} ${e()})`
      case 3:
        return `(${e()} .. ${e()})`
      case 4:
        return `(${e()} ${this.#pick(['==', '~=', '<', '<=', '>', '>='])} ${e()})`
      case 5:
        return `(${e()} ${this.#pick(['and', 'or'])} ${e()})`
      case 6:
        return `(not ${e()})`
      case 7:
        return `(- ${e()})`
      case 8:
        return `#${this.#pick(['t', 's', '(s .. s)', `{${e()}, ${e()}}`])}`
      case 9:
        return `t[${this.key()}]`
      case 10:
        return this.text(e)
      case 11:
        return `select(${this.#pick(["'#'", '1', '2', '-1'])}, ${e()}, ${e()})`
      case 12:
        return `(f(${e()}, ${e()}))`
      case 13:
        return `tostring(${e()})`
      case 14:
        return `tonumber(${e()})`
      case 15:
        return `math.${this.#pick(['floor', 'ceil', 'abs', 'sqrt'])}(${e()})`
      case 16:
        return `({${e()}, x = ${e()}, ${e()}})[${this.#pick(['1', '2', "'x'"])}]`
      case 17:
        return `(function(...) local p, q = ... return q end)(${e()}, ${e()})`
      case 18:
        return `type(${e()})`
      default:
        return this.atom()
    }
  }

  text(e: () => string): string {
    return this.#pick([
      () => `string.sub(s .. tostring(${e()}), ${this.below(7) - 3}, ${this.below(9) - 4})`,
      () => `string.rep(${e()}, ${this.below(4)})`,
      () => `string.format('%5.2f|%d', ${e()}, ${e()})`,
      () => `string.format('%s|%q|%g', tostring(${e()}), s, ${e()})`,
      () => `(string.gsub(tostring(${e()}), '${this.pattern()}', '<%0>'))`,
      () => `string.find(tostring(${e()}), '${this.pattern()}')`,
      () => `string.match(tostring(${e()}), '(${this.pattern()})')`,
      () => `string.upper(${e()})`,
      () => `string.byte(${e()})`,
      () => `string.len(${e()})`,
      () => `table.concat({${e()}, ${e()}}, ',')`,
      () => `cjson.encode({${e()}, ${e()}})`,
      () => `cjson.encode(${e()})`,
      () => `s:${this.#pick(['upper', 'len', 'reverse'])}()`,
    ])()
  }

  pattern(): string {
    return this.#pick(['%d+', '%a', '.', '[a-f]*', '%w-%.', '^s', 'r$', '[^%s]+', '%.?', '%-?%d*', 't?r'])
  }

  atom(): string {
    return this.#pick([
      'a',
      'b',
      'c',
      's',
      't',
      'f',
      'nil',
      'true',
      'false',
      '0',
      '1',
      '2',
      '7',
      '10',
      '0.5',
      '1e15',
      '-1',
      '3.25',
      "'x'",
      "''",
      "'10'",
      "'0x1F'",
      "' 5 '",
      "'str'",
      't.x',
      't[1]',
      't.nope',
      'math.huge',
      'math.pi',
      '1e300',
    ])
  }
}
