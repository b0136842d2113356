/**
 * Takes what looks like a secret out of payloads before a person sees them. It is a net, not a proof: a secret under a
 * harmless name and in no known form passes.
 */

/** A value under such a key is never shown. Rather too much than too little: `monkey` is one, too. */
const SECRET_KEY = /pass|secret|token|auth|cookie|ssn|card|key/i

/** Values of known forms, wherever they stand. No pattern can be made to walk a text more than once. */
const SECRET_VALUES: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]{1,60}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,60}-----|$)/g, // PEM
  /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, // JSON Web Token
  /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/g, // AWS
  /(?<![\w-])(?:gh[pousr]_|xox[abprs]-|[rs]k_(?:live|test)_)[\w-]{10,}/g, // GitHub, Slack, Stripe
]
/** Forms of which only a part is secret: what stands before it is kept. */
const SECRET_PARTS: readonly RegExp[] = [
  /(?<![\w-])((?:Bearer|Basic) )([\w.~+/=-]{8,})/gi,
  /(?<![\w+.-])([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]{0,200}:)([^\s@/]{1,500})(?=@)/gi, // user:password@host
  /(?<![\w-])([\w-]{0,40}?(?:pass|secret|token|auth|cookie|ssn|card|key)[\w-]{0,40}=)([^\s&;,"']+)/gi,
]

/** Strings that are JSON themselves are looked into so deep. */
const DEPTH_MAX = 3

/** `[redacted 24 chars]` in place of what looks like a secret in any text, an error's for instance. */
export function redactText(text: string): string {
  let clean = text
  for (const pattern of SECRET_VALUES) clean = clean.replace(pattern, marker)
  for (const pattern of SECRET_PARTS) {
    clean = clean.replace(pattern, (all, head: string, secret: string) =>
      secret.startsWith('[redacted') ? all : head + marker(secret),
    )
  }
  return clean
}

/**
 * The same for JSON text, which may be cut off anywhere: values under keys that sound secret go as a whole, others by their
 * form. What is not redacted stays as it was, byte by byte; what was valid JSON stays so.
 */
export function redactJson(text: string): string {
  return redactNested(text, DEPTH_MAX)
}

/** The same for JSON text that was cut at so many bytes: what the cut left of a character of several bytes is no character. */
export function redactCut(text: string): string {
  return redactJson(text.replace(/\ufffd+$/, ''))
}

interface Container {
  readonly isObject: boolean
  /** It lies under a secret key. */
  readonly isSecret: boolean
  isKeyNext: boolean
  isValueSecret: boolean
}

const TOKEN = /"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|-?\d[\d.eE+-]*|[{}[\],]/g

function redactNested(text: string, depth: number): string {
  const open: Container[] = []
  return text.replace(TOKEN, (token) => {
    const inner = open.at(-1)
    const isSecret = inner !== undefined && (inner.isSecret || inner.isValueSecret)
    if (token === '{' || token === '[') {
      const isObject = token === '{'
      open.push({ isObject, isSecret, isKeyNext: isObject, isValueSecret: false })
      return token
    }
    if (token === '}' || token === ']') {
      open.pop()
      return token
    }
    if (token === ',') {
      if (inner?.isObject) {
        inner.isKeyNext = true
        inner.isValueSecret = false
      }
      return token
    }
    if (inner?.isKeyNext) {
      inner.isKeyNext = false
      inner.isValueSecret = SECRET_KEY.test(plain(token))
      return token
    }
    return redactValue(token, isSecret, depth)
  })
}

function redactValue(token: string, isSecret: boolean, depth: number): string {
  if (!token.startsWith('"')) return isSecret ? JSON.stringify(marker(token)) : token
  const value = plain(token)
  if (isSecret) return value === '' ? token : JSON.stringify(marker(value))
  const isJson = depth > 0 && /^\s*[[{]/.test(value)
  const clean = isJson ? redactNested(value, depth - 1) : redactText(value)
  return clean === value ? token : JSON.stringify(clean)
}

/** What a string token says; one that is cut off as far as it goes. */
function plain(token: string): string {
  try {
    return String(JSON.parse(token))
  } catch {
    return token.replace(/^"|"$/g, '')
  }
}

/** What is redacted already stays as it is: sources and the API both redact. */
function marker(secret: string): string {
  return /^\[redacted \d+ chars\]$/.test(secret) ? secret : `[redacted ${secret.length} chars]`
}
