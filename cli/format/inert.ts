/**
 * What a terminal could obey or be deceived by: C0 and C1 controls, DEL, line and paragraph separators, marks that are
 * invisible or turn the direction of writing, tags, and halves of surrogate pairs.
 */
const ACTIVE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be shown
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu

/** The same beyond what JSON escapes by itself. */
const ACTIVE_IN_JSON = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/** Text from a broker made safe to print on one line: escapes are shown (`\x1b[31m`), never sent. */
export function inert(text: string): string {
  return text.replace(ACTIVE, (char) => {
    const code = char.codePointAt(0) ?? 0
    if (code === 10) return '\\n'
    if (code === 9) return '\\t'
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** JSON or YAML text with what it does not escape by itself written as `\u009b`: the same value, inert on a terminal. */
export function inertJson(json: string): string {
  return json.replace(ACTIVE_IN_JSON, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function isInert(text: string): boolean {
  return text.search(ACTIVE) === -1
}
