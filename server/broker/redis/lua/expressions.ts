import type {
  BinaryExpression,
  Expression,
  LogicalExpression,
  Statement,
  TableConstructorExpression,
  UnaryExpression,
} from 'luaparse'
import { callResult, isCall } from './calls.ts'
import { functionCode } from './statements.ts'
import { LuaTable } from './table.ts'
import type { Userdata } from './value.ts'
import { quote, type Writer } from './writer.ts'

/** Code of one value. */
export function expression(w: Writer, node: Expression): string {
  switch (node.type) {
    case 'NilLiteral':
      return 'undefined'
    case 'BooleanLiteral':
      return node.value ? 'true' : 'false'
    case 'NumericLiteral':
      return node.value === Infinity ? 'Infinity' : String(node.value)
    case 'StringLiteral':
      return quote(node.value)
    case 'VarargLiteral':
      w.scope.usesVarargs = true
      return 'va[0]'
    case 'FunctionDeclaration':
      return functionCode(w, node, false)
    case 'Identifier':
      return variable(w, node.name, lineOf(node))
    case 'TableConstructorExpression':
      return tableCode(w, node)
    case 'BinaryExpression':
      return binary(w, node)
    case 'LogicalExpression':
      return logical(w, node)
    case 'UnaryExpression':
      return unary(w, node)
    case 'MemberExpression':
    case 'IndexExpression':
      return indexed(w, node)
    default:
      return `first(${callResult(w, node)})`
  }
}

/** Code of a JavaScript boolean: whether the value counts as true. */
export function condition(w: Writer, node: Expression): string {
  if (isBoolean(node)) return expression(w, node)
  if (node.type === 'LogicalExpression') {
    return `(${condition(w, node.left)}${node.operator === 'and' ? '&&' : '||'}${condition(w, node.right)})`
  }
  const value = operand(w, node)
  w.scope.give(value.temporary)
  const test = `${value.use}!==undefined&&${value.use}!==false`
  return value.set === null ? `(${test})` : `(${value.set},${test})`
}

/** Whether the expression can give any number of values. */
export function isMulti(w: Writer, node: Expression): boolean {
  return (node.type === 'VarargLiteral' || isCall(node)) && !w.syntax.cut.has(node)
}

/** Code of all the values of the last expression of a list, an array or one value. */
export function result(w: Writer, node: Expression): string {
  if (w.syntax.cut.has(node)) return expression(w, node)
  if (node.type === 'VarargLiteral') {
    w.scope.usesVarargs = true
    return 'va'
  }
  return isCall(node) ? callResult(w, node) : expression(w, node)
}

/** A list of values, as it stands between the brackets of an array or of a call. */
export function list(w: Writer, nodes: readonly Expression[]): string {
  w.scope.passes(nodes.length)
  return nodes
    .map((node, i) => {
      if (i < nodes.length - 1 || !isMulti(w, node)) return expression(w, node)
      return node.type === 'VarargLiteral' ? `...${result(w, node)}` : `...many(${result(w, node)})`
    })
    .join(',')
}

interface Operand {
  /** Evaluates it into a temporary; null: `use` does by itself, and may be repeated. */
  readonly set: string | null
  readonly use: string
  readonly temporary: string | null
}

function operand(w: Writer, node: Expression): Operand {
  const isLiteral = /^(Nil|Boolean|Numeric|String)Literal$/.test(node.type)
  const isLocal = node.type === 'Identifier' && w.find(node.name) !== undefined
  if (isLiteral || isLocal) return { set: null, use: expression(w, node), temporary: null }
  const code = expression(w, node)
  const temporary = w.scope.take()
  return { set: `${temporary}=${code}`, use: temporary, temporary }
}

/** Two operands in order; the first is kept while the second is evaluated. */
function pair(w: Writer, left: Expression, right: Expression) {
  const a = operand(w, left)
  const b = operand(w, right)
  w.scope.give(a.temporary)
  w.scope.give(b.temporary)
  const before = (a.set === null ? '' : `${a.set},`) + (b.set === null ? '' : `${b.set},`)
  return { a: a.use, b: b.use, before }
}

