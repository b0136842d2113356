import { Document, isScalar, Scalar, visit } from 'yaml'
import { inertJson, isInert } from './format/inert.ts'

/** A body as YAML. Loaded only when asked for: the library is larger than the rest of a plain command. */
export function toYaml(body: unknown): string {
  const document = new Document(body, { aliasDuplicateObjects: false })
  visit(document, {
    // Only in double quotes can what a terminal would obey be written as an escape.
    Scalar: (_, node) => {
      if (isScalar(node) && typeof node.value === 'string' && !isInert(node.value)) node.type = Scalar.QUOTE_DOUBLE
    },
  })
  return inertJson(document.toString({ lineWidth: 0 }))
}
