import type {
  AssignmentStatement,
  Expression,
  ForGenericStatement,
  ForNumericStatement,
  FunctionDeclaration,
  LocalStatement,
  ReturnStatement,
  Statement,
} from 'luaparse'
import { callResult, isCall } from './calls.ts'
import { condition, described, endOf, expression, isMulti, lineOf, list, result } from './expressions.ts'
import type { FunctionScope } from './scopes.ts'
import { quote, type Writer } from './writer.ts'

const STEP = 'if(--m.steps<0)m.look();'

/** Code of a function from its declaration, or of the main function from its body. */
export function functionCode(w: Writer, node: FunctionDeclaration, isMethod: boolean): string {
  const hasVarargs = node.parameters.at(-1)?.type === 'VarargLiteral'
  const scope = w.enter(hasVarargs, lineOf(node))
  scope.open()
  const names: string[] = []
  if (isMethod) names.push('self')
  for (const parameter of node.parameters) if (parameter.type === 'Identifier') names.push(parameter.name)
  const parameters = names.map((name) => scope.declare(name, w.name(), scope.line).code)
  const code = wholeFunction(w, scope, parameters, node.body)
  scope.close()
  w.leave()
  return code
}

export function mainCode(w: Writer, body: readonly Statement[]): string {
  w.scope.open()
  return wholeFunction(w, w.scope, [], body)
}

function wholeFunction(
  w: Writer,
  scope: FunctionScope,
  parameters: readonly string[],
  body: readonly Statement[],
): string {
  const statements = block(w, body)
  const cost = `\x03${scope.id}\x04`
  const all = scope.hasVarargs ? [...parameters, '...va'] : parameters
  const temporaries = scope.temporaries.length === 0 ? '' : `let ${scope.temporaries.join(',')};`
  const arg =
    scope.argTable === null ? '' : `let ${scope.argTable.code}=${scope.usesVarargs ? 'undefined' : 'argTable(va)'};`
  const enter = `const k=${cost}${scope.hasVarargs ? '+8*va.length' : ''};if((m.depth+=k)>m.depthMax|--m.steps<0)${w.mark({ line: scope.line })}enter();`
  return `(function(${all.join(',')}){${enter}${temporaries}${arg}${statements}m.depth-=k;return NOTHING})`
}

/** Statements in a scope of their own; the caller writes the braces. */
function block(w: Writer, body: readonly Statement[], declare: () => string = () => ''): string {
  w.scope.open()
  const head = declare()
  const code = head + body.map((node) => statement(w, node)).join('')
  w.scope.close()
  return code
}

function statement(w: Writer, node: Statement): string {
  switch (node.type) {
    case 'LocalStatement':
      return local(w, node)
    case 'AssignmentStatement':
      return assignment(w, node)
    case 'CallStatement':
      return `${callResult(w, node.expression)};`
    case 'FunctionDeclaration':
      return functionStatement(w, node)
    case 'ReturnStatement':
      return returned(w, node)
    case 'BreakStatement':
      return 'break;'
    case 'DoStatement':
      return `{${block(w, node.body)}}`
    case 'IfStatement':
      return node.clauses
        .map((clause) =>
          clause.type === 'ElseClause'
            ? `{${block(w, clause.body)}}`
            : `if(${condition(w, clause.condition)}){${block(w, clause.body)}}`,
        )
        .join('else ')
    case 'WhileStatement':
      return `while(${condition(w, node.condition)}){${STEP}${block(w, node.body)}}`
    case 'RepeatStatement': {
      w.scope.open()
      const body = node.body.map((inner) => statement(w, inner)).join('')
      const code = `for(;;){${STEP}${body}if(${condition(w, node.condition)})break;}`
      w.scope.close()
      return code
    }
    case 'ForNumericStatement':
      return numericFor(w, node)
    case 'ForGenericStatement':
      return genericFor(w, node)
    default:
      throw new Error(`no code for ${node.type}`)
  }
}

function local(w: Writer, node: LocalStatement): string {
  const { variables, init } = node
  const names = variables.map(() => w.name())
  const code = bind(w, names, init)
  variables.forEach((variable, i) => {
    w.scope.declare(variable.name, names[i] ?? '', lineOf(variable))
  })
  return code
}

/** `let` of the names, from as many values as there are. */
function bind(w: Writer, names: readonly string[], values: readonly Expression[]): string {
  let code = ''
  values.forEach((value, i) => {
    const isLast = i === values.length - 1
    const name = names[i]
    if (isLast && isMulti(w, value) && names.length > values.length) {
      const all = w.name()
      code += `const ${all}=many(${result(w, value)});`
      for (let j = i; j < names.length; j++) code += `let ${names[j]}=${all}[${j - i}];`
    } else if (name === undefined) code += `${isCall(value) ? callResult(w, value) : `void ${expression(w, value)}`};`
    else code += `let ${name}=${expression(w, value)};`
  })
  const last = values.at(-1)
  if (last === undefined || !isMulti(w, last)) {
    for (const name of names.slice(values.length)) code += `let ${name};`
  }
  return code
}