const ARITHMETIC: Readonly<Record<string, string>> = { '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide' }

function binary(w: Writer, node: BinaryExpression): string {
  const { operator, left, right } = node
  switch (operator) {
    case '==':
      return equality(w, node)
    case '~=':
      return `!${equality(w, node)}`
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(w, node)
    case '%':
    case '^':
    case '..': {
      const helper = operator === '%' ? 'modulo' : operator === '^' ? 'power' : 'concat'
      const a = expression(w, left)
      const b = expression(w, right)
      return `${siteOf(w, node)}${helper}(${a},${b})`
    }
    default: {
      if (isNumber(w, left) && isNumber(w, right)) return `(${expression(w, left)} ${operator} ${expression(w, right)})`
      const { a, b, before } = pair(w, left, right)
      const helper = `${siteOf(w, node)}${ARITHMETIC[operator]}(${a},${b})`
      return `(${before}${numbers(w, node, a, b)}?${a} ${operator} ${b}:${helper})`
    }
  }
}

function numbers(w: Writer, node: BinaryExpression, a: string, b: string): string {
  const tests: string[] = []
  if (!isNumber(w, node.left)) tests.push(`typeof ${a}==="number"`)
  if (!isNumber(w, node.right)) tests.push(`typeof ${b}==="number"`)
  return tests.join('&&')
}

function equality(w: Writer, node: BinaryExpression): string {
  const { left, right } = node
  if (isPlain(w, left) || isPlain(w, right)) return `(${expression(w, left)}===${expression(w, right)})`
  const { a, b, before } = pair(w, left, right)
  return `(${before}${a}===${b}||${siteOf(w, node)}equals(${a},${b}))`
}

function comparison(w: Writer, node: BinaryExpression): string {
  const { operator, left, right } = node
  if (isNumber(w, left) && isNumber(w, right)) return `(${expression(w, left)} ${operator} ${expression(w, right)})`
  const { a, b, before } = pair(w, left, right)
  const helper = operator.length === 1 ? 'less' : 'lessOrEqual'
  const swapped = operator[0] === '>' ? `${b},${a}` : `${a},${b}`
  return `(${before}${numbers(w, node, a, b)}?${a} ${operator} ${b}:${siteOf(w, node)}${helper}(${swapped}))`
}

function logical(w: Writer, node: LogicalExpression): string {
  const isAnd = node.operator === 'and'
  const a = operand(w, node.left)
  w.scope.give(a.temporary)
  const right = expression(w, node.right)
  const set = a.set === null ? '' : `${a.set},`
  const test = `${a.use}!==undefined&&${a.use}!==false`
  return isAnd ? `(${set}${test}?${right}:${a.use})` : `(${set}${test}?${a.use}:${right})`
}

function unary(w: Writer, node: UnaryExpression): string {
  if (node.operator === 'not') return `!${condition(w, node.argument)}`
  const value = expression(w, node.argument)
  if (node.operator === '-' && isNumber(w, node.argument)) return `(- ${value})`
  const site = w.mark({
    line: endOf(node.argument),
    operands: [described(w, node.argument), described(w, node.argument)],
  })
  return `${site}${node.operator === '-' ? 'negate' : 'length'}(${value})`
}

function indexed(w: Writer, node: Expression & { type: 'MemberExpression' | 'IndexExpression' }): string {
  const fixed = libraryMember(w, node)
  if (fixed !== null) return fixed
  const site = w.mark({ line: endOf(node), operands: [described(w, node.base)] })
  const base = expression(w, node.base)
  if (node.type === 'MemberExpression') return `${site}field(${base},${quote(node.identifier.name)})`
  if (node.index.type === 'StringLiteral') return `${site}field(${base},${quote(node.index.value)})`
  return `${site}index(${base},${expression(w, node.index)})`
}

/** `redis.call` and the like: the libraries cannot be changed, so the function is known already. */
function libraryMember(w: Writer, node: Expression): string | null {
  if (node.type !== 'MemberExpression' || node.base.type !== 'Identifier') return null
  if (w.find(node.base.name) !== undefined) return null
  const library = w.globals.named(node.base.name)
  if (!(library instanceof LuaTable) || !library.isReadonly || library === w.globals) return null
  return fixedValue(w, library.named(node.identifier.name))
}

