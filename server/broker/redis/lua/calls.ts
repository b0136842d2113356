import type { CallExpression, Expression, StringCallExpression, TableCallExpression } from 'luaparse'
import { described, endOf, expression, list } from './expressions.ts'
import { quote, type Writer } from './writer.ts'

type Call = CallExpression | TableCallExpression | StringCallExpression

export function isCall(node: Expression): node is Call {
  return node.type === 'CallExpression' || node.type === 'TableCallExpression' || node.type === 'StringCallExpression'
}

/** Code of a call: all its results, as an array or as one value. */
export function callResult(w: Writer, node: Expression, isTail = false): string {
  if (!isCall(node)) return expression(w, node)
  const args =
    node.type === 'CallExpression'
      ? node.arguments
      : [node.type === 'TableCallExpression' ? node.arguments : node.argument]
  const { base } = node
  const isMethod = base.type === 'MemberExpression' && base.indexer === ':'
  const line = endOf(base)
  const site = { line, operands: [described(w, base)], callee: calleeOf(base), isMethod, isTail }
  if (isMethod && base.type === 'MemberExpression') {
    const object = expression(w, base.base)
    const index = w.mark({ line, operands: [described(w, base.base)] })
    const self = w.scope.take()
    const method = w.scope.take()
    const found = `${method}=${index}field(${self}=${object},${quote(base.identifier.name)})`
    const callee = `(typeof (${found})==="function"?${method}:callable(${method}))`
    w.scope.give(method)
    const rest = args.length === 0 ? '' : `,${list(w, args)}`
    w.scope.give(self)
    return `${callee}${w.mark(site)}(${self}${rest})`
  }
  const callee = expression(w, base)
  if (/^b\d+$/.test(callee)) return `${w.mark(site)}${callee}(${list(w, args)})`
  if (/^l\d+$/.test(callee)) {
    return `(typeof ${callee}==="function"?${callee}:callable(${callee}))${w.mark(site)}(${list(w, args)})`
  }
  const temporary = w.scope.take()
  const checked = `(typeof (${temporary}=${callee})==="function"?${temporary}:callable(${temporary}))`
  w.scope.give(temporary)
  return `${checked}${w.mark(site)}(${list(w, args)})`
}

/** What `bad argument` calls the function. */
function calleeOf(base: Expression): string | null {
  if (base.type === 'Identifier') return base.name
  if (base.type === 'MemberExpression') return base.identifier.name
  if (base.type === 'IndexExpression' && base.index.type === 'StringLiteral') return base.index.value
  return null
}
