import { isInteger64 } from './integers.ts'

/** Redis keeps a string of up to this length in one piece with its header. */
const EMBEDDED_BYTES = 44

export function stringEncoding(text: string): 'int' | 'embstr' | 'raw' {
  return isInteger64(text) ? 'int' : text.length <= EMBEDDED_BYTES ? 'embstr' : 'raw'
}