function fixedValue(w: Writer, value: ReturnType<LuaTable['named']> | Userdata): string | null {
  if (typeof value === 'function') return w.constant(value)
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number' && value - value === 0) return String(value)
  return null
}

function variable(w: Writer, name: string, line: number): string {
  const local = w.find(name)
  if (local !== undefined) return local.code
  if (name === 'KEYS') return 'world.keys'
  if (name === 'ARGV') return 'world.argv'
  const value = w.globals.named(name)
  if (value === undefined) return `${w.mark({ line })}noGlobal(${quote(name)})`
  return fixedValue(w, value) ?? `world.globals.named(${quote(name)})`
}

function tableCode(w: Writer, node: TableConstructorExpression): string {
  const { fields } = node
  if (fields.every((field) => field.type === 'TableValue')) {
    return `new LuaTable([${list(
      w,
      fields.map((field) => field.value),
    )}])`
  }
  let shape = ''
  const values: string[] = []
  fields.forEach((field, i) => {
    if (field.type === 'TableValue') {
      shape += 'p'
      values.push(i === fields.length - 1 ? list(w, [field.value]) : expression(w, field.value))
    } else {
      shape += 'k'
      const key = field.type === 'TableKeyString' ? quote(field.key.name) : expression(w, field.key)
      values.push(key, expression(w, field.value))
    }
  })
  return `${w.mark({ line: endOf(node) })}build("${shape}",[${values.join(',')}])`
}

/** What messages call the value of an expression. */
export function described(w: Writer, node: Expression): string | null {
  if (node.type === 'Identifier') {
    const local = w.find(node.name)
    if (local === undefined) return `global '${node.name}'`
    return local.owner === w.scope ? `local '${node.name}'` : `upvalue '${node.name}'`
  }
  if (node.type === 'MemberExpression') {
    return `${node.indexer === ':' ? 'method' : 'field'} '${node.identifier.name}'`
  }
  if (node.type === 'LogicalExpression') {
    // Lua folds a constant on the left away.
    const { left, right, operator } = node
    const isFalse = left.type === 'NilLiteral' || (left.type === 'BooleanLiteral' && !left.value)
    const isTrue = /^(Numeric|String)Literal$/.test(left.type) || (left.type === 'BooleanLiteral' && left.value)
    return (operator === 'and' ? isTrue : isFalse) ? described(w, right) : null
  }
  if (node.type === 'IndexExpression') return `field '${node.index.type === 'StringLiteral' ? node.index.value : '?'}'`
  return null
}

function siteOf(w: Writer, node: BinaryExpression): string {
  return w.mark({ line: endOf(node), operands: [described(w, node.left), described(w, node.right)] })
}

function isNumber(w: Writer, node: Expression): boolean {
  if (node.type === 'NumericLiteral') return true
  if (node.type === 'Identifier') return w.find(node.name)?.isNumber === true
  if (node.type === 'UnaryExpression') return node.operator === '-' && isNumber(w, node.argument)
  if (node.type !== 'BinaryExpression' || ARITHMETIC[node.operator] === undefined) return false
  return isNumber(w, node.left) && isNumber(w, node.right)
}

function isBoolean(node: Expression): boolean {
  if (node.type === 'BooleanLiteral') return true
  if (node.type === 'UnaryExpression') return node.operator === 'not'
  return node.type === 'BinaryExpression' && /^([<>]=?|[=~]=)$/.test(node.operator)
}

/** Never a table: `===` tells whether it is equal to anything. */
function isPlain(w: Writer, node: Expression): boolean {
  return /^(Nil|Boolean|String)Literal$/.test(node.type) || isNumber(w, node) || isBoolean(node)
}

export function lineOf(node: Expression | Statement): number {
  return node.loc?.start.line ?? 0
}
export function endOf(node: Expression | Statement): number {
  return node.loc?.end.line ?? 0
}
