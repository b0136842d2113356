const PATTERN_LENGTH_MAX = 300

/**
 * An error's message without what differs from one failure to the next: numbers and ids become `#`, quoted parts `"…"`.
 * First line only. `timeout after 250 ms` → `timeout after # ms`.
 */
export function errorPattern(message: string): string {
  const [line = ''] = message.slice(0, PATTERN_LENGTH_MAX * 4).split('\n')
  return line
    .replace(/(?<!\w)'[^']{0,500}'(?!\w)|"[^"]{0,500}"|`[^`]{0,500}`/g, '"…"')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '#')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '#')
    .replace(/\d+(?:[.,:]\d+)*/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, PATTERN_LENGTH_MAX)
}