function assignment(w: Writer, node: AssignmentStatement): string {
  const [target] = node.variables
  const [value] = node.init
  if (node.variables.length === 1 && node.init.length === 1 && target !== undefined && value !== undefined) {
    return assignOne(w, target, value)
  }
  const places = node.variables.map((variable) => {
    if (variable.type === 'Identifier') return { variable, object: '', key: '', code: '' }
    const object = w.name()
    const key = w.name()
    const code = `const ${object}=${expression(w, variable.base)},${key}=${keyOf(w, variable)};`
    return { variable, object, key, code }
  })
  const names = node.variables.map(() => w.name())
  const values = bind(w, names, node.init)
  const stores = places.map(({ variable, object, key }, i) =>
    variable.type === 'Identifier'
      ? setVariable(w, variable.name, names[i] ?? '', endOf(variable))
      : `${w.mark({ line: endOf(node), operands: [described(w, variable.base)] })}setIndex(${object},${key},${names[i]});`,
  )
  return `{${places.map(({ code }) => code).join('')}${values}${stores.reverse().join('')}}`
}

function assignOne(w: Writer, target: AssignmentStatement['variables'][number], value: Expression): string {
  if (target.type === 'Identifier') return setVariable(w, target.name, expression(w, value), endOf(value))
  const site = w.mark({ line: endOf(value), operands: [described(w, target.base)] })
  const object = expression(w, target.base)
  return `${site}setIndex(${object},${keyOf(w, target)},${expression(w, value)});`
}

function keyOf(w: Writer, node: Exclude<AssignmentStatement['variables'][number], { type: 'Identifier' }>): string {
  return node.type === 'MemberExpression' ? quote(node.identifier.name) : expression(w, node.index)
}

function setVariable(w: Writer, name: string, value: string, line: number): string {
  const target = w.find(name)
  if (target !== undefined) return `${target.code}=${value};`
  const kept = w.name()
  return `{const ${kept}=${value};${w.mark({ line })}setGlobal(${kept});}`
}

function functionStatement(w: Writer, node: FunctionDeclaration): string {
  const { identifier } = node
  if (identifier === null) return ''
  if (identifier.type === 'Identifier') {
    if (!node.isLocal) return setVariable(w, identifier.name, functionCode(w, node, false), endOf(identifier))
    const name = w.name()
    w.scope.declare(identifier.name, name, lineOf(identifier))
    return `let ${name};${name}=${functionCode(w, node, false)};`
  }
  const site = w.mark({ line: lineOf(identifier), operands: [described(w, identifier.base)] })
  const object = expression(w, identifier.base)
  const code = functionCode(w, node, identifier.indexer === ':')
  return `${site}setIndex(${object},${quote(identifier.identifier.name)},${code});`
}

function returned(w: Writer, node: ReturnStatement): string {
  const [only] = node.arguments
  if (only === undefined) return 'm.depth-=k;return NOTHING;'
  let value: string
  if (node.arguments.length > 1) value = `[${list(w, node.arguments)}]`
  else if (isCall(only) && !w.syntax.cut.has(only)) value = callResult(w, only, true)
  else value = result(w, only)
  return `{const r=${value};m.depth-=k;return r}`
}

function numericFor(w: Writer, node: ForNumericStatement): string {
  const line = lineOf(node)
  const bounds = [node.start, node.end, node.step].map((value) => (value === null ? '1' : expression(w, value)))
  const [from, to, by, counter] = [w.name(), w.name(), w.name(), w.name()]
  const checks = ['initial value', 'limit', 'step']
    .map((what, i) => `${w.mark({ line })}bound(${[from, to, by][i]},"${what}")`)
    .map((code, i) => `${[from, to, by][i]}=${code};`)
    .join('')
  const literal = node.step === null ? 1 : signOf(node.step)
  const up = `${counter}<=${to}`
  const down = `${counter}>=${to}`
  const test = literal === null ? `(${by}>0?${up}:${down})` : literal > 0 ? up : down
  const { name } = node.variable
  const body = block(w, node.body, () => {
    const variable = w.scope.declare(name, w.name(), line, !w.syntax.assigned.has(name))
    return `let ${variable.code}=${counter};`
  })
  const head = `let ${from}=${bounds[0]},${to}=${bounds[1]},${by}=${bounds[2]};${checks}`
  return `{${head}for(let ${counter}=${from};${test};${counter}+=${by}){${STEP}${body}}}`
}

function signOf(step: Expression): number | null {
  if (step.type === 'NumericLiteral') return step.value > 0 ? 1 : -1
  if (step.type === 'UnaryExpression' && step.operator === '-')
    return step.argument.type === 'NumericLiteral' ? -1 : null
  return null
}

function genericFor(w: Writer, node: ForGenericStatement): string {
  const line = lineOf(node)
  const [f, s, c, walk, found] = [w.name(), w.name(), w.name(), w.name(), w.name()]
  const head = bind(w, [f, s, c], node.iterators)
  const body = block(w, node.body, () => {
    const names = node.variables.map((variable) => w.scope.declare(variable.name, w.name(), line).code)
    const [key, value] = names
    const quick = `if(!${walk}.step())break;${key}=${walk}.key;${value === undefined ? '' : `${value}=${walk}.value;`}`
    const called = `(typeof ${f}==="function"?${f}:callable(${f}))${w.mark({ line })}(${s},${c})`
    const slow = names.map((name, i) => `${name}=${found}[${i}];`).join('')
    const next = `const ${found}=many(${called});${slow}if(${key}===undefined)break;${c}=${key};`
    return `let ${names.join(',')};if(${walk}!==null){${quick}}else{${next}}`
  })
  return `{${head}const ${walk}=walkOf(${f},${s},${c});for(;;){${STEP}${body}}}`
}
