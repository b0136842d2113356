/** Keys whose values are nobody's business, whatever they hold. */
const SECRET_KEY = /pass|secret|token|auth|cookie|ssn|card|api_?key|private_?key|credential/i
/** JSON web tokens, PEM blocks, AWS access keys. */
const SECRET_VALUE = /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|-----BEGIN [A-Z ]+-----[^"]*|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g
/** A string of JSON behind a key: also where the text is cut and is no JSON any more. */
const PAIR = /("(?:[^"\\]|\\.){1,200}")(\s*:\s*)("(?:[^"\\]|\\.)*("|$)|[\d.eE+-]+)/g

/** Arguments as JSON text, cut or whole, without what looks like a secret: `[redacted 24 chars]` in its place. */
export function redactArgs(text: string): string {
  const named = text.replace(PAIR, (whole, key: string, between: string, value: string) =>
    SECRET_KEY.test(key) ? `${key}${between}"${mark(value.replace(/^"|"$/g, ''))}"` : whole,
  )
  return named.replace(SECRET_VALUE, mark)
}

function mark(value: string): string {
  return `[redacted ${value.length} chars]`
}
